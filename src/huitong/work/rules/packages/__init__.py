"""Documents that are zip archives: Office Open XML (ECMA-376, as Office and WPS write it) and OFD
(GB/T 33190-2016).

Every part is of a listed name, content and kind of relation, or the document is refused: macros,
macro sheets, objects, controls, links to other files and data, whatever name they hide behind. What
is left shows text, tables and pictures.
"""

from huitong.work.rules.packages.ofd import check_ofd
from huitong.work.rules.packages.office import check_docx, check_xlsx

__all__ = ["check_docx", "check_ofd", "check_xlsx"]
