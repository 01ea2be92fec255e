"""What records that data were delivered is evidence, so no verb that anybody may call by name
does it (A30, A34)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import huitong
from huitong.kernel import doing
from huitong.kernel.actor import SYSTEM

SOURCE = Path(huitong.__file__).parent
#: the one act that writes delivery facts; all others come to it
RECORDING = "report_delivery"


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if "tests" not in path.parts and "migrations" not in path.parts:
            yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text())


def called(node: ast.AST) -> set[str]:
    """Every name in a function: what it calls, or hands on to be called later."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


def recording_verbs() -> set[str]:
    """The verbs whose functions come to `RECORDING`, by the calls in their sources."""
    recording: set[str] = set()
    for name, module in modules():
        functions = {n.name: n for n in module.body if isinstance(n, ast.FunctionDef)}
        reaching = {RECORDING}
        while more := {
            f for f, node in functions.items() if f not in reaching and called(node) & reaching
        }:
            reaching |= more
        verbs = {
            f
            for f in reaching & set(functions)
            if any(called(d) & {"recorded", "step"} for d in functions[f].decorator_list)
        }
        recording |= {f"{name.split('/actions')[0].rpartition('/')[2]}.{verb}" for verb in verbs}
    return recording


def test_only_one_act_writes_delivery_facts() -> None:
    writers = {
        (name, node.name)
        for name, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef)
        and "DeliveryFact" in called(node)
        and called(node)
        & {"create", "get_or_create", "update_or_create", "bulk_create", "save", "update"}
    }
    assert writers == {("access/actions/deliveries.py", RECORDING)}


def test_no_verb_that_records_a_delivery_is_offered() -> None:
    doing.load()
    verbs = recording_verbs()
    assert {
        "access.report_delivery",
        "files.download",
        "files.download_by_machine",
        "tables.finish",
        "gateway.record_calls",
    } <= verbs
    assert not {name for name in verbs if doing.VERBS[name].offered}, (
        "make it inner, or the platform's own: what counts is what left"
    )
    for name in verbs:
        verb = doing.VERBS[name]
        assert verb.inner or {seat.party for seat in verb.seats} == {SYSTEM.name}, name
