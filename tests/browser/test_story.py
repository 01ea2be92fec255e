"""The main job by clicking: every post of the cast signs in and carries its human steps, from a
scan to the ledger (A3, A7-A30, A34).

On a really running platform: `huitong demo --no-story` as a child, with its database, the
departments' databases, web, worker, shaping and Envoy. Every page is looked at once (see
`Desk.look`). Nothing is done here that a person could not do with a mouse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.browser.desk import Desk
from tests.browser.story.applying import accept, apply
from tests.browser.story.cataloging import adoption_and_divisions, databases, insurance, marriage
from tests.browser.story.mounting import mounts
from tests.browser.story.using import decide, end, use, without_scripts
from tests.installation import Installation


@pytest.fixture(scope="module")
def city() -> Iterator[Installation]:
    """The made-up city on free ports, its story not yet told."""
    site = Installation(None, "demo", "--no-story", "--no-past")
    try:
        yield site.start(patience=180)
    finally:
        site.__exit__()


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """What the consoles complained of, and what left this host: nothing."""
    messages: list[str] = []
    yield messages
    # Chromium's own PDF viewer
    own = [
        line for line in messages if "chrome-extension://" not in line and "chrome://" not in line
    ]
    assert not own, "\n".join(own)


@pytest.fixture
def sit(
    city: Installation, browser: Browser, browser_context_args: dict[str, Any], problems: list[str]
) -> Iterator[Callable[..., Desk]]:
    """``sit("mz_operator")``: that person's desk, signed in at the first call."""
    password = re.search(
        r"password of all: (\S+)", (city.folder / "run" / "demo-accounts").read_text()
    )
    assert password
    desks: dict[str, Desk] = {}

    def at(user: str, **more: Any) -> Desk:
        key = f"{user}{more or ''}"
        if key not in desks:
            desks[key] = Desk(
                browser,
                city.url.rstrip("/"),
                user,
                password[1],
                browser_context_args | more,
                problems,
            ).sign_in()
        return desks[key]

    yield at
    for desk in desks.values():
        desk.context.close()


@pytest.mark.slow
def test_the_story_is_told_by_clicking(city: Installation, sit: Callable[..., Desk]) -> None:
    databases(city, sit)
    marriage(sit)
    adoption_and_divisions(sit)
    insurance(city, sit)
    mounts(sit)
    apply(city, sit)
    accept(sit)
    decide(sit)
    use(sit)
    end(sit)
    without_scripts(sit)
