"""Everything that changes bodies, people, rights and registers (A2, A3, A5, A6, A28)."""

from huitong.organizations.actions.accounts import (
    add_person,
    change_password,
    create_token,
    disable_person,
    edit_own_profile,
    edit_person,
    enable_person,
    end_session,
    reset_password,
    reset_second_factor,
    revoke_token,
    sign_in,
    sign_in_refused,
    sign_out,
)
from huitong.organizations.actions.bodies import add_body, edit_body, end_body, set_task_force
from huitong.organizations.actions.calendars import add_limit, confirm_limit, import_calendar
from huitong.organizations.actions.postings import appoint, deputize, dismiss, hand_over, revoke_deputy
from huitong.organizations.actions.registers import (
    add_duty,
    add_matter,
    edit_duty,
    edit_matter,
    end_duty,
    end_matter,
    import_bodies,
    import_divisions,
    import_duties,
    load_city,
    transfer_duty,
)
from huitong.organizations.actions.successions import rename_body, succeed

__all__ = [
    "add_body", "add_duty", "add_limit", "add_matter", "add_person", "appoint", "change_password", "confirm_limit", "create_token",
    "deputize", "disable_person", "dismiss", "edit_body", "edit_duty", "edit_matter", "edit_own_profile", "edit_person",
    "enable_person", "end_body", "end_duty", "end_matter", "end_session", "hand_over", "import_bodies", "import_calendar",
    "import_divisions", "import_duties", "load_city", "rename_body", "reset_password", "reset_second_factor", "revoke_deputy",
    "revoke_token", "set_task_force", "sign_in", "sign_in_refused", "sign_out", "succeed", "transfer_duty",
]
