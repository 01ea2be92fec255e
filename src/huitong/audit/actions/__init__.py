"""What audit does: seal, publish, keep others' checkpoints, inspect, export."""

from huitong.audit.actions.exporting import evidence, export, sweep
from huitong.audit.actions.inspecting import check, inspect
from huitong.audit.actions.publishing import publish, witness
from huitong.audit.actions.sealing import seal

__all__ = ["check", "evidence", "export", "inspect", "publish", "seal", "sweep", "witness"]
