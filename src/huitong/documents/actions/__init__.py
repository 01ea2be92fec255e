"""Everything that can be done with standing documents. Pages, API, commands and other contexts call
only this: ``doing.perform(actor, "city_document.draft", …)``."""

from huitong.documents.actions.issuing import VERBS
from huitong.documents.actions.passing import pass_on

__all__ = ["VERBS", "pass_on"]
