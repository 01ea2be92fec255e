"""What the documents say is there is there: links, make targets, identifiers, sources of data."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from huitong.cli import names, parser_for

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        ROOT / "deploy" / "README.md",
        *ROOT.glob("src/**/data/README.md"),
    ]
)
SOURCE = "\n".join(p.read_text(encoding="utf-8") for p in ROOT.glob("src/**/*.py"))
TARGETS = set(
    re.findall(r"^([a-z][a-z-]*(?:%)?):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
)
PATH_IN_PROSE = re.compile(r"`((?:src|docs|tests|deploy|benchmarks)/[A-Za-z0-9_./-]+)`")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [
        link.split("#")[0]
        for link in re.findall(r"\]\(([^)]+)\)", text)
        if not link.startswith(("http", "#"))
    ]
    broken = [link for link in links if link and not (page.parent / link).exists()]
    broken += [path for path in PATH_IN_PROSE.findall(text) if not (ROOT / path).exists()]
    assert broken == [], f"{named(page)} points at {broken}: mend the page or add what it promises"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_make_targets_exist(page: Path) -> None:
    names = {
        target
        for line in re.findall(
            r"(?:^|`)make ([a-z][a-z-]*)", page.read_text(encoding="utf-8"), re.M
        )
        for target in [line]
        if f"{target.split('-')[0]}-%" not in TARGETS
    }
    assert names <= TARGETS, (
        f"{named(page)} names make targets that do not exist: {names - TARGETS}"
    )


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_and_their_options_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    commands = re.findall(r"`huitong ([^`]+)`", text) + re.findall(
        r"^(?:as_)?huitong ([a-z].*)$", text, re.M
    )
    for words in (line.replace("\n", " ").split() for line in commands):
        if words[0].startswith("-"):
            continue
        assert words[0] in names(), f"{named(page)}: `huitong {words[0]}` does not exist"
        if words[0] not in ("do", "manage"):  # they hand their options on
            flags = {word for word in words if word.startswith("--")}
            assert flags <= set(options_of(parser_for(words[0]))), (
                f"{named(page)}: `huitong {' '.join(words)}`"
            )


def options_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from options_of(below)


def test_every_identifier_of_the_glossary_is_in_the_code() -> None:
    rows = [
        line.split("|")
        for line in (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    terms = {
        term for row in rows if len(row) == 5 for term in re.findall(r"`([A-Za-z_.]+)`", row[2])
    }
    assert {"Body", "Case", "Post.OPERATOR"} <= terms
    missing = sorted(
        t for t in terms if not re.search(rf"\b{re.escape(t.rpartition('.')[2])}\b", SOURCE)
    )
    assert missing == [], (
        f"docs/glossary.md names {missing}, which the code does not know: use the code's word or"
        " change the code"
    )


def test_every_shipped_table_says_where_it_comes_from() -> None:
    for table in ROOT.glob("src/**/data/*.csv"):
        readme = table.parent / "README.md"
        assert readme.exists() and table.name in readme.read_text(encoding="utf-8"), (
            f"{named(table)}: say in {named(readme)} what it holds,"
            " where it comes from and under which licence"
        )


def test_the_laws_side_by_side_are_read_from_the_tables():
    from huitong.cli.commands.procedures import side_by_side
    from huitong.kernel import doing

    doing.load()
    text = (ROOT / "docs" / "laws.md").read_text(encoding="utf-8")
    assert text == side_by_side(doing.PROCEDURES), "run `make docs`"


def test_the_procedures_page_is_read_from_the_tables():
    from huitong.cli.commands.procedures import markdown
    from huitong.kernel import doing

    doing.load()
    tables = [
        t
        for laws in doing.PROCEDURES.values()
        for t in laws.values()
        if not t.kind.startswith(("room", "probe", "consultation", "change", "campaign"))
    ]
    assert (ROOT / "docs" / "procedures.md").read_text(encoding="utf-8") == markdown(tables), (
        "run `make docs`"
    )


def test_every_decision_is_in_the_list():
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(
        r"\]\((0\d{3}-[a-z-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")
    )
    assert listed == sorted(p.name for p in folder.glob("0*.md")), (
        "docs/decisions/README.md: one line for each record, in order"
    )
