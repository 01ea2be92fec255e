"""One name a thing: what clerks read holds none of the names the glossary has settled against.

Looked at are templates without their tags and comments, the texts of the code (docstrings are
English, and for colleagues), and tables of data. What the law says is quoted as it says it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.architecture.test_layout import ROOT

SOURCE = ROOT / "src/huitong"
HAN = re.compile("[\u3400-\u9fff]")
#: words of the law, of standards, of the state's own registers: quoted, not chosen
QUOTED = {
    "kernel/data/laws.csv",
    "kernel/data/limits.csv",
    "documents/data/articles.csv",
    "documents/data/kinds.csv",
    "cli/data/regulation.toml",
    "organizations/data/nantong_bodies.csv",
    "organizations/data/duties_matters.csv",
    "organizations/data/divisions.csv",
    "work/rules/markings.py",  # phrases looked for in what others write
    "access/data/application.typ",  # the paper, as offices are used to it
    "scope/suggest.py",  # names of columns in databases
}
#: where one of the names is part of another word, or of a name outside
ELSEWHERE = re.compile("申请单位|接口令牌")


def settled() -> dict[str, str]:
    """Each avoided name with the one to use, from docs/glossary.md."""
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    table = text.split("## Settled names", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    return {
        name.strip(): use.strip()
        for use, avoided, *_ in rows
        if use.strip() != "用"
        for name in avoided.split("、")
    }


AVOIDED = settled()


def texts_of(path: Path) -> Iterator[tuple[int, str]]:
    """What a file says to people, with line numbers."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        tree = ast.parse(source)
        documents = {
            node.body[0].value
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and node not in documents else None
            if isinstance(text, str):
                yield node.lineno, text
        return
    if path.suffix == ".html":
        for pattern in (r"(?s)\{% comment %\}.*?endcomment %\}", r"\{#.*?#\}", r"(?s)<!--.*?-->"):
            source = re.sub(pattern, lambda m: "\n" * m[0].count("\n"), source)
    yield from enumerate(source.splitlines(), 1)


def faults(name: str, line: int, text: str) -> Iterator[str]:
    if not HAN.search(text):
        return
    own = ELSEWHERE.sub("", text)
    for avoided, use in AVOIDED.items():
        if avoided in own:
            yield f"{name}:{line}: “{avoided}”：应称“{use}” (docs/glossary.md, Settled names)"


def own_texts() -> list[Path]:
    return [
        path
        for pattern in ("*.py", "*.html", "*.txt", "*.csv", "*.toml", "*.typ", "*.js")
        for path in sorted(SOURCE.rglob(pattern))
        if not {"tests", "migrations", "vendor", "demo"} & set(path.relative_to(SOURCE).parts)
        and str(path.relative_to(SOURCE)) not in QUOTED
    ]


def test_no_page_label_or_message_uses_an_avoided_name() -> None:
    paths = own_texts()
    assert len(paths) > 400
    bad = [
        fault
        for path in paths
        for line, text in texts_of(path)
        for fault in faults(str(path.relative_to(ROOT)), line, text)
    ]
    assert not bad, f"{len(bad)}\n" + "\n".join(bad)


def test_a_settled_name_is_not_avoided_itself() -> None:
    assert not set(AVOIDED) & set(AVOIDED.values())
    assert AVOIDED["口令"] == "密码" and len(AVOIDED) > 30


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("a.html", "<b>修改口令</b>", True),
        ("a.html", "{# 口令 #}<b>密码</b>", False),
        ("a.html", '<c-th label="工作台" />', True),
        ("a.py", 'x = Field(title="新口令")', True),
        ("a.py", 'x = f"{y}的口令"', True),
        ("a.py", '"""口令 is what the law says."""', False),
        ("a.csv", "PASSWORD,口令", True),
    ],
)
def test_the_look_sees_what_it_should(file: str, text: str, fault: bool, tmp_path: Path) -> None:
    path = tmp_path / file
    path.write_text(text, encoding="utf-8")
    assert fault is any(True for line, words in texts_of(path) for _ in faults(file, line, words))
