"""What a provider does with its published entries: mount, mount anew, tend, suspend (A13, A14,
A18, A28)."""

from huitong.publishing.actions.changing import remount, tend
from huitong.publishing.actions.mounting import mount_api, mount_file, mount_table
from huitong.publishing.actions.proposing import confirm_change, refuse_change
from huitong.publishing.actions.suspending import resume_delivery, suspend_delivery, watch_stop
from huitong.publishing.actions.trying import try_source

__all__ = [
    "confirm_change",
    "mount_api",
    "mount_file",
    "mount_table",
    "refuse_change",
    "remount",
    "resume_delivery",
    "suspend_delivery",
    "tend",
    "try_source",
    "watch_stop",
]
