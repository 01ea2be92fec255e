"""What is being filled in and has not been handed in: how long it is kept, how much of it, and
what of it is not kept at all (A3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.work.rules.markings import marking_in

#: the fields of a form as a browser sends them: every value of every name, right or wrong
Content = dict[str, list[str]]


@dataclass(frozen=True)
class Keeping:
    """One dated row: from a day on drafts are kept so many days after their last save, and so
    many more after their person deleted them; so many of one person, so many characters each."""

    days: int
    days_deleted: int
    most: int
    characters: int
    in_force: date


#: the platform's own rule, cited from no law: an unfinished form is nobody's record
KEEPING: tuple[Keeping, ...] = (Keeping(90, 7, 50, 400_000, date(2020, 2, 19)),)


def keeping(on: date, rows: Iterable[Keeping] = KEEPING) -> Keeping:
    """The row in force on a day."""
    return max((row for row in rows if row.in_force <= on), key=lambda row: row.in_force)


def kept_until(saved: datetime, deleted: datetime | None, on: date) -> datetime:
    """The moment at which a draft goes for good."""
    row = keeping(on)
    if deleted is not None:
        return deleted + timedelta(days=row.days_deleted)
    return saved + timedelta(days=row.days)


class Overtaken(AgainstRules):
    """A draft has been saved since in another window: what was to be saved did not replace it."""

    def __init__(self, at: datetime, turn: int) -> None:
        super().__init__("这份草稿在另一个窗口保存过。", remedy="请核对后选择以哪一份为准。")
        self.at, self.turn = at, turn


class NoLonger(AgainstRules):
    """A draft that was handed in or deleted since: nothing is kept under its name any more."""

    def __init__(self) -> None:
        super().__init__(
            "这份草稿已经提交，或已在另一个窗口删除。", remedy="仍需填写的，请重新发起。"
        )


def marked_in(content: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The fields whose text is marked as classified, each with its marking."""
    marks = {
        name: next((mark for value in values if (mark := marking_in(value))), "")
        for name, values in content.items()
    }
    return {name: mark for name, mark in marks.items() if mark}


def check_size(content: Mapping[str, Iterable[str]], on: date) -> None:
    """Check that a draft can be kept. Raises `Malformed`."""
    texts = [text for name, values in content.items() for text in (name, *values)]
    if sum(map(len, texts)) > keeping(on).characters:
        raise Malformed({"": "填写的内容过多，没有保存。请精简后继续。"})
    if any("\0" in text for text in texts):
        raise Malformed({"": "内容含有不能保存的字符，没有保存。"})
