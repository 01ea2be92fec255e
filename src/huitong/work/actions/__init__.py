"""What is done about cases beside their own steps: taken, handed over, copied, urged, warned of,
told (A15, A19)."""

from huitong.work.actions.cases import claim, copy_to, give_back, hand_over
from huitong.work.actions.comments import (
    answer_comment,
    comment,
    end_follows,
    follow,
    unfollow,
    withdraw_comment,
)
from huitong.work.actions.drafts import (
    clear_drafts,
    delete_draft,
    hand_in_draft,
    restore_draft,
    save_draft,
)
from huitong.work.actions.files import attach, bind_attachments, hand_in, take_in, take_out
from huitong.work.actions.notices import (
    delivered,
    digest_at,
    notify,
    prefer,
    read,
    set_webhook,
    settle,
    settle_rest,
    tell_bodies,
    unread,
)
from huitong.work.actions.passing import pass_on
from huitong.work.actions.stamping import Archive, Scan, empty_seal, fix_print, take_scan
from huitong.work.actions.supervision import answer_urging, reacted, urge, warn, warn_of_watch
from huitong.work.actions.undoing import undo
from huitong.work.actions.views import (
    change_view,
    choose_columns,
    delete_view,
    export_list,
    save_view,
)

__all__ = [
    "Archive",
    "Scan",
    "answer_comment",
    "answer_urging",
    "attach",
    "bind_attachments",
    "change_view",
    "choose_columns",
    "claim",
    "clear_drafts",
    "comment",
    "copy_to",
    "delete_draft",
    "delete_view",
    "delivered",
    "digest_at",
    "empty_seal",
    "end_follows",
    "export_list",
    "fix_print",
    "follow",
    "give_back",
    "hand_in",
    "hand_in_draft",
    "hand_over",
    "notify",
    "pass_on",
    "prefer",
    "reacted",
    "read",
    "restore_draft",
    "save_draft",
    "save_view",
    "set_webhook",
    "settle",
    "settle_rest",
    "take_in",
    "take_out",
    "take_scan",
    "tell_bodies",
    "undo",
    "unfollow",
    "unread",
    "urge",
    "warn",
    "warn_of_watch",
    "withdraw_comment",
]
