"""Templates of the whole repository: nothing inline (the CSP would refuse it), components
documented, icons there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from tests.each import each

ROOM = Path(__file__).resolve().parents[1]
TEMPLATES = sorted(path for path in ROOM.parent.rglob("templates/**/*.html"))
COMPONENTS = sorted((ROOM / "templates/cotton").glob("*.html"))
#: drawn inside other components or base.html, not by pages
INNER = {"flash"}

INLINE = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "a script without src": re.compile(
        r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>"
    ),
    "an inline handler": re.compile(r"<[^>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*="),
    "a javascript: address": re.compile(r"(?:href|action|src)\s*=\s*[\"']\s*javascript:", re.I),
    "a file from another host": re.compile(
        r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(?:https?:)?//"
    ),
    "an attribute Chromium 90 lacks": re.compile(r"<[^>]*\s(?:popover|inert)(?=[\s>=])"),
}


def tagged(text: str) -> str:
    """The markup without comments, and without template tags, which may hold `>` and quotes of
    their own."""
    text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}", "", text, flags=re.S)
    return re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "_", text, flags=re.S)


def short(path: Path) -> str:
    return str(path.relative_to(ROOM.parent))


@each(TEMPLATES)
def test_template_holds_nothing_inline(path: Path) -> None:
    text = tagged(path.read_text("utf-8"))
    matches = {
        name: matches.group(0)[:80]
        for name, pattern in INLINE.items()
        if (matches := pattern.search(text))
    }
    assert not matches, f"put styles into a class, scripts into a file of static/: {matches}"


@pytest.mark.parametrize(
    "bad",
    [
        '<p style="color:red">',
        "<script>x()</script>",
        '<a onclick="x()">',
        '<form hx-on:submit="x">',
        '<a href="javascript:x">',
        '<script src="https://cdn.example/x.js">',
        "<div popover>",
    ],
)
def test_the_check_would_notice(bad: str) -> None:
    assert any(pattern.search(tagged(bad)) for pattern in INLINE.values())


HALF_WIDTH = re.compile(r"[\u3400-\u9fff][,;:!?(]|[,;:!?)][\u3400-\u9fff]")


@each(TEMPLATES)
def test_chinese_is_written_in_chinese_punctuation(path: Path) -> None:
    lines = [
        line.strip()[:120]
        for line in tagged(path.read_text("utf-8")).splitlines()
        if HALF_WIDTH.search(line)
    ]
    assert not lines, "，；：！？（） between Chinese characters"


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_component_is_documented_and_shown(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith(("{#", "{% comment %}")), "the first lines say what the parameters are"
    name = "c-" + path.stem.replace("_", "-")
    assert re.search(rf"[`<]{name}\b", (ROOM / "README.md").read_text("utf-8")), (
        f"{name} is missing in ui/README.md"
    )
    pages = "".join(p.read_text("utf-8") for p in (ROOM / "templates").rglob("*.html") if p != path)
    guide = (ROOM / "templates/ui/styleguide.html").read_text("utf-8")
    assert (
        path.stem in INNER
        or re.search(rf"<{name}[\s>/]", guide)
        or re.search(rf"<{name}[\s>/]", pages)
    ), f"{name} is nowhere drawn"


def test_every_component_used_exists() -> None:
    components = {"c-" + path.stem.replace("_", "-") for path in COMPONENTS} | {"c-vars", "c-slot"}
    components |= {
        "c-" + path.stem.replace("_", "-") for path in TEMPLATES if path.parent.name == "cotton"
    }
    used = {
        (short(path), name)
        for path in TEMPLATES
        for name in re.findall(r"<(c-[a-z0-9-]+)", path.read_text("utf-8"))
    }
    assert not {(path, name) for path, name in used if name not in components}


def test_every_icon_used_is_in_the_sprite() -> None:
    record = tomllib.loads((ROOM / "static/vendor/VENDOR.toml").read_text("utf-8"))
    icons = {
        icon
        for package in record["package"]
        for file in package["files"]
        for icon in file.get("icons", [])
    }
    used = {
        (short(path), icon)
        for path in TEMPLATES
        for icon in re.findall(r'<c-icon name="([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    missing = {(path, icon) for path, icon in used if icon not in icons}
    assert not missing, "add the icon in static/vendor/VENDOR.toml and run `make css`"
