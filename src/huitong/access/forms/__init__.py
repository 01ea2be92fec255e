"""Forms of a decision: its scope, and the conditions on its data rows."""

from huitong.access.forms.scope import ScopeForm

__all__ = ["ScopeForm"]
