"""What the catalog chapter says, as tables: vocabularies, elements, procedure, checks, codes (A3, A7-A13, A20)."""

from huitong.catalog.rules import given
from huitong.catalog.rules.checks import RULES, Finding, Rule, Severity, check, errors
from huitong.catalog.rules.codes import DEFAULT_TEMPLATE, check_template, fill, prefix
from huitong.catalog.rules.elements import ELEMENTS, Element, Section, label_of, section_of
from huitong.catalog.rules.facts import EntryFacts, GroundFacts, ItemRow
from huitong.catalog.rules.finding import folded, plain, ways_of, words_for, words_of
from huitong.catalog.rules.procedure import EDITABLE, ENTRY, EntryState, Overtaken
from huitong.catalog.rules.vocabulary import (
    FORMAT_DETAILS,
    THEMES,
    UNREADABLE,
    Category,
    ClassKind,
    Cycle,
    DatabaseRole,
    Format,
    GroundKind,
    Industry,
    Level,
    OpenClass,
    OpenMode,
    Origin,
    ScanState,
    Shape,
    ShareClass,
    ShareMode,
    Tls,
    Usage,
    choices,
    family_of,
)
from huitong.catalog.rules.wording import conditions, sections, words
from huitong.scope.literals import ItemType

__all__ = [
    "DEFAULT_TEMPLATE", "EDITABLE", "ELEMENTS", "ENTRY", "FORMAT_DETAILS", "RULES", "THEMES", "UNREADABLE", "Category",
    "ClassKind", "Cycle", "DatabaseRole", "Element", "EntryFacts", "EntryState", "Finding", "Format", "GroundFacts", "GroundKind",
    "Industry", "ItemRow", "ItemType", "Level", "OpenClass", "OpenMode", "Origin", "Overtaken", "Rule", "ScanState", "Section", "Severity", "Shape",
    "ShareClass", "ShareMode", "Tls", "Usage", "check", "check_template", "choices", "conditions", "errors", "family_of", "fill", "folded",
    "given", "label_of", "plain", "prefix", "section_of", "sections", "ways_of", "words", "words_for", "words_of",
]
