"""Handing out the ledger: an export of all of it (A28), an evidence package of one case (A34).
Both are recorded acts."""

from __future__ import annotations

import hashlib
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from django.conf import settings
from django.utils import timezone
from pydantic import Field

from huitong.audit import queries
from huitong.audit.actions.sealing import seal
from huitong.audit.models import Checkpoint, Package
from huitong.audit.rules import script, summary
from huitong.audit.rules.export import Writer, ZipTarget
from huitong.audit.rules.note import Note
from huitong.kernel.actor import BODY, BUREAU, Actor, Post, bodies_of
from huitong.kernel.doing import VERBS, note, procedure_of, recorded
from huitong.kernel.ledger import plain
from huitong.kernel.procedure import AgainstRules

#: through a page or the API at most so many entries at once; the command has no limit
AT_ONCE = 100_000

Reasons = Annotated[
    str, Field(title="理由", description="为何需要导出，将记入台账。", min_length=2, max_length=500)
]


@recorded("A28", BODY(Post.AUDIT_ADMIN), label="导出台账")
def export(
    actor: Actor,
    *,
    first: Annotated[int, Field(title="起始条号", description="从第几条起，默认从头。", ge=0)] = 0,
    reasons: Reasons,
) -> Package:
    """The sealed ledger from a leaf number on, with checkpoints and public key, to be verified
    anywhere."""
    head = _sealed_now()
    if first >= head.size:
        raise AgainstRules(f"台账已封存至第 {head.size - 1} 条，没有第 {first} 条。", article="A28")
    if not actor.via.startswith("cli") and head.size - first > AT_ONCE:
        raise AgainstRules(
            f"一次最多导出 {AT_ONCE} 条，所选共 {head.size - first} 条。",
            article="A28",
            remedy="请提高起始条号，或由平台运维员在服务器上执行 huitong audit export。",
        )
    frontier = [value.hex() for value in queries.frontier(first)]
    about = _about(actor, "full", head, reasons) | {"first": first, "frontier": frontier}
    name = f"huitong-ledger-{first}-{head.size}"
    with _zip(name, about) as (writer, package):
        writer.entries(queries.lines(first, head.size))
        # none that a sealer has made since: it would prove entries that are not here
        checkpoints = (
            Checkpoint.objects.filter(size__gte=first, size__lte=head.size)
            .order_by("size")
            .values_list("note", flat=True)
        )
        writer.checkpoints(Note.parse(text) for text in checkpoints.iterator())
    return _handed_out(actor, package, head)


@recorded(
    "A34", BODY(Post.MANAGER), BUREAU(Post.MANAGER), BODY(Post.AUDIT_ADMIN), label="导出证据包"
)
def evidence(
    actor: Actor, *, case: Annotated[int, Field(title="事项编号")], reasons: Reasons
) -> Package:
    """Hand out what was done in one case: each act with its proof, a summary for people and a
    verifier for doubters."""
    about_case = queries.case_visible_to(actor, case)
    head = _sealed_now()
    lines, entries = queries.evidence_of(actor, about_case, head)
    number = about_case.number or str(about_case.pk)
    about = _about(actor, "excerpt", head, reasons) | {"case": about_case.pk, "number": number}
    facts = summary.facts(
        case=plain(_case_facts(about_case, entries)),
        entries=[e.as_dict() for e in entries],
        lines=lines,
        checkpoint=head.note,
        root=bytes(head.root).hex(),
        by=about,
        labels={name: verb.label for name, verb in VERBS.items()},
        states={state.value: state.label for state in procedure_of(about_case).states},
    )
    with _zip(f"huitong-evidence-{number}", about) as (writer, package):
        writer.entries(lines)
        writer.checkpoints([Note.parse(head.note)])
        writer.growth(
            (size, head.size, queries.consistency(size, head.size))
            for size in queries.sizes_outside(head.size)
        )
        for name, chunks in queries.attached_to(about_case):
            writer.add(name, chunks)
        writer.add("summary.pdf", [summary.pdf(facts, timezone.now(), settings.FONTS)])
    return _handed_out(actor, package, head, about_case.pk)


def _sealed_now() -> Checkpoint:
    """Seal, so that what is handed out reaches up to this moment."""
    seal()
    if (head := queries.latest()) is None:
        raise AgainstRules(
            "台账尚无封存的条目，暂不能导出。",
            article="A28",
            remedy="请稍后再试：每 10 秒封存一次。",
        )
    return head


def _about(actor: Actor, kind: str, head: Checkpoint, reasons: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "origin": queries.signer().name,
        "size": head.size,
        "at": plain(timezone.now()),
        "by": actor.name,
        "body": actor.body_name,
        "platform": settings.SITE_NAME,
        "reasons": reasons,
    }


def _case_facts(case: Any, entries: list[Any]) -> dict[str, Any]:
    """The case as people read it; the names of its parties are those its own entries use."""
    names = {e.actor.get("body"): e.actor.get("body_name") for e in entries}
    parties = {
        party: "、".join(names.get(body) or f"部门 {body}" for body in bodies_of(held))
        for party, held in case.parties.items()
    }
    end = next((s.end for s in procedure_of(case).states if s.value == case.state), None)
    return {
        "number": case.number or str(case.pk),
        "title": case.title,
        "kind": case.kind,
        "law": case.law,
        "state": case.state,
        "parties": parties,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "end": end.label if end is not None else "",
    }


@contextmanager
def _zip(name: str, about: dict[str, Any]) -> Iterator[tuple[Writer, dict[str, Any]]]:
    """A writer into a new zip, to which keys, the verifier and how to read it are added; then
    what `Package` keeps of it."""
    package: dict[str, Any] = {"name": f"{name}.zip", "file": f"{uuid.uuid4().hex}.zip"}
    path = queries.package_folder() / package["file"]
    try:
        with zipfile.ZipFile(path, "x") as archive:
            writer = Writer(ZipTarget(archive), queries.signer(), about)
            yield writer, package
            writer.keys(queries.keys())
            writer.add(script.NAME, [script.script().encode()])
            writer.add("README.txt", [summary.readme(about, package["name"]).encode()])
            writer.close()
        with path.open("rb") as file:
            package |= {
                "digest": hashlib.file_digest(file, "sha256").hexdigest(),
                "entries": writer.about["entries"],
            }
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _handed_out(
    actor: Actor, package: dict[str, Any], head: Checkpoint, case: int | None = None
) -> Package:
    note(digest=package["digest"], entries=package["entries"], size=head.size)
    return Package.objects.create(
        **package, size=head.size, case=case, person=actor.person, at=timezone.now()
    )


def sweep(days: int = 7) -> int:
    """Remove the files of packages older than this; that they were handed out stays on record.
    Returns how many."""
    old = [
        path
        for path in queries.package_folder().iterdir()
        if time.time() - path.stat().st_mtime > days * 86400
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
