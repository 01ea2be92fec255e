"""Static files: others' code is what it claims to be, and everything runs on the oldest browser civil servants have."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

ROOM = Path(__file__).resolve().parents[1]
VENDOR = ROOM / "static" / "vendor"
RECORD = tomllib.loads((VENDOR / "VENDOR.toml").read_text("utf-8"))
FILES = {file["name"]: file for package in RECORD["package"] for file in package["files"]}

#: CSS that Chromium 90 does not know: a page styled with it comes out without borders, links and buttons
TOO_NEW_CSS = re.compile(r"color-mix\(|light-dark\(|oklch\(|oklab\(|:has\(|@layer|@container|@property|:is\([^)]*:has")
#: syntax and methods that came after ES2020 or after Chromium 90
TOO_NEW_JS = re.compile(
    r"\?\?=|\|\|=|&&=|\d_\d|static \{|\.at\(|\.replaceAll\(|structuredClone|Object\.hasOwn|\.findLast|\.toSorted|\.toSpliced|#\w+\s*[=(;]"
    r"|Array\.fromAsync|Promise\.withResolvers|showPopover|\.inert\b|import\.meta"
)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_every_vendored_file_is_recorded_and_every_record_is_there() -> None:
    here = {path.name for path in VENDOR.iterdir()} - {"VENDOR.toml"}
    assert here == set(FILES), "static/vendor and VENDOR.toml differ; record the file there and run `make css`"


@pytest.mark.parametrize("name", FILES)
def test_vendored_file_has_its_recorded_hash(name: str) -> None:
    assert digest((VENDOR / name).read_bytes()) == FILES[name]["sha256"], f"{name} was edited by hand; change its source and run `make css`"


def test_style_sheet_was_compiled_from_the_present_source() -> None:
    file = FILES["bootstrap.css"]
    assert digest((ROOM / file["scss"]).read_bytes()) == file["scss_sha256"], "gov.scss changed; run `make css`"


@pytest.mark.parametrize("package", RECORD["package"], ids=lambda package: package["name"])
def test_vendored_package_names_version_licence_and_origin(package: dict[str, str]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert package["licence"] in {"MIT", "0BSD", "Apache-2.0", "BSD-3-Clause", "ISC"}
    assert re.fullmatch(r"[0-9a-f]{64}", package["tarball"])
    assert package["copyright"]


@pytest.mark.parametrize("path", sorted((ROOM / "static").rglob("*.css")), ids=lambda path: path.name)
def test_css_stays_above_the_browser_floor(path: Path) -> None:
    assert not TOO_NEW_CSS.findall(re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S))


@pytest.mark.parametrize("path", sorted((ROOM / "static/ui/js").glob("*.js")), ids=lambda path: path.name)
def test_own_scripts_are_es2020(path: Path) -> None:
    assert not TOO_NEW_JS.findall(path.read_text("utf-8"))


@pytest.mark.parametrize("source", ["a ||= b", "x.at(-1)", "s.replaceAll('a', 'b')", "1_000", "class A { #x = 1; }"])
def test_the_check_would_notice(source: str) -> None:
    assert TOO_NEW_JS.search(source)


def test_files_stay_small() -> None:
    """A normal page is about 70 KB compressed; this is where growth is noticed."""
    sizes = {path.name: path.stat().st_size for path in (ROOM / "static").rglob("*") if path.is_file()}
    assert sum(sizes.values()) < 450_000, sizes
