"""What a person may see of cases, files, notices; who is told; how punctual the bodies are (A15, A17, A19, A31)."""

from huitong.work.queries.cases import (
    Countdown,
    Tab,
    article_words,
    case_for,
    copies_of,
    countdown,
    counted,
    due_filter,
    files_of,
    openings,
    ordered,
    party_label,
    people_to_copy,
    people_to_hand_over_to,
    shell_counts,
    tab_cases,
    timeline,
    visible_to,
)
from huitong.work.queries.files import attachment_for, attachments_visible_to, path_of
from huitong.work.queries.notices import gathered, notices_of, preferences_of, told_at, undelivered, unread_of, webhook_of
from huitong.work.queries.supervision import Rate, accountable, has_reacted, may_urge, on_time, reached, urged_bodies, urgings_of

__all__ = [
    "Countdown", "Rate", "Tab", "accountable", "article_words", "attachment_for", "attachments_visible_to", "case_for",
    "copies_of", "countdown", "counted", "due_filter", "files_of", "gathered", "has_reacted", "may_urge", "notices_of",
    "on_time", "openings", "ordered", "party_label", "path_of", "people_to_copy", "people_to_hand_over_to", "preferences_of",
    "reached", "shell_counts", "tab_cases", "timeline", "told_at", "undelivered", "unread_of", "urged_bodies", "urgings_of",
    "visible_to", "webhook_of",
]
