"""What lies in `deploy/` fits the product: a unit for every part, settings that exist, a proxy
the parts understand."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest

from huitong.cli import names
from huitong.cli.parts import RECIPES

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = {path.name: path for path in (DEPLOY / "systemd").glob("*.service")}


def read(path: Path) -> ConfigParser:
    """A unit as systemd reads it; a setting given twice keeps its last value."""
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(path.read_text(encoding="utf-8"))
    return unit


def test_every_part_has_its_unit_and_the_target_wants_them() -> None:
    parts = {f"huitong-{recipe.name}.service" for recipe in RECIPES}
    assert set(UNITS) == parts | {"huitong-migrate.service"}
    units = read(DEPLOY / "systemd" / "huitong.target")["Unit"]["Wants"].split()
    assert set(units) == parts


@pytest.mark.parametrize("name", sorted(UNITS))
def test_a_unit_runs_a_command_there_is_and_stops_with_the_target(name: str) -> None:
    unit = read(UNITS[name])
    program, command, *_ = unit["Service"]["ExecStart"].split()
    assert program == "/opt/huitong/.venv/bin/huitong" and command in names()
    assert unit["Unit"]["PartOf"] == "huitong.target"


def test_the_data_plane_starts_without_the_database() -> None:
    for part in ("gateway", "shaping"):
        unit = read(UNITS[f"huitong-{part}.service"])["Unit"]
        assert not {"Requires", "After", "BindsTo"} & set(unit), (
            f"huitong-{part} has to serve while a migration fails"
        )
    for part in ("web", "worker", "index"):
        assert (
            read(UNITS[f"huitong-{part}.service"])["Unit"]["Requires"] == "huitong-migrate.service"
        )


def test_only_the_migration_is_given_the_owners_address() -> None:
    knows = {
        path.name
        for path in (DEPLOY / "systemd").rglob("*")
        if path.is_file() and "huitong-owner.env" in path.read_text()
    }
    assert knows == {"huitong-migrate.service"}
    assert "DATABASE_OWNER_URL" not in (DEPLOY / "huitong.env.example").read_text()


def test_the_settings_of_the_example_are_documented_and_its_folder_is_writable() -> None:
    settings = dict(
        re.findall(
            r"^([A-Z_]+)=(.*)$", (DEPLOY / "huitong.env.example").read_text(encoding="utf-8"), re.M
        )
    )
    page = (DEPLOY.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in settings if f"`{name}`" not in page] == []
    common = read(DEPLOY / "systemd" / "huitong-.service.d" / "common.conf")["Service"]
    assert settings["HUITONG_DATA"] == f"/var/lib/{common['StateDirectory']}"
    assert settings["HUITONG_CHECKPOINT_DIRS"] in common["ReadWritePaths"]


def test_the_proxy_speaks_what_envoy_takes_and_names_the_caller() -> None:
    text = (DEPLOY / "nginx.conf.example").read_text(encoding="utf-8")
    assert "proxy_http_version 1.1;" in text, "Envoy answers HTTP/1.0, nginx's usual, with 426"
    for port in (8800, 8810):
        assert f"proxy_pass http://127.0.0.1:{port};" in text, (
            "no path after the port: it would be rewritten"
        )
    assert text.count("proxy_set_header X-Forwarded-For $remote_addr;") == 2, (
        "appending would believe what the caller wrote"
    )
    assert text.count("proxy_buffer_size 8k;") == 2, (
        "headers of data beside a server's own; with 16k alone nginx refuses to start"
    )
