"""The catalog as a workbook: what a clerk fills in with Excel or WPS instead of forms (A7).

Its columns come from the table of elements and from the grids of the pages, so that whatever can be
typed in a form can stand in a sheet. `layout` says what stands where, `reading` and `linking` read
what people have made of it into a `book`, `planning` compares it with what there is, `writing`
makes the template and the export, `annotating` gives a clerk's own file back with what is wrong in
it.
"""

from huitong.catalog.forms.sheets.annotating import annotated
from huitong.catalog.forms.sheets.book import Book, Fault
from huitong.catalog.forms.sheets.cells import Lookup
from huitong.catalog.forms.sheets.layout import SHEETS
from huitong.catalog.forms.sheets.planning import plan
from huitong.catalog.forms.sheets.reading import read_book
from huitong.catalog.forms.sheets.writing import export, template

__all__ = [
    "SHEETS",
    "Book",
    "Fault",
    "Lookup",
    "annotated",
    "export",
    "plan",
    "read_book",
    "template",
]
