"""Every verb of the platform has a command, whatever its parameters are called."""

from __future__ import annotations

import pytest

from huitong.cli.commands import do
from huitong.cli.processes import CannotRun
from huitong.kernel import doing


def test_every_verb_gets_its_options_beside_those_of_the_command() -> None:
    doing.load()
    for verb in doing.VERBS.values():
        text = do.parser_of(verb).format_help()
        assert "--as-body" in text and all(
            f"--{name.replace('_', '-')}" in text for name in verb.given.model_fields
        ), verb.name


def test_who_acts_must_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUITONG_TOKEN", raising=False)
    with pytest.raises(CannotRun, match="--as USERNAME"):
        do.actor(None)
