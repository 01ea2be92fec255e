"""The kinds of files people may upload: documents everywhere, data where it is handed out (A13)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import PurePath

from huitong.kernel.procedure import Malformed
from huitong.work.rules.datafiles import DATA
from huitong.work.rules.uploads import DOCUMENTS, Checked, Refused

#: every kind by its suffix
KINDS: Mapping[str, Callable[[bytes], Checked]] = {**DOCUMENTS, **DATA}
#: suffixes a parameter accepts by default
PAPERS = tuple(DOCUMENTS)
#: suffixes of files that may be handed out
HANDED_OUT = tuple(KINDS)


def check_upload(name: str, content: bytes, limit: int) -> Checked:
    """The kind of a file, by content. Raises `Malformed` on ``upload`` with what is wrong and what
    would be accepted."""
    suffix = suffix_of(name)
    try:
        if suffix not in KINDS:
            raise Refused(f"不接受这种文件，请上传 {words(KINDS)}。")
        if not content:
            raise Refused("文件是空的，请重新选择。")
        if len(content) > limit:
            raise Refused(f"文件过大，最多 {limit // 1024 // 1024} MB。")
        return KINDS[suffix](content)
    except Refused as refusal:
        raise Malformed({"upload": f"“{PurePath(name).name[:80]}”{refusal}"}) from None


def suffix_of(name: str) -> str:
    return PurePath(name).suffix.lower()


def words(suffixes: Collection[str]) -> str:
    """Suffixes, in words."""
    return "、".join(suffix[1:].upper() for suffix in suffixes if suffix != ".jpeg")
