"""What standing documents are, plain: kinds, procedures, which version holds, the law's text."""

from huitong.documents.rules.articles import ARTICLES, Article, article
from huitong.documents.rules.drafting import DraftFacts, cited, faults
from huitong.documents.rules.kinds import (
    INTERPRETATION,
    KINDS,
    OWN_RULES,
    Audience,
    DocumentKind,
    Issuer,
    Standing,
    issued_by,
)
from huitong.documents.rules.procedure import BODY_DOCUMENT, CITY_DOCUMENT, TABLES, DocumentState
from huitong.documents.rules.standing import Ending, Span, standing_of, version_held

__all__ = [
    "ARTICLES",
    "BODY_DOCUMENT",
    "CITY_DOCUMENT",
    "INTERPRETATION",
    "KINDS",
    "OWN_RULES",
    "TABLES",
    "Article",
    "Audience",
    "DocumentKind",
    "DocumentState",
    "DraftFacts",
    "Ending",
    "Issuer",
    "Span",
    "Standing",
    "article",
    "cited",
    "faults",
    "issued_by",
    "standing_of",
    "version_held",
]
