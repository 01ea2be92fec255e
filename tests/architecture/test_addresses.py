"""Addresses go by name: a page that moves takes its links with it, and a link to no page fails."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import Resolver404, resolve
from tests.each import each

import huitong

SOURCE = Path(huitong.__file__).parent
#: where addresses are given their names, and where spaces of addresses are opened or closed
GIVING = {"urls.py", "api.py", "middleware.py", "settings.py"}
#: these speak to a running platform from outside, as anybody's program does
OUTSIDE = {"cli"}
PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


def leads_somewhere(path: str) -> bool:
    """Whether one of our pages answers at this address, numbers in place of what is filled in."""
    if not re.match(r"/\w", path):
        return False
    try:
        return bool(resolve(re.split(r"[?#]", path)[0]))
    except Resolver404:
        return False


def literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    parts = {id(n) for j in ast.walk(tree) if isinstance(j, ast.JoinedStr) for n in j.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            texts = [str(n.value) if isinstance(n, ast.Constant) else "1" for n in node.values]
            yield node.lineno, "".join(texts)
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
        ):
            yield node.lineno, node.value


PYTHON = [
    path
    for path in sorted(SOURCE.rglob("*.py"))
    if not {"tests", "migrations", *OUTSIDE} & set(path.relative_to(SOURCE).parts)
    and path.name not in GIVING
]


@each(PYTHON)
def test_python_names_addresses(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    written = [(line, text) for line, text in literals(tree) if leads_somewhere(text)]
    assert not written, f'{path.name}: use reverse("context:page", args=[…]) instead of {written}'


@each(sorted(SOURCE.rglob("*.html")))
def test_templates_name_addresses(path: Path) -> None:
    texts = re.findall(r"[\"'(=](/\w[^\"']*)[\"']", path.read_text(encoding="utf-8"))
    written = [text for text in texts if leads_somewhere(PLACEHOLDER.sub("1", text))]
    assert not written, f"{path.name}: use {{% url 'context:page' … %}} instead of {written}"
