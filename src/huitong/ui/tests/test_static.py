"""Static files: others' code is what it claims to be, and everything runs on the oldest browser
civil servants have."""

from __future__ import annotations

import gzip
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from huitong.ui.assets import Addresses

ROOM = Path(__file__).resolve().parents[1]
VENDOR = ROOM / "static" / "vendor"
RECORD = tomllib.loads((VENDOR / "VENDOR.toml").read_text("utf-8"))
FILES = {file["name"]: file for package in RECORD["package"] for file in package["files"]}

#: CSS that Chromium 90 does not know: a page styled with it comes out without borders, links and
#: buttons
TOO_NEW_CSS = re.compile(
    r"color-mix\(|light-dark\(|oklch\(|oklab\(|:has\("
    r"|@layer|@container|@property|@scope|@starting-style|\d[dsl]v[hwb]\b|\d[dsl]vmin"
    r"|@media[^{]*[<>]=?"
    r"|[{;]\s*(?:translate|rotate|scale|inset-inline|field-sizing|text-wrap)\s*:|[{;]\s*&"
)
#: syntax and methods that came after ES2020 or after Chromium 90
TOO_NEW_JS = re.compile(
    r"\?\?=|\|\|=|&&=|\d_\d|static \{|#\w+\s*[=(;]"
    r"|\.at\(|\.replaceAll\(|structuredClone|Object\.hasOwn|\.findLast|\.toSorted|\.toSpliced"
    r"|Array\.fromAsync|Promise\.withResolvers|showPopover|\.inert\b|import\.meta"
)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_every_vendored_file_is_recorded_and_every_record_is_there() -> None:
    files = {path.name for path in VENDOR.iterdir()} - {"VENDOR.toml"}
    assert files == set(FILES), (
        "static/vendor and VENDOR.toml differ; record the file there and run `make css`"
    )


@pytest.mark.parametrize("name", FILES)
def test_vendored_file_has_its_recorded_hash(name: str) -> None:
    assert digest((VENDOR / name).read_bytes()) == FILES[name]["sha256"], (
        f"{name} was edited by hand; change its source and run `make css`"
    )


def test_style_sheet_was_compiled_from_the_present_source() -> None:
    file = FILES["bootstrap.css"]
    assert digest((ROOM / file["scss"]).read_bytes()) == file["scss_sha256"], (
        "gov.scss changed; run `make css`"
    )


@pytest.mark.parametrize("package", RECORD["package"], ids=lambda package: package["name"])
def test_vendored_package_names_version_licence_and_origin(package: dict[str, str]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert package["licence"] in {"MIT", "0BSD", "Apache-2.0", "BSD-3-Clause", "ISC"}
    assert re.fullmatch(r"[0-9a-f]{64}", package["tarball"])
    assert package["copyright"]


@pytest.mark.parametrize(
    "path", sorted(ROOM.parent.rglob("static/**/*.css")), ids=lambda path: path.name
)
def test_css_stays_above_the_browser_floor(path: Path) -> None:
    assert not TOO_NEW_CSS.findall(re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S))


@pytest.mark.parametrize(
    "path",
    sorted(p for p in ROOM.parent.rglob("static/**/*.js") if p.parent != VENDOR),
    ids=lambda path: path.name,
)
def test_own_scripts_are_es2020(path: Path) -> None:
    assert not TOO_NEW_JS.findall(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "source",
    [
        "a { & b { top: 0 } }",
        "a { height: 100dvh }",
        "@media (width >= 40rem) {}",
        "a { top: 0; rotate: 3deg }",
    ],
)
def test_the_check_of_css_would_notice(source: str) -> None:
    assert TOO_NEW_CSS.search(source)


@pytest.mark.parametrize(
    "source", ["a ||= b", "x.at(-1)", "s.replaceAll('a', 'b')", "1_000", "class A { #x = 1; }"]
)
def test_the_check_would_notice(source: str) -> None:
    assert TOO_NEW_JS.search(source)


def test_files_stay_small() -> None:
    """A normal page is about 70 KB compressed; this is where growth is noticed. Charts and the
    combobox come only with pages that have one."""
    seldom = {"echarts.min.js", "accessible-autocomplete.min.js"}
    sizes = {
        path.name: path.stat().st_size
        for path in (ROOM / "static").rglob("*")
        if path.is_file() and path.name not in seldom
    }
    assert sum(sizes.values()) < 450_000, sizes


def fetched(client: Client, address: str, **headers: str) -> tuple[Any, bytes]:
    answer = client.get(
        address, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_page_asks_for_style_sheets_by_their_content_and_keeps_them(client: Client) -> None:
    page = client.get("/account/login/").content.decode()
    address = re.search(r'href="(/static/ui/css/gov\.css\?([0-9a-f]{8}))"', page)
    assert address and address[2] == digest((ROOM / "static/ui/css/gov.css").read_bytes())[:8]
    (long, _), (guessed, _) = (
        fetched(client, address[1]),
        fetched(client, "/static/ui/css/gov.css?00000000"),
    )
    assert "immutable" in long.headers["Cache-Control"]
    assert guessed.headers["Cache-Control"] == "max-age=60, public", (
        "what is not the address of this content is soon asked for again"
    )


def test_style_sheets_come_compressed_to_those_who_take_it(client: Client) -> None:
    plain, whole = fetched(client, "/static/vendor/bootstrap.css")
    small, packed = fetched(client, "/static/vendor/bootstrap.css", Accept_Encoding="gzip, br")
    assert (
        whole == (VENDOR / "bootstrap.css").read_bytes() and "Content-Encoding" not in plain.headers
    )
    assert small.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed) == whole
    assert int(small.headers["Content-Length"]) == len(packed) < len(whole) / 4
    assert plain.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"
    assert small.headers["Content-Type"] == plain.headers["Content-Type"]


def test_what_is_there_already_is_not_sent_again(client: Client) -> None:
    first, _ = fetched(client, "/static/ui/css/gov.css", Accept_Encoding="gzip")
    again, content = fetched(
        client,
        "/static/ui/css/gov.css",
        Accept_Encoding="gzip",
        If_None_Match=first.headers["ETag"],
    )
    assert (again.status_code, content) == (304, b"")


def test_a_file_that_is_not_there_is_noticed_where_it_is_named() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        Addresses().url("ui/nowhere.css")
