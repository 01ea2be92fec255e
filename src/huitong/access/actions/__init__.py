"""Everything that can be done about using data. Pages, API, commands and planes call only this
(A18-A30)."""

from huitong.access.actions.applying import apply, draft, revise_resource
from huitong.access.actions.completing import (
    ask_extension,
    complete,
    consent,
    deny,
    return_for_completion,
)
from huitong.access.actions.consenting import add_letters, remove_letter
from huitong.access.actions.credentials import (
    issue_credential,
    keep_systems_in_use,
    limit_networks,
    note_sign_in,
    refuse_sign_in,
    revoke_credential,
    rotate_credential,
    rotate_signing_key,
)
from huitong.access.actions.deciding import accept, decline, grant, refuse, simulate
from huitong.access.actions.deliveries import report_delivery, report_serving, report_stopped
from huitong.access.actions.filling import begin_form, print_form, revise
from huitong.access.actions.granting import expire, give_back, resume, revoke, suspend
from huitong.access.actions.intake import confirm, drop, prepare, turn_down
from huitong.access.actions.intake_grants import agree, disagree
from huitong.access.actions.narrowing import narrow_grants, narrow_with
from huitong.access.actions.passing import pass_on
from huitong.access.actions.reclaiming import (
    answer_notice,
    end_answering,
    give_notice,
    keep_running,
    reclaim,
)
from huitong.access.actions.renewing import offer_renewal, renew
from huitong.access.actions.sealing import seal, seal_form, send_back, submit, submit_form, withdraw
from huitong.access.actions.watching import end_provision, watch_use

__all__ = [
    "accept",
    "add_letters",
    "agree",
    "answer_notice",
    "apply",
    "ask_extension",
    "begin_form",
    "complete",
    "confirm",
    "consent",
    "decline",
    "deny",
    "disagree",
    "draft",
    "drop",
    "end_answering",
    "end_provision",
    "expire",
    "give_back",
    "give_notice",
    "grant",
    "issue_credential",
    "keep_running",
    "keep_systems_in_use",
    "limit_networks",
    "narrow_grants",
    "narrow_with",
    "note_sign_in",
    "offer_renewal",
    "pass_on",
    "prepare",
    "print_form",
    "reclaim",
    "refuse",
    "refuse_sign_in",
    "remove_letter",
    "renew",
    "report_delivery",
    "report_serving",
    "report_stopped",
    "resume",
    "return_for_completion",
    "revise",
    "revise_resource",
    "revoke",
    "revoke_credential",
    "rotate_credential",
    "rotate_signing_key",
    "seal",
    "seal_form",
    "send_back",
    "simulate",
    "submit",
    "submit_form",
    "suspend",
    "turn_down",
    "watch_use",
    "withdraw",
]
