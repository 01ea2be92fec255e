"""The scope of a grant: items, row filter, masks, control parameters, comparison only (A8, A18,
A22, A30).

Plain Python, no Django. One `Scope` is parsed once, narrowed at every hand it passes through,
explained on pages and compiled to SQL, for tables, APIs and simulations alike. `evaluate` says the
same of rows in Python: by it the SQL is tested.
"""

from huitong.scope.filters import And, Between, Compare, Filter, IsNull, Not, OneOf, Or, Prefix
from huitong.scope.literals import ItemType, Unreadable
from huitong.scope.masks import Mask
from huitong.scope.narrowing import implies, narrow, own_filter, peeks, peeks_through, widens
from huitong.scope.parameters import ControlParameter
from huitong.scope.reading import ScopeError
from huitong.scope.scope import Scope, from_json, to_json
from huitong.scope.wording import explain, explain_filter

__all__ = [
    "And",
    "Between",
    "Compare",
    "ControlParameter",
    "Filter",
    "IsNull",
    "ItemType",
    "Mask",
    "Not",
    "OneOf",
    "Or",
    "Prefix",
    "Scope",
    "ScopeError",
    "Unreadable",
    "explain",
    "explain_filter",
    "from_json",
    "implies",
    "narrow",
    "own_filter",
    "peeks",
    "peeks_through",
    "to_json",
    "widens",
]
