"""Forms of the compiling pages. Labels and hints come from the table of elements; nothing is
required while one is drafting.

What is typed goes to the verb ``entry.edit``, whose own types judge it; what the verb refuses is
put beside its field.
"""

from huitong.catalog.forms.fields import FIELDS, asked_in
from huitong.catalog.forms.filters import EntryFilter
from huitong.catalog.forms.items import ItemsForm
from huitong.catalog.forms.reasons import ReasonsForm, RemarkForm
from huitong.catalog.forms.review import ClearedForm, ReviewForm
from huitong.catalog.forms.rows import COLUMNS
from huitong.catalog.forms.sections import SectionForm, StartForm

__all__ = [
    "COLUMNS",
    "FIELDS",
    "ClearedForm",
    "EntryFilter",
    "ItemsForm",
    "ReasonsForm",
    "RemarkForm",
    "ReviewForm",
    "SectionForm",
    "StartForm",
    "asked_in",
]
