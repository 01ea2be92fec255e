"""Plain English: a name says what it holds or what it does; a docstring begins with it.

Half-sentences read well on the day they are written (`found = ...`, `if said := ...`) and say
nothing a year later, when forty functions have a `found` of forty kinds. So a few words are no
names here.
Not names of ours, and so not looked at: what Django or another library wants to be called so,
columns of the database (renaming one is a migration), members of an enumeration (a state *is* a
participle: `GRANTED`), and keys of JSON that has left the platform: what must be given to a verb
is one, it stands in the ledger.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from tests.architecture.test_layout import ROOT, own_files
from tests.each import each

#: word → what to write instead
WORDS = {
    "found": "what was looked up: entry, rows, match, matches, path, problems",
    "said": "what it is: message, text, answer, reason, sentences, value",
    "told": "what it is: notice, output, message, recipients, values, members (of JSON)",
    "known": "what it is: names, columns, existing, by_name, values",
    "kept": "what it is: file, stored, remaining, digits, rest",
    "taken": "what it is: numbers, names, delivered, download, claim",
    "meant": "what it is: expected, target, choice",
    "gone": "what it is: missing, removed, dropped, former, old",
    "asked": "what it is: request, question, call, resource, options, filter",
    "seen": "what it is: visited, by_name, rows, page, answer",
    "wanted": "what it is: expected, names, required, conditions",
    "here": "what it is: path, context, url, site, folder, current",
    "mine": "whose it is: own, own_rows, environment",
    "ours": "whose it is: own, own_rows, platform",
    "theirs": "whose it is: target, foreign, other",
    "made": "what it is: package, result, rows, by_name; of a function: the verb (make_...)",
    "heard": "what it is: output, statuses, parties",
    "got": "what it is: answer, code, download",
    "shown": "what it is: page, text, columns, visible",
    "came": "what it is: outcome, result",
    "began": "a noun: start, started",
    "ran": "what it is: result, process",
    "thing": "what it is",
    "things": "what they are",
}
#: first words of a docstring that name nothing and do nothing
OPENINGS = {*WORDS, "done", "given", "left", "however", "whatever"}


def named(node: ast.AST) -> list[str]:
    """The names of ours that a node brings into the world."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return [node.attr]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    return []


def columns_and_members(tree: ast.Module) -> set[ast.AST]:
    """Targets in the body of a class whose value is a call or a constant in capitals: columns of a
    model, members of an enumeration."""
    return {
        target
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for line in node.body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name)
        and (target.id.isupper() or "models." in ast.unparse(line.value))
    }


def given_to_verbs(tree: ast.Module) -> set[ast.AST]:
    """The keyword-only parameters of steps and recorded acts."""
    return {
        parameter
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(d).startswith(("step(", "recorded(")) for d in node.decorator_list)
        for parameter in node.args.kwonlyargs
    }


def faults(name: str) -> Iterator[str]:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    exempt = columns_and_members(tree) | given_to_verbs(tree)
    for node in ast.walk(tree):
        for word in named(node) if node not in exempt else ():
            if remedy := WORDS.get(word.strip("_").lower()):
                yield f"{name}:{node.lineno}: `{word}` is no name: write {remedy}"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            first = (ast.get_docstring(node) or "").split(" ", 1)[0].strip(".,:;—`'\"").lower()
            if first in OPENINGS:
                line = getattr(node, "lineno", 1)
                yield (
                    f"{name}:{line}: the docstring begins with “{first}”: begin with a verb (Return"
                    " …, Refuse …) or name what it is (The rows …, Whether …)"
                )


@each(name for name in own_files() if name.endswith(".py"))
def test_names_are_nouns_and_verbs(name: str) -> None:
    wrong = list(faults(name))
    assert not wrong, "\n".join(wrong)


#: of the words above, those that were names in templates too
IN_TEMPLATES = {"said", "taken", "told"}


def names_in_tags(template: str) -> set[str]:
    """The variables that the tags of a template read or bring into the world; not what follows a
    dot: that is a column or a key."""
    tags = re.findall(
        r"\{[{%](.*?)[%}]\}", re.sub(r"(?s)\{% comment %\}.*?endcomment", "", template)
    )
    bare = " ".join(re.sub(r"\"[^\"]*\"|'[^']*'", " ", tag) for tag in tags)
    return set(re.findall(r"(?<![.\w-])[a-z_]+\b", bare))


def test_names_in_templates_are_nouns_and_verbs() -> None:
    assert names_in_tags('{% for said in a.told %}{{ said|default:"taken" }}') >= {"said"}
    assert not names_in_tags("{% if a.told %}told{% endif %}") & IN_TEMPLATES
    bad = {
        str(path.relative_to(ROOT)): sorted(names & IN_TEMPLATES)
        for path in (ROOT / "src").rglob("templates/**/*.html")
        if (names := names_in_tags(path.read_text(encoding="utf-8"))) & IN_TEMPLATES
    }
    assert not bad, bad


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("found = 1", "`found`"),
        ("def f(said): ...", "`said`"),
        ("def told(): ...", "`told`"),
        ("if (seen := 1): ...", "`seen`"),
        ("for here in (): ...", "`here`"),
        ("class A:\n    kept: int = 1", "`kept`"),
        ("def f(self):\n    self.gone = 1", "`gone`"),
        ('def f():\n    """Given what it was."""', "begins with"),
        ("class A(Model):\n    said = models.TextField()", ""),
        ("class S(Labelled):\n    ASKED = 'asked', '待答复'", ""),
        ('def f():\n    """Return the rows found."""', ""),
        ("rows = table.found", ""),
        ("@recorded('A7', BY)\ndef note(actor, *, said=''): ...", ""),
        ("@recorded('A7', BY)\ndef note(said, *, table=''): ...", "`said`"),
    ],
)
def test_the_rule_sees_what_it_should(
    source: str, fault: str, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.architecture.test_words.ROOT", tmp_path)
    (tmp_path / "sample.py").write_text(source, encoding="utf-8")
    assert fault in "".join(faults("sample.py")) if fault else not list(faults("sample.py"))
