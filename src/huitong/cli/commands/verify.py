"""Verify an exported ledger or an evidence package, offline: needs no database and no running
platform.

Exit code 0: nothing was changed; 1: something was; 2: a file cannot be read; 3: a checkpoint could
not be compared and needs --proof, which anybody may fetch from the platform's
/checkpoint/consistency?old=N&size=M.
"""

from huitong.audit.rules.verifying import arguments, run

__all__ = ["arguments", "run"]
