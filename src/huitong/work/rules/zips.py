"""Zip archives people upload, opened in the one strict reading of `audit.rules.archive`."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

from huitong.audit.rules.archive import ArchiveError, Limits, members, stored_name
from huitong.work.rules.checked import Refused

#: an archive may unpack to so many bytes, and shrink by so much at most
UNPACKED_BYTES = 200 * 1024 * 1024
RATIO = 200
TRAILING = "文件尾部附有其他内容。"


def open_zip(
    content: bytes,
    limits: Limits,
    messages: Mapping[str, str],
    name_of: Callable[[zipfile.ZipInfo], str] = stored_name,
) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """An archive and its members, without folders. Raises `Refused` with the message of the kind
    of `ArchiveError`, or that of ``damaged``."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        return archive, members(archive, limits, name_of)
    except ArchiveError as error:
        raise Refused(messages.get(error.kind, messages["damaged"])) from error
    except Exception as error:  # zipfile raises anything on a damaged file
        end = content.rfind(b"PK\x05\x06")
        trailing = end >= 0 and end + 22 < len(content)
        raise Refused(TRAILING if trailing else messages["damaged"]) from error
