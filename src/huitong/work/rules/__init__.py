"""The vocabularies of working on cases, and what they mean (A15, A19). Uploads and given
parameters: beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from urllib.parse import urlsplit

from huitong.kernel.actor import Labelled
from huitong.work.rules.drafts import (
    Content,
    NoLonger,
    Overtaken,
    check_size,
    keeping,
    kept_until,
    marked_in,
)
from huitong.work.rules.given import (
    AttachmentId,
    AttachmentRef,
    CaseId,
    CaseRef,
    Cites,
    DataFileId,
    Find,
    GroundOf,
    GroundRef,
    Hidden,
    Pick,
    Shape,
    shape_of,
)
from huitong.work.rules.kinds import check_upload, suffix_of
from huitong.work.rules.kinds import words as kind_words
from huitong.work.rules.markings import marking_in, refuse_marked, refused
from huitong.work.rules.secrecy import Cleared, Secret, check_cleared, reviewed
from huitong.work.rules.uploads import Checked

__all__ = [
    "ALWAYS",
    "CARD_OF",
    "CHANNELS",
    "DUTIES",
    "LIMITS",
    "TOLD_BY_LAW",
    "AttachmentId",
    "AttachmentRef",
    "Card",
    "CaseId",
    "CaseRef",
    "Channel",
    "Checked",
    "Cites",
    "Cleared",
    "Content",
    "DataFileId",
    "DigestAt",
    "Find",
    "Frequency",
    "GroundOf",
    "GroundRef",
    "Hidden",
    "Level",
    "NoLonger",
    "NoticeKind",
    "Overtaken",
    "Pick",
    "Secret",
    "Shape",
    "check_cleared",
    "check_size",
    "check_upload",
    "check_web_address",
    "keeping",
    "kept_until",
    "kind_words",
    "levels_reached",
    "marked_in",
    "marking_in",
    "refuse_marked",
    "refused",
    "reviewed",
    "shape_of",
    "suffix_of",
]


class NoticeKind(Labelled):
    """The kind of a notice; each person chooses its channels."""

    ARRIVED = "arrived", "待办到达"
    WARNING = "warning", "到期提醒"
    OVERDUE = "overdue", "超期警示"
    URGED = "urged", "催办"
    COPIED = "copied", "抄送"
    RESULT = "result", "办理结果"
    COMMENT = "comment", "交流留言"
    FOLLOWED = "followed", "关注的事项"
    SECURITY = "security", "账号安全"
    DOCUMENT = "document", "制度文件"
    OTHER = "other", "其他消息"


class Channel(Labelled):
    """A way a notice reaches a person. The list in the product is the record and has them all; as
    a channel it is what counts there."""

    INBOX = "inbox", "站内消息"
    MAIL = "mail", "电子邮件"
    WEBHOOK = "webhook", "消息接口"


class Frequency(Labelled):
    """At once, once a day, or not."""

    AT_ONCE = "at_once", "立即"
    DAILY = "daily", "每天一次"
    NEVER = "never", "不收"


class DigestAt(Labelled):
    """The time of a working day at which what comes once a day comes."""

    MORNING = "08:30"
    NOON = "11:30"
    AFTERNOON = "14:30"
    EVENING = "17:00"

    @property
    def time(self) -> time:
        return time.fromisoformat(self)


#: what nobody can turn off or put off: who has got into an account would do that first
ALWAYS = frozenset({NoticeKind.SECURITY})

#: what asks for a step at one's desk, and what asks to keep a limit: either ends with its case
DUTIES = frozenset({NoticeKind.ARRIVED, NoticeKind.URGED})
LIMITS = frozenset({NoticeKind.WARNING, NoticeKind.OVERDUE})

#: what the law has people told, by article: it comes to the inbox, at once or with the digest
TOLD_BY_LAW: Mapping[NoticeKind, str] = {
    NoticeKind.ARRIVED: "A19",
    NoticeKind.WARNING: "A15",
    NoticeKind.OVERDUE: "A15",
    NoticeKind.URGED: "A19",
    NoticeKind.RESULT: "A19",
}

#: what a person who chose nothing gets on each channel beside the inbox, which has all at once
CHANNELS: Mapping[NoticeKind, Mapping[Channel, Frequency]] = {
    NoticeKind.ARRIVED: {Channel.MAIL: Frequency.DAILY, Channel.WEBHOOK: Frequency.AT_ONCE},
    NoticeKind.WARNING: {Channel.MAIL: Frequency.AT_ONCE, Channel.WEBHOOK: Frequency.AT_ONCE},
    NoticeKind.OVERDUE: {Channel.MAIL: Frequency.AT_ONCE, Channel.WEBHOOK: Frequency.AT_ONCE},
    NoticeKind.URGED: {Channel.MAIL: Frequency.AT_ONCE, Channel.WEBHOOK: Frequency.AT_ONCE},
    NoticeKind.COPIED: {Channel.MAIL: Frequency.DAILY, Channel.WEBHOOK: Frequency.AT_ONCE},
    NoticeKind.RESULT: {Channel.MAIL: Frequency.DAILY, Channel.WEBHOOK: Frequency.AT_ONCE},
    NoticeKind.COMMENT: {Channel.MAIL: Frequency.DAILY, Channel.WEBHOOK: Frequency.AT_ONCE},
    NoticeKind.FOLLOWED: {Channel.MAIL: Frequency.NEVER, Channel.WEBHOOK: Frequency.NEVER},
    NoticeKind.SECURITY: {Channel.MAIL: Frequency.AT_ONCE, Channel.WEBHOOK: Frequency.AT_ONCE},
    NoticeKind.DOCUMENT: {Channel.MAIL: Frequency.DAILY, Channel.WEBHOOK: Frequency.AT_ONCE},
    NoticeKind.OTHER: {Channel.MAIL: Frequency.DAILY, Channel.WEBHOOK: Frequency.AT_ONCE},
}


class Level(Labelled):
    """A level a running clock reaches: warned at half time and one working day before, escalated
    after."""

    HALF = "half", "时限过半"
    EVE = "eve", "即将到期"
    OVERDUE = "overdue", "已超期"


class Card(Labelled):
    """The cards of electronic supervision: yellow near the end of the limit, red past it."""

    NONE = "none", "提醒"
    YELLOW = "yellow", "黄牌"
    RED = "red", "红牌"


#: the card that goes with a level
CARD_OF: Mapping[Level, Card] = {
    Level.HALF: Card.NONE,
    Level.EVE: Card.YELLOW,
    Level.OVERDUE: Card.RED,
}


def levels_reached(half_on: date, warn_on: date, due_on: date, on: date) -> list[Level]:
    """The levels a running clock has reached on a day, the gravest last."""
    days = {Level.HALF: half_on, Level.EVE: warn_on}
    return [level for level, day in days.items() if day <= on] + (
        [Level.OVERDUE] if on > due_on else []
    )


def check_web_address(url: str) -> bool:
    """Whether this is a plain web address: http or https, a host, no user or password in it."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.username is None
            and (parts.port or 1) > 0
        )
    except ValueError:
        return False
