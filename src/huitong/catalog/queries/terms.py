"""The sharing conditions of an entry with what they rest on, and who may strike them (A8; the
decree)."""

from __future__ import annotations

from dataclasses import dataclass

from huitong.catalog.models import Entry, Version
from huitong.catalog.queries.entries import version_of
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.rules import ENTRY, LIFTED, EntryState, StruckTerm, Term, stated, struck_in
from huitong.catalog.rules.procedure_under_decree import DECREE
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.adoption import adopted
from huitong.kernel.case import Case
from huitong.kernel.procedure import AgainstRules, NotVisible
from huitong.kernel.workdays import today
from huitong.work import queries as work


@dataclass(frozen=True)
class StatedTerm:
    """A condition as a page lists it: whether it is struck, and where the reader strikes or
    restores it."""

    term: Term
    struck: StruckTerm | None
    url: str = ""


def version_stating(actor: Actor, case: int) -> Version:
    """The version whose conditions are struck on its case: under the bureau's review, or published
    and current. Raises `NotVisible`, `AgainstRules`."""
    row = work.case_for(actor, case)
    if row.kind != ENTRY.kind:
        raise NotVisible("该目录")
    version = version_of(row)
    if not visible_to(actor).filter(pk=version.entry_id).exists():
        raise NotVisible("该目录")
    if not _open_to_striking(version):
        raise AgainstRules(
            f"目录现为“{version.state.label}”，不能撤销共享条件。",
            article="D",
            who="大数据管理局经办人",
            remedy="条件在市级审核时撤销，或在目录发布后撤销。",
        )
    return version


def check_decree(version: Version) -> None:
    """Raises `AgainstRules` where the decree, which has conditions struck, does not govern."""
    if not _governed(version):
        raise AgainstRules(
            "本市尚未采用《政务数据共享条例》，不能撤销共享条件。",
            article="D",
            who="系统管理员",
            remedy="审核时可以退回并写明意见；采用条例须先在“时限参数”中登记。",
        )


def _open_to_striking(version: Version) -> bool:
    return version.state is EntryState.WITH_BUREAU or version.entry.current_id == version.pk


def _governed(version: Version) -> bool:
    return version.case.law == DECREE or DECREE in adopted(today())


def terms_of(actor: Actor, version: Version) -> list[StatedTerm]:
    """The conditions a version states, one by one, as this actor may strike or restore them."""
    terms = stated(version)
    if not terms:
        return []
    over = {row.key: row for row in struck_in(version, version.entry.struck)}
    acts = actor.bureau and _open_to_striking(version) and _governed(version)
    strikes, restores = acts and actor.has(Post.OPERATOR), acts and actor.has(Post.MANAGER)

    def url(term: Term) -> str:
        if term.key in over:
            verb = "catalog.restore_condition" if restores else ""
        else:
            verb = "catalog.strike_condition" if strikes and term.shape in LIFTED else ""
        query = {"case": version.case_id, "term": term.key}
        return reverse("work:do", args=[verb], query=query) if verb else ""

    return [StatedTerm(term, over.get(term.key), url(term)) for term in terms]


def standing_choices(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """The conditions of a case's version that can be struck."""
    rows = (row for row in _rows(actor, case) if row.struck is None)
    return [(row.term.key, row.term.words) for row in rows if row.term.shape in LIFTED]


def struck_choices(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """The conditions of a case's version that were struck."""
    return [(row.term.key, row.term.words) for row in _rows(actor, case) if row.struck is not None]


def _rows(actor: Actor, case: Case | None) -> list[StatedTerm]:
    if case is None or case.kind != ENTRY.kind or not actor.bureau:
        return []
    return terms_of(actor, version_of(case))


def has_struck(case: Case) -> bool:
    """Whether the entry of a case has conditions that are struck: to be disputed by its body."""
    return Entry.objects.filter(versions__case=case).exclude(struck=[]).exists()
