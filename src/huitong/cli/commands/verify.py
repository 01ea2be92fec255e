"""Verify an exported ledger or an evidence package, offline: needs no database and no running platform."""

from huitong.audit.rules.offline import arguments, run

__all__ = ["arguments", "run"]
