"""What can be said when something is refused: one error body for every door (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huitong.kernel.laws import citation


class Problem(Exception):
    """A refusal a person can act on. ``status`` is the HTTP status every door uses for it."""

    status = 500
    code = "problem"

    def __init__(self, detail: str, *, article: str = "", who: str = "", remedy: str = "") -> None:
        super().__init__(detail)
        self.detail, self.article, self.who, self.remedy = detail, article, who, remedy

    @property
    def law(self) -> str:
        """Code of the law whose article stands in the way; empty when none is cited."""
        return citation(self.article).law.code if self.article else ""

    def as_body(self) -> dict[str, Any]:
        """The error body: what happened, under which law and article, who acts, what next."""
        body: dict[str, Any] = {"status": self.status, "code": self.code, "detail": self.detail}
        named = ("law", "article", "who", "remedy")
        return body | {name: text for name in named if (text := getattr(self, name))}


class NotVisible(Problem):
    """Not there, or not for this actor to know of: the two look alike on purpose."""

    status, code = 404, "not_visible"

    def __init__(self, what: str = "该内容") -> None:
        super().__init__(
            f"{what}不存在，或您无权查看。",
            remedy="请核对编号；如确需查看，请联系安全管理员核对您的岗位。",
        )


class NotYours(Problem):
    """Visible, but this act belongs to somebody else."""

    status, code = 403, "not_yours"


class AgainstRules(Problem):
    """The rules do not allow this act in this state; ``article`` says which rule."""

    status, code = 409, "against_rules"


class Malformed(Problem):
    """The input is incomplete or wrong: ``fields`` maps each field to what is wrong with it."""

    status, code = 422, "malformed"

    def __init__(self, fields: Mapping[str, str | list[str]], *, article: str = "") -> None:
        self.fields = {k: [v] if isinstance(v, str) else list(v) for k, v in fields.items()}
        faults = "；".join(fault for faults in self.fields.values() for fault in faults)
        super().__init__(
            faults or "提交的内容有误。",
            article=article,
            remedy="请按提示修改后重新提交，已填内容不会丢失。",
        )

    def as_body(self) -> dict[str, Any]:
        return super().as_body() | {"fields": self.fields}
