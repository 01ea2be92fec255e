"""What is given for a document when it is drafted or changed: whole, each time."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field

from huitong.documents import queries
from huitong.documents.rules import Audience, Issuer
from huitong.kernel.laws import citation
from huitong.work.queries import bodies_to_choose
from huitong.work.rules import AttachmentId, Pick

F = TypeVar("F", bound=Callable[..., Any])
KINDS_OF = {Issuer.BUREAU: queries.kinds_of_bureau, Issuer.BODY: queries.kinds_of_bodies}
MOST_TEXT = 50_000


def _citations(articles: list[str]) -> list[str]:
    for short in articles:
        try:
            citation(short)
        except ValueError:
            raise ValueError(f"没有“{short}”这一条") from None
    return articles


#: parameter → its type and, where it may be left out, what it is then
COMMON: dict[str, tuple[Any, Any]] = {
    "title": (
        Annotated[
            str, Field(title="标题", description="不必写书名号。", min_length=2, max_length=120)
        ],
        ...,
    ),
    "document_number": (
        Annotated[str, Field(title="文号", description="如：通数据〔2026〕3号。", max_length=60)],
        "",
    ),
    "articles": (
        Annotated[
            list[str],
            Pick(queries.articles_to_choose),
            AfterValidator(_citations),
            Field(
                title="有关条款", description="文件在引用这些条款的地方都能看到。", max_length=40
            ),
        ],
        (),
    ),
    "audience": (Annotated[Audience, Field(title="发布范围")], Audience.BODIES),
    "bodies": (
        Annotated[
            list[int],
            Pick(bodies_to_choose),
            Field(title="指定的部门", description="发布范围为“指定部门”时选择。"),
        ],
        (),
    ),
    "in_force": (
        Annotated[date | None, Field(title="施行日期", description="不填即自发布之日起施行。")],
        None,
    ),
    "until": (
        Annotated[
            date | None, Field(title="失效日期", description="有效期的最后一天；不填即长期有效。")
        ],
        None,
    ),
    "replaces": (
        Annotated[
            list[int],
            Pick(queries.documents_to_replace),
            Field(
                title="替代的文件",
                description="本文件施行之日起，这些文件不再有效。",
                max_length=40,
            ),
        ],
        (),
    ),
    "wording": (
        Annotated[str, Field(title="正文", description="空一行分段。", max_length=MOST_TEXT)],
        "",
    ),
    "file": (Annotated[AttachmentId | None, Field(title="文件", description="印发的原件。")], None),
}


def words(issuer: Issuer) -> Callable[[F], F]:
    """Let a verb be given all a document of this issuer says, as the keyword parameters its
    ``**given`` stands for."""
    kind = Annotated[str, Pick(KINDS_OF[issuer]), Field(title="类别", max_length=20)]
    types = {"kind": (kind, ...), **COMMON}

    def type_verb(verb: F) -> F:
        signature = inspect.signature(verb)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        typed = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if default is ... else default,
                annotation=annotation,
            )
            for name, (annotation, default) in types.items()
        ]
        whole = signature.replace(parameters=[*own, *typed])
        verb.__signature__ = whole  # type: ignore[attr-defined]
        verb.__annotations__ |= {name: annotation for name, (annotation, _) in types.items()}
        return verb

    return type_verb
