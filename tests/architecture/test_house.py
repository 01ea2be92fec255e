"""House laws that import contracts cannot see. Each failure says what to do instead."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import grimp
import pytest
from tests.each import each

SRC = Path(__file__).parents[2] / "src" / "huitong"
FILES = sorted(p for p in SRC.rglob("*.py") if "migrations" not in p.parts)
NOT_CONTEXTS = {"cli", "api", "portal", "kernel", "ui", "scope", "connectors"}
CONTEXTS = sorted(
    {
        p.parent if p.name != "__init__.py" else p.parent.parent
        for name in ("actions.py", "actions/__init__.py", "models.py", "models/__init__.py")
        for p in SRC.rglob(name)
        if p.relative_to(SRC).parts[0] not in NOT_CONTEXTS
    }
)
FACES = {"rules", "actions", "queries"}
#: `work.forms` draws the form of any verb, for the pages of every context that gives a verb a page
#: of its own
FURTHER_FACES = {"work": {"forms"}}
# fmt: off
ROOMS = {
    "rules", "models", "queries", "actions", "views", "forms", "urls", "api", "jobs", "manifest",
    "management", "templates", "tests", "migrations", "templatetags", "data", "apps", "static",
    "__init__",
}
# fmt: on
OF_A_PLANE = {"compile", "reconcile", "engine"}
#: the roof composes contexts, so it may see their doors; jobs and models only as named here
ROOF = (
    "huitong.urls",
    "huitong.api",
    "huitong.cli",
    "huitong.portal",
    "huitong.reactions",
    "huitong.settings",
)
GRAPH = grimp.build_graph("huitong", cache_dir=None)


def dotted(path: Path) -> str:
    return "huitong." + ".".join(path.relative_to(SRC).with_suffix("").parts)


@pytest.mark.parametrize(
    "package",
    sorted(
        {
            p.parent
            for p in FILES
            if p.name == "__init__.py"
            and not {"tests", "templatetags", "management", "commands"} & set(p.parts)
        }
    ),
    ids=lambda p: str(p.relative_to(SRC)),
)
def test_a_package_says_what_it_is(package):
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    docstring = ast.get_docstring(tree)
    assert docstring, (
        f"{package.name}/__init__.py: say in a docstring what this is (a context:"
        " and under which articles)"
    )
    if package in CONTEXTS:
        assert re.search(r"\bA\d+", docstring), (
            f"{package.name}/__init__.py: a context names its articles (A7-A12 …)"
        )


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda p: p.name)
def test_a_context_holds_only_the_known_files(context):
    allowed = ROOMS | OF_A_PLANE if "planes" in context.parts else ROOMS
    strange = {
        p.stem for p in context.iterdir() if p.name != "__pycache__" and p.suffix in ("", ".py")
    } - allowed
    assert not strange, (
        f"{context.name} holds {sorted(strange)}: a context has rules, models, queries, actions and"
        " doors; put the code into the one it is, or write a decision record"
    )


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda p: p.name)
def test_others_see_only_the_three_faces(context):
    root = dotted(context)
    private = {
        m
        for m in GRAPH.find_descendants(root)
        if m[len(root) + 1 :].split(".")[0] not in FACES | FURTHER_FACES.get(context.name, set())
    }
    leaks = sorted(
        f"{importer} -> {module}"
        for module in private
        for importer in GRAPH.find_modules_that_directly_import(module)
        if not importer.startswith((root + ".", *ROOF))
        and importer != root
        and ".tests." not in importer
    )
    assert not leaks, (
        f"other contexts import only rules, actions, queries of {context.name}: {leaks}"
    )


WRITES = {"save", "create", "bulk_create", "update_or_create", "get_or_create", "bulk_update"}
MAY_WRITE = {"actions", "doing", "case", "ledger", "tests", "migrations", "engine"}


@each(p for p in FILES if "cli" not in p.parts)
def test_only_actions_write(path):
    if MAY_WRITE & {*path.relative_to(SRC).with_suffix("").parts}:
        return
    calls = [
        (n.lineno, n.func.attr)
        for n in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(n, ast.Call)
        and isinstance(n.func, ast.Attribute)
        and n.func.attr in WRITES
        and "objects" in ast.unparse(n.func.value)
    ]
    assert not calls, (
        f"{path.name} writes rows at {calls}: move it into actions.py under @step or @recorded"
    )


@each(p for p in FILES if "tests" not in p.parts)
def test_no_sql_from_strings(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("raw", "extra")
        ):
            target = ast.unparse(node.func.value)
            assert "objects" not in target, (
                f"{path.name}:{node.lineno}: raw SQL on a queryset; use the ORM or psycopg.sql"
            )


def test_foreign_keys_across_contexts_point_down_by_string_without_reverse_name():
    from django.apps import apps

    order = [
        "planes",
        "disputes",
        "objections",
        "demands",
        "access",
        "publishing",
        "catalog",
        "documents",
        "work",
        "organizations",
        "audit",
        "kernel",
    ]
    for model in apps.get_models():
        context = model.__module__.split(".")
        if context[0] != "huitong":
            continue
        for field in model._meta.get_fields():
            target = (
                getattr(field.related_model, "__module__", "").split(".")
                if field.is_relation and field.related_model
                else []
            )
            if not field.concrete or target[:1] != ["huitong"] or target[1] == context[1]:
                continue
            assert order.index(target[1]) > order.index(context[1]), (
                f"{model.__name__}.{field.name} points up or aside"
            )
            assert field.remote_field.related_name == "+", (
                f"{model.__name__}.{field.name}: related_name='+', so that the lower context does"
                " not grow names from above"
            )


def test_no_unfinished_work_is_left():
    words = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    places = [
        f"{p.relative_to(SRC)}:{n}"
        for p in FILES
        for n, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1)
        if words.search(line)
    ]
    assert not places, f"finish it or delete it: {places}"


@each(p for p in FILES if p.name != "jobs.py" and "tests" not in p.parts)
def test_jobs_are_deferred_in_the_transaction_of_the_act(path):
    assert "configure_task(" not in path.read_text(encoding="utf-8"), (
        f"{path.name}: defer through kernel.jobs.defer; inside a worker procrastinate's own way is"
        " outside the transaction"
    )


@pytest.mark.parametrize(
    "path",
    [p for p in FILES if p.name == "jobs.py" and p.parent.name != "kernel"],
    ids=lambda p: p.parent.name,
)
def test_jobs_are_declared_so_that_they_outlive_the_database(path):
    assert "app.task(" not in path.read_text(encoding="utf-8"), (
        f"{path}: declare with kernel.jobs.task"
    )
