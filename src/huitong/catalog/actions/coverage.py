"""A body accounts for what has no entry, and its manager signs that nothing is left out (A10)."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.models import CoverageConfirmed, LeftOut
from huitong.catalog.rules.coverage import Line, Standing, reasons_on
from huitong.kernel import ledger
from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible
from huitong.kernel.workdays import today
from huitong.work.rules import Pick

BY_CLERK, BY_MANAGER = BODY(Post.OPERATOR), BODY(Post.MANAGER)


@recorded("A10", BY_CLERK, label="说明不编目的原因")
def leave_out(
    actor: Actor,
    *,
    lines: Annotated[
        list[str],
        Pick(queries.coverage.open_lines),
        Field(title="数据表、系统、职责或事项", min_length=1),
    ],
    reason: Annotated[str, Pick(queries.coverage.reason_choices), Field(title="原因")],
    entry: Annotated[
        int | None,
        Pick(queries.coverage.own_entry_choices),
        Field(title="所在目录", description="选“已包含在其他目录中”时填写。"),
    ] = None,
    words: Annotated[str, Field(title="说明", max_length=300)] = "",
) -> list[LeftOut]:
    """Say why these have no entry of their own. Raises `Malformed`."""
    own = {line.ref: line for line in queries.coverage.own_coverage(actor).lines}
    if unknown := [ref for ref in lines if ref not in own]:
        raise Malformed({"lines": f"没有这一项：{'、'.join(unknown)}"}, article="A10")
    if (why := reasons_on(today()).get(reason)) is None:
        raise Malformed({"reason": "没有这个原因，或已停用"}, article="A10")
    chosen = [own[ref] for ref in dict.fromkeys(lines)]
    if fault := why.fault((line.subject for line in chosen), entry is not None, words):
        raise Malformed(dict([fault]), article=why.article)
    if entry is not None and entry not in dict(queries.coverage.own_entry_choices(actor)):
        raise Malformed({"entry": "本部门没有这项目录"}, article="A10")
    held = entry if why.needs == "entry" else None
    return [_say(actor, line, reason, held, words) for line in chosen]


def _say(actor: Actor, line: Line, reason: str, entry: int | None, words: str) -> LeftOut:
    values = {"reason": reason, "entry_id": entry, "words": words, "by": actor.name}
    row, _ = LeftOut.objects.update_or_create(
        body_id=line.body,
        subject=str(line.subject),
        key=line.key,
        defaults=values | {"label": line.label[:300]},
    )
    return row


@recorded("A10", BY_CLERK, label="撤回不编目的说明")
def count_in(actor: Actor, *, line: Annotated[str, Field(title="事项", max_length=320)]) -> None:
    """Take back why something was left out: it waits for its entry again. Raises `NotVisible`."""
    subject, _, key = line.partition(":")
    row = LeftOut.objects.filter(body=actor.body, subject=subject, key=key).first()
    if row is None:
        raise NotVisible("该说明")
    was(reason=row.reason, words=row.words, entry=row.entry_id)
    row.delete()


@recorded("A10", BY_MANAGER, label="确认目录没有遗漏")
def confirm_coverage(actor: Actor) -> CoverageConfirmed:
    """Sign that every table, system, duty and matter of the body has its entry or the reason why
    not; once a year. Raises `AgainstRules` while one has neither."""
    coverage = queries.coverage.own_coverage(actor)
    if coverage.open:
        drafts = coverage.number(Standing.DRAFT)
        raise AgainstRules(
            f"还有 {coverage.open} 项没有目录，也没有说明原因"
            f"{f'（其中 {drafts} 项是未提交的草稿）' if drafts else ''}。",
            article="A10",
            who=f"{actor.body_name}经办人",
            remedy="请先编制、提交目录，或说明不编目的原因。",
        )
    plain = ledger.plain([asdict(line) for line in coverage.lines])
    row: CoverageConfirmed = CoverageConfirmed.objects.create(
        body_id=actor.body,
        counts=coverage.counts,
        lines=hashlib.sha256(ledger.canonical(plain)).hexdigest(),
        by=actor.name,
    )
    note(counts=coverage.counts_in_words, lines_sha256=row.lines)
    return row
