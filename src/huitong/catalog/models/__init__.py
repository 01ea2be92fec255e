"""Tables of the catalog."""

from huitong.catalog.models.census import Census, CensusAnswer, CensusReport
from huitong.catalog.models.changes import AffectedEntry, LawChange
from huitong.catalog.models.codes import CodeRule, CodeSequence
from huitong.catalog.models.coverage import CoverageConfirmed, LeftOut
from huitong.catalog.models.drift import Drift, SourceShape
from huitong.catalog.models.entries import Entry, FieldRemark, Item, LegalGround, Version
from huitong.catalog.models.follows import EntryFollow
from huitong.catalog.models.grounds import GroundKind
from huitong.catalog.models.leads import Datum, Lead
from huitong.catalog.models.report import CheckFinding, CheckReport
from huitong.catalog.models.requirements import Requirement
from huitong.catalog.models.rounds import Round
from huitong.catalog.models.sheets import ChangeSet, EntryChange
from huitong.catalog.models.sources import Database, InformationSystem, Scan
from huitong.catalog.models.standards import Code, CodeList, CodeListVersion, Standard
from huitong.catalog.models.words import MissedQuestion, SynonymGroup

__all__ = [
    "AffectedEntry",
    "Census",
    "CensusAnswer",
    "CensusReport",
    "ChangeSet",
    "CheckFinding",
    "CheckReport",
    "Code",
    "CodeList",
    "CodeListVersion",
    "CodeRule",
    "CodeSequence",
    "CoverageConfirmed",
    "Database",
    "Datum",
    "Drift",
    "Entry",
    "EntryChange",
    "EntryFollow",
    "FieldRemark",
    "GroundKind",
    "InformationSystem",
    "Item",
    "LawChange",
    "Lead",
    "LeftOut",
    "LegalGround",
    "MissedQuestion",
    "Requirement",
    "Round",
    "Scan",
    "SourceShape",
    "Standard",
    "SynonymGroup",
    "Version",
]
