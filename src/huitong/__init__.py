"""huitong (汇通): catalog, review, publish, authorize, exchange and supervise government data.

Five words carry the code: context, rules, actions, queries, doors; a plane is a context that also
moves data. See docs/architecture.md.
"""

import os
from pathlib import Path

__version__ = "0.1.0"


def default_data() -> Path:
    """Where an installation keeps its data unless HUITONG_DATA says otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/huitong")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "huitong"
