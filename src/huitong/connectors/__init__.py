"""Databases and HTTP services of others: what each can do as data, found and read through one guard
(A13, A14, A28); tables in files of others: read by one reader (`sheets`, A3).

Plain Python, no Django. Every address a user registers is checked at the moment of connecting, not
when it is typed in.
"""

from huitong.connectors.address import CAPABILITIES, Capability, DatabaseAddress
from huitong.connectors.databases import connect
from huitong.connectors.guard import Allowance, Guard, Pinned
from huitong.connectors.guest import GuestConnection, check_characters, our_path
from huitong.connectors.http import Answer, GuardedClient
from huitong.connectors.kinds import grant_reading_sql, probe, reading
from huitong.connectors.problems import ConnectorProblem
from huitong.connectors.scanning import samples, scan
from huitong.connectors.tables import ColumnFound, Probe, Reader, TableFound

__all__ = [
    "CAPABILITIES",
    "Allowance",
    "Answer",
    "Capability",
    "ColumnFound",
    "ConnectorProblem",
    "DatabaseAddress",
    "Guard",
    "GuardedClient",
    "GuestConnection",
    "Pinned",
    "Probe",
    "Reader",
    "TableFound",
    "check_characters",
    "connect",
    "grant_reading_sql",
    "our_path",
    "probe",
    "reading",
    "samples",
    "scan",
]
