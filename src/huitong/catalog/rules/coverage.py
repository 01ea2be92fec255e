"""What a body's catalog should have entries for (tables of its sources, systems, duties, matters),
and why one of them may be left out (A10: nothing concealed or left out)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from huitong.kernel import shipped
from huitong.kernel.actor import Labelled
from huitong.kernel.procedure import Tone


class Subject(Labelled):
    """What an entry is expected for."""

    TABLE = "table", "数据表"
    SYSTEM = "system", "信息系统"
    DUTY = "duty", "职责"
    MATTER = "matter", "事项"


class Standing(Labelled):
    """How a line stands, the best first."""

    PUBLISHED = "published", "已发布"
    REVIEW = "review", "审核中"
    LEFT_OUT = "left_out", "已说明"
    DRAFT = "draft", "草稿未提交"
    MISSING = "missing", "没有目录"


#: nobody has accounted for these: the yearly confirmation waits for them
OPEN = frozenset({Standing.DRAFT, Standing.MISSING})
TONES: Mapping[Standing, Tone] = {
    Standing.PUBLISHED: Tone.SUCCESS,
    Standing.REVIEW: Tone.INFO,
    Standing.LEFT_OUT: Tone.NEUTRAL,
    Standing.DRAFT: Tone.WARNING,
    Standing.MISSING: Tone.DANGER,
}
#: the reason that names an entry: the line stands as that entry does
IN_ENTRY = "in_entry"


@dataclass(frozen=True)
class Reason:
    """Why something may be left out: a dated row of `data/left_out.csv`. ``needs`` says what is
    named beside it: an entry, words, nothing."""

    code: str
    label: str
    subjects: frozenset[str]
    needs: str
    article: str
    in_force: date
    until: date | None

    def fault(self, subjects: Iterable[str], entry: bool, words: str) -> tuple[str, str] | None:
        """The field that is wrong and why, for lines of these kinds."""
        if unfit := [Subject(s).label for s in dict.fromkeys(subjects) if s not in self.subjects]:
            return "reason", f"“{self.label}”不适用于{'、'.join(unfit)}"
        if self.needs == "entry" and not entry:
            return "entry", "请选择包含它的目录"
        if self.needs == "words" and len(words.strip()) < 4:
            return "words", "请具体说明：谁掌握、何时停用或为什么没有数据"
        return None


@cache
def reasons() -> Mapping[str, Reason]:
    """Every reason there is or was, by code."""
    return {
        row["code"]: Reason(
            row["code"],
            row["label"],
            frozenset(row["subjects"].split()),
            row["needs"],
            row["article"],
            *shipped.span(row),
        )
        for row in shipped.rows("catalog", "left_out")
    }


def reasons_on(day: date) -> dict[str, Reason]:
    """The reasons that may be given on a day."""
    return {
        code: reason
        for code, reason in reasons().items()
        if shipped.stands(reason.in_force, reason.until, day)
    }


@dataclass(frozen=True)
class Line:
    """One thing an entry is expected for, and how it stands. ``key`` is what it is known by within
    its kind, ``place`` where it lies (database, duty)."""

    body: int
    subject: Subject
    key: str
    label: str
    place: str
    standing: Standing
    entry: int | None = None
    entry_name: str = ""
    reason: str = ""
    words: str = ""

    @property
    def ref(self) -> str:
        """How verbs and pages name it."""
        return f"{self.subject}:{self.key}"

    @property
    def is_open(self) -> bool:
        return self.standing in OPEN

    @property
    def tone(self) -> Tone:
        return TONES[self.standing]

    @property
    def reason_label(self) -> str:
        return reasons()[self.reason].label if self.reason in reasons() else self.reason


@dataclass(frozen=True)
class Coverage:
    """The lines of a body, counted."""

    lines: tuple[Line, ...]

    def number(self, *standings: Standing, subject: Subject | None = None) -> int:
        return sum(
            (not standings or line.standing in standings) and subject in (None, line.subject)
            for line in self.lines
        )

    @property
    def open(self) -> int:
        return self.number(*OPEN)

    @property
    def covered(self) -> float | None:
        """The share with a published entry, of what was not left out; None where nothing is
        expected."""
        expected = self.number() - self.number(Standing.LEFT_OUT)
        return self.number(Standing.PUBLISHED) / expected if expected else None

    @property
    def share_words(self) -> str:
        """That share in percent, rounded down, so that 100 % is all."""
        return "—" if self.covered is None else f"{int(self.covered * 1000) / 10:g}%"

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Numbers by kind and standing, for the record."""
        return {
            str(subject): {str(s): n for s in Standing if (n := self.number(s, subject=subject))}
            for subject in Subject
        }

    @property
    def counts_in_words(self) -> dict[str, dict[str, int]]:
        """The same in the words of the clerks."""
        return {
            Subject(subject).label: {Standing(s).label: n for s, n in numbers.items()}
            for subject, numbers in self.counts.items()
        }


def best(standings: Iterable[Standing]) -> Standing:
    """The best of several: an entry published covers what a draft beside it does."""
    order = list(Standing)
    return min(standings, key=order.index, default=Standing.MISSING)


def of_duty(matters: Iterable[Standing]) -> Standing:
    """How a duty stands by its matters: open while one of them is."""
    standings = list(matters)
    if any(standing in OPEN for standing in standings):
        return Standing.MISSING
    return best(standings)
