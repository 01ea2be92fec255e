"""Moments and days in words: relative for the eye, absolute for the file."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

MINUTE, HOUR, DAY = 60, 3600, 86_400


def ago(at: date, now: datetime | None = None) -> str:
    """``3 天前``, ``5 分钟后``, ``今天``: how far a moment or a day is from now, in Chinese.

    Days are days of the calendar in Nantong, so that yesterday evening is 昨天 in the morning.
    """
    now = timezone.localtime(now)
    if isinstance(at, datetime):
        seconds = int((at - now).total_seconds())
        if abs(seconds) < MINUTE:
            return "刚刚"
        if abs(seconds) < HOUR:
            return _words(seconds // MINUTE if seconds > 0 else -(-seconds // MINUTE), "分钟")
        at = timezone.localtime(at).date()
        if at == now.date():
            hours = abs(seconds) // HOUR
            return _words(hours if seconds > 0 else -hours, "小时")
    days = (at - now.date()).days
    if abs(days) <= 2:
        return {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}[days]
    if abs(days) < 31:
        return _words(days, "天")
    months = _months(at, now.date())
    return _words(months, "个月") if abs(months) < 12 else _words(int(months / 12), "年")


def _months(at: date, now: date) -> int:
    """Whole months between two days, at least one, negative for the past."""
    first, last = sorted((at, now))
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return max(months, 1) * (1 if at > now else -1)


def _words(number: int, unit: str) -> str:
    return f"{abs(number)} {unit}{'后' if number > 0 else '前'}"


def absolute(at: date, seconds: bool = False) -> str:
    """``2026-11-23 09:30``, in Nantong's time; a day without hours."""
    if isinstance(at, datetime):
        at = timezone.localtime(at) if timezone.is_aware(at) else at
        return f"{at:%Y-%m-%d %H:%M:%S}" if seconds else f"{at:%Y-%m-%d %H:%M}"
    return f"{at:%Y-%m-%d}"


def moment(at: date, relative: bool | None = None, seconds: bool = False) -> SafeString:
    """A moment with how long ago it was beside it, a day alone; ``relative`` says otherwise."""
    words = absolute(at, seconds)
    stamp = timezone.localtime(at) if isinstance(at, datetime) and timezone.is_aware(at) else at
    if not (isinstance(at, datetime) if relative is None else relative):
        return format_html('<time class="nowrap" datetime="{}">{}</time>', stamp.isoformat(), words)
    return format_html(
        '<time class="moment" datetime="{}" title="{}"><span>{}</span> <small>{}</small></time>',
        stamp.isoformat(),
        words,
        words,
        ago(at),
    )
