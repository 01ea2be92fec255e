"""The kinds of standing documents, who issues each under which article, and whom one is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from huitong.kernel import shipped
from huitong.kernel.actor import Labelled
from huitong.kernel.procedure import Tone


class Issuer(Labelled):
    """Who issues documents of a kind."""

    BUREAU = "bureau", "市大数据管理局"
    BODY = "body", "各部门"


class Audience(Labelled):
    """To whom a document is published. Its own body reads it anyway, and so does the bureau."""

    BODIES = "bodies", "各部门"
    NAMED = "named", "指定部门"
    OWN = "own", "仅本部门"
    EVERYBODY = "everybody", "全体登录人员"


class Standing(Labelled):
    """What a document or a version of one is on a day."""

    PENDING = "pending", "尚未施行"
    IN_FORCE = "in_force", "现行有效"
    EXPIRED = "expired", "已过有效期"
    REPLACED = "replaced", "已被替代"
    REPEALED = "repealed", "已废止"

    @property
    def tone(self) -> Tone:
        return _TONES.get(self, Tone.NEUTRAL)


_TONES = {Standing.IN_FORCE: Tone.SUCCESS, Standing.PENDING: Tone.INFO}


@dataclass(frozen=True)
class DocumentKind:
    """A kind of document, a row of ``data/kinds.csv``; ``note`` is the law's wording."""

    code: str
    label: str
    article: str
    issuer: Issuer
    note: str


KINDS: Mapping[str, DocumentKind] = {
    row["code"]: DocumentKind(
        row["code"], row["label"], row["article"], Issuer(row["issuer"]), row["note"]
    )
    for row in shipped.rows("documents", "kinds")
}
#: what A12 wants of every department, what A35 leaves to the bureau
OWN_RULES = KINDS["own_rules"]
INTERPRETATION = KINDS["interpretation"]


def issued_by(issuer: Issuer) -> list[DocumentKind]:
    return [kind for kind in KINDS.values() if kind.issuer is issuer]
