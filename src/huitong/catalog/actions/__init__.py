"""Everything that can be done in the catalog. Pages, API, commands and other contexts call only
this."""

from huitong.catalog.actions import census, changes, extending
from huitong.catalog.actions.changesets import (
    approve_changes,
    hand_over_changes,
    keep_old_codes,
    pass_changes,
    publish_changes,
    return_changes,
    send_back_changes,
    submit_changes,
)
from huitong.catalog.actions.coverage import confirm_coverage, count_in, leave_out
from huitong.catalog.actions.drift import adopt_drifts, compare_table, dismiss_drifts
from huitong.catalog.actions.entering import (
    ask_entering,
    enter_for,
    hand_over,
    take_over,
    update_for,
)
from huitong.catalog.actions.entries import (
    add_ground,
    discard,
    draft,
    drop_ground,
    edit,
    publish,
    submit,
)
from huitong.catalog.actions.follows import follow_entry, unfollow_entry
from huitong.catalog.actions.grounds import add_ground_kind, end_ground_kind
from huitong.catalog.actions.leads import (
    end_lead,
    register_data,
    rename_datum,
    replace_lead,
    take_back_lead,
)
from huitong.catalog.actions.looks import look_at_database, plan_looks
from huitong.catalog.actions.passing import pass_on
from huitong.catalog.actions.report import begin_report, check_catalog, finish_report, note_findings
from huitong.catalog.actions.requirements import end_requirement, require
from huitong.catalog.actions.review import (
    pass_bureau,
    pass_department,
    return_bureau,
    return_department,
    set_code_rule,
)
from huitong.catalog.actions.sheets import (
    apply_changes,
    finish_check,
    give_up_changes,
    hand_in_workbook,
    note_progress,
    undo_changes,
)
from huitong.catalog.actions.sources import (
    begin_scan,
    finish_scan,
    note_table,
    probe_database,
    refuse_table,
    register_database,
    renew_password,
    scan_database,
)
from huitong.catalog.actions.standards import (
    change_standard,
    end_code_list,
    register_code_list,
    register_standard,
    renew_code_list,
)
from huitong.catalog.actions.systems import (
    change_system,
    register_system,
    restore_system,
    retire_system,
)
from huitong.catalog.actions.terms import restore_condition, strike_condition
from huitong.catalog.actions.updating import update
from huitong.catalog.actions.words import (
    add_synonyms,
    change_synonyms,
    dismiss_missed,
    remember_missed,
    remove_synonyms,
)

__all__ = [
    "add_ground",
    "add_ground_kind",
    "add_synonyms",
    "adopt_drifts",
    "apply_changes",
    "approve_changes",
    "ask_entering",
    "begin_report",
    "begin_scan",
    "census",
    "change_standard",
    "change_synonyms",
    "change_system",
    "changes",
    "check_catalog",
    "compare_table",
    "confirm_coverage",
    "count_in",
    "discard",
    "dismiss_drifts",
    "dismiss_missed",
    "draft",
    "drop_ground",
    "edit",
    "end_code_list",
    "end_ground_kind",
    "end_lead",
    "end_requirement",
    "enter_for",
    "extending",
    "finish_check",
    "finish_report",
    "finish_scan",
    "follow_entry",
    "give_up_changes",
    "hand_in_workbook",
    "hand_over",
    "hand_over_changes",
    "keep_old_codes",
    "leave_out",
    "look_at_database",
    "note_findings",
    "note_progress",
    "note_table",
    "pass_bureau",
    "pass_changes",
    "pass_department",
    "pass_on",
    "plan_looks",
    "probe_database",
    "publish",
    "publish_changes",
    "refuse_table",
    "register_code_list",
    "register_data",
    "register_database",
    "register_standard",
    "register_system",
    "remember_missed",
    "remove_synonyms",
    "rename_datum",
    "renew_code_list",
    "renew_password",
    "replace_lead",
    "require",
    "restore_condition",
    "restore_system",
    "retire_system",
    "return_bureau",
    "return_changes",
    "return_department",
    "scan_database",
    "send_back_changes",
    "set_code_rule",
    "strike_condition",
    "submit",
    "submit_changes",
    "take_back_lead",
    "take_over",
    "undo_changes",
    "unfollow_entry",
    "update",
    "update_for",
]
