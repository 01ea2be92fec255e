"""Why somebody decides so: grounds as dated rows that cite their article (A10, A21-A23, A26,
A28)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huitong.kernel.adoption import adopted
from huitong.kernel.laws import LAWS, article_words
from huitong.kernel.ledger import Record
from huitong.kernel.procedure import Malformed
from huitong.kernel.words import unworded
from huitong.kernel.workdays import today

#: a provision: 第三十条, A30, 《个人信息保护法》
PROVISION = re.compile(
    r"第\s*[〇零一二三四五六七八九十百千\d]+\s*条|《[^》]*\w{2,}[^》]*》|\bA[1-9]\d?\b"
)


class Names(models.TextChoices):
    """What a ground wants named beside itself."""

    NOTHING = "", "不需要"
    FIELD = "field", "所涉栏目或信息项"
    ARTICLE = "article", "所依据的条款"


class DecisionGround(Record):
    """A ground on which the law lets somebody refuse, reduce, return, suspend or take back. A
    change of the rules, or of the city's practice, adds a row or ends one; it never edits one in
    use."""

    law = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=60)
    #: empty: the one who decides names the provision
    article = models.CharField(max_length=8, blank=True)
    #: what it may be used for: names of verbs
    verbs = ArrayField(models.CharField(max_length=60))
    names = models.CharField(max_length=8, blank=True, choices=Names.choices)
    in_force = models.DateField()
    until = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["law", "code", "in_force"], name="ground_once_a_day")
        ]


def grounds_for(verb: str, *, law: str = "", on: date | None = None) -> list[DecisionGround]:
    """The grounds for this verb in force on a day. Without a case there is no law: then the
    youngest of those adopted that has some."""
    day = on or today()
    rows = (
        DecisionGround.objects.filter(verbs__contains=[verb], in_force__lte=day)
        .exclude(until__lt=day)
        .order_by("in_force", "pk")
    )
    current = list(rows)
    if not law:
        own = {row.law for row in current} & adopted(day)
        law = max(own, key=lambda code: LAWS[code].in_force, default="")
    latest = {row.code: row for row in current if row.law == law}
    return sorted(latest.values(), key=lambda row: row.pk)


def stated(verb: str, given: Mapping[str, Any], *, law: str = "") -> str:
    """The reasons of an act as every reader meets them: ground, article, what it concerns, words.
    Without a ground the words alone.

    Raises `Malformed` on ``ground`` when it is none of those in force for this verb, on ``cites``
    when what the ground wants named is missing, on ``reasons`` when the words are none.
    """
    reasons, code = str(given.get("reasons") or ""), given.get("ground")
    if not code:
        return reasons
    by_code = {row.code: row for row in grounds_for(verb, law=law)}
    if (row := by_code.get(str(code))) is None:
        choices = "、".join(f"{r.code}（{r.label}）" for r in by_code.values()) or "无"
        raise Malformed({"ground": f"不是现行的理由类别，可选：{choices}"})
    cites = str(given.get("cites") or "").strip()
    if "cites" in given and (fault := _unnamed(row, cites)):
        raise Malformed({"cites": fault}, article=row.article)
    basis = "；".join(
        filter(
            None,
            (article_words(row.article) if row.article else "", f"涉及：{cites}" if cites else ""),
        )
    )
    return row.label + (f"（{basis}）" if basis else "") + (f"：{reasons}" if reasons else "")


def _unnamed(row: DecisionGround, cites: str) -> str:
    if row.names == Names.ARTICLE and not PROVISION.search(cites):
        return f"“{row.label}”须写明所依据的条款，如“实施细则第三十条”或法律法规名称及条号"
    if row.names == Names.FIELD and unworded(cites):
        return f"“{row.label}”须写明涉及的栏目、信息项或条款，如“使用目的”"
    return ""
