"""Databases and HTTP services of others: what each can do as data, found and read through one guard
(A13, A14, A28); tables in files of others: read by one reader (`sheets`, A3).

Plain Python, no Django. Every address a user registers is checked at the moment of connecting, not
when it is typed in.
"""

from huitong.connectors.address import CAPABILITIES, Capability, DatabaseAddress
from huitong.connectors.databases import connect, probe
from huitong.connectors.guard import Allowance, Guard, Pinned
from huitong.connectors.guest import GuestConnection, check_characters, our_path
from huitong.connectors.http import Answer, GuardedClient
from huitong.connectors.problems import ConnectorProblem
from huitong.connectors.scanning import ColumnFound, TableFound, samples, scan

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
    "TableFound",
    "check_characters",
    "connect",
    "our_path",
    "probe",
    "samples",
    "scan",
]
