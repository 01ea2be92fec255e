"""What a context gives to other rooms is one typed list of references, and every word in it leads
somewhere."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from tests.each import each

import huitong
from huitong.kernel import manifest, references
from huitong.kernel.manifest import CasePage, Manifest, MenuLine, Section
from huitong.work.rules import Pick

SOURCE = Path(huitong.__file__).parent
#: a procedure of rules and actions alone has nothing that another room must know of
TOYS = {"tests.toy", "tests.toys.consultation", "tests.toys.change", "tests.toys.campaign"}
WITHOUT = {"huitong.kernel", "huitong.cli.demo"} | TOYS


def test_every_context_registers_its_manifest_when_django_starts() -> None:
    assert set(manifest.MANIFESTS) == set(settings.CONTEXTS) - WITHOUT, (
        "write <context>/manifest.py and register it in ready() of <context>/apps.py"
    )


def test_a_manifest_names_every_door_of_its_context() -> None:
    for context, given in manifest.MANIFESTS.items():
        folder = Path(apps.get_app_config(context.rpartition(".")[2]).path)
        doors = {"urls": given.urls, "jobs": given.jobs, "api": given.routes}
        for door, named in doors.items():
            there = (folder / f"{door}.py").exists() or (folder / door / "__init__.py").exists()
            assert there == (named is not None), f"{context}: {door}"


def test_every_manifest_leads_somewhere() -> None:
    references.verify()


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (
            Manifest("x", menu=[MenuLine(Section.CATALOG, 1, "目录", "catalog:brwose", "search")]),
            "no address named 'catalog:brwose'",
        ),
        (
            Manifest("x", cases=[CasePage("entry", lambda a, c: None, "catalog/case_enrty.html")]),
            "no template 'catalog/case_enrty.html'",
        ),
        (Manifest("x", cases=[CasePage("enrty")]), "cases of the kind 'enrty'"),
        (Manifest("x", cases=[CasePage("entry", openings={"darft": ""})]), "entry.darft opens no"),
        (Manifest("x", acts={"audit.exprot": "audit:export"}), "no recorded verb 'audit.exprot'"),
        (
            Manifest("x", cases=[CasePage("entry", openings={"draft": "catalog:strat"})]),
            "no address named 'catalog:strat'",
        ),
        (Manifest("x", cases=[CasePage("entry", template="ui/base.html")]), "both a template and"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_misspelt_word_is_named(given: Manifest, fault: str, monkeypatch) -> None:
    monkeypatch.setitem(manifest.MANIFESTS, given.context, given)
    with pytest.raises(ImproperlyConfigured, match=fault):
        references.verify()


def test_a_context_cannot_be_registered_twice_nor_take_over_a_kind() -> None:
    catalog = manifest.MANIFESTS["huitong.catalog"]
    with pytest.raises(ImproperlyConfigured, match="two manifests"):
        manifest.register(catalog)
    with pytest.raises(ImproperlyConfigured, match="entry has a case page already"):
        manifest.register(replace(catalog, context="other"))
    assert "other" not in manifest.MANIFESTS


def test_a_list_to_choose_from_is_a_function_not_its_name() -> None:
    with pytest.raises(TypeError, match="the function itself"):
        Pick("huitong.work.queries.bodies_to_choose")  # type: ignore[arg-type]


#: these find commands and actions by their files, and say so
FINDING = {"cli/__init__.py", "cli/django_ready.py", "kernel/doing/registry.py"}


@each(p for p in sorted(SOURCE.rglob("*.py")) if not {"tests", "migrations"} & set(p.parts))
def test_nothing_is_found_by_its_name(path: Path) -> None:
    if path.relative_to(SOURCE).as_posix() in FINDING:
        return
    called = {
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    }
    assert not called & {"import_module", "import_string", "autodiscover_modules"}, (
        f"{path.name}: name the function itself, in the context's manifest if the layers forbid to"
        " import it (docs/decisions/0025-one-manifest-a-context.md)"
    )
