"""What an act leaves in the ledger has a word, wherever it is written.

`tests/journeys/test_the_ledger_in_words.py` reads entries as people do; here is checked what no
journey passes.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

from django.db import models
from tests.each import each

import huitong
from huitong.audit.rules.reading import FACTS, object_words
from huitong.kernel import doing
from huitong.work.rules import Find, Pick, shape_of

doing.load()
SOURCE = Path(huitong.__file__).parent
FILES = [
    path
    for path in sorted(SOURCE.rglob("*.py"))
    if not {"tests", "migrations", "demo"} & set(path.relative_to(SOURCE).parts)
]
TITLED = {
    (inspect.getsourcefile(run), run.__name__): set(verb.given.model_fields)
    for verb in doing.VERBS.values()
    for run in [inspect.unwrap(verb.run)]
}


def noted_in(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Each fact a piece of code notes of an act or leaves in a case, with its value."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="note" | "was"), keywords=given):
                pairs = [(word.arg, word.value) for word in given if word.arg]
            case ast.AugAssign(target=ast.Attribute(attr="facts"), value=value):
                pairs = [("facts", value)]
            case ast.Assign(targets=[ast.Attribute(attr="facts")], value=value):
                pairs = [("facts", value)]
            case ast.Assign(
                targets=[
                    ast.Subscript(value=ast.Attribute(attr="facts"), slice=ast.Constant(value=key))
                ],
                value=value,
            ):
                pairs = [(str(key), value)]
            case _:
                continue
        for name, value in pairs:
            yield name, value
            yield from _parts(value)


def _parts(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(value):
        if isinstance(node, ast.Dict):
            for key, part in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant):
                    yield str(key.value), part


@each(FILES)
def test_every_fact_of_an_act_has_a_word(path: Path) -> None:
    """It stands in a table, or is the title of a field of the verb that notes it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        own = (str(path), node.name) if isinstance(node, ast.FunctionDef) else ("", "")
        nameless = sorted(
            {name for name, _ in noted_in(node)} - set(FACTS) - TITLED.get(own, set())
        )
        assert not nameless, f"{nameless}: name them in audit/data/ledger_words.csv"


@each(FILES)
def test_a_count_is_not_read_as_the_number_of_a_row(path: Path) -> None:
    """One word means one thing: what is counted here is no body and no row there."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    counting = {"len", "sum"} | {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == "int"
    }
    for name, value in noted_in(tree):
        counts = isinstance(value, ast.Call) and ast.unparse(value.func) in counting
        held = FACTS[name].holds if name in FACTS else ""
        assert not counts or held not in ("body", "number"), (
            f"{name} counts here, but audit/data/ledger_words.csv reads it as a {held}"
        )


#: what is chosen by a number people know, and what other acts note a count or a text of
KNOWN_NUMBERS = {"months", "version", "entries", "standard"}
CHOSEN = [
    (f"{verb.name}.{name}", name)
    for verb in doing.VERBS.values()
    if inspect.unwrap(verb.run).__module__.startswith("huitong.")
    for name, field in verb.given.model_fields.items()
    for shape in [shape_of(field)]
    if name not in KNOWN_NUMBERS and shape.base is int and (shape.mark(Pick) or shape.mark(Find))
]


@each(CHOSEN)
def test_a_chosen_row_is_no_bare_number(chosen: tuple[str, str]) -> None:
    """A body is named, any other row has its number said to be one."""
    place, name = chosen
    assert name in FACTS and FACTS[name].holds in ("body", "number"), (
        f"{place}: say in audit/data/ledger_words.csv whether {name} holds a body or a number"
    )


def objects() -> set[type[models.Model]]:
    """What our verbs are done to, as they say themselves."""
    returned = set()
    for verb in doing.VERBS.values():
        run = inspect.unwrap(verb.run)
        if run.__module__.startswith("huitong."):
            kind = get_type_hints(run)["return"]
            returned |= {kind, *get_args(kind)}
    return {kind for kind in returned if isinstance(kind, type) and issubclass(kind, models.Model)}


@each(objects())
def test_every_object_of_an_act_has_a_word(model: type[models.Model]) -> None:
    label = model._meta.label_lower
    assert not object_words(label).startswith("其他"), f"{label}: name it in audit/rules/reading.py"
