"""What the parts of a change of law and of a census have in common (A11)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.organizations import queries as organizations

#: so many are named where many are wrong
NAMED = 5


def some(names: Sequence[object]) -> str:
    """The first of these in words."""
    return "、".join(map(str, names[:NAMED])) + ("等" if len(names) > NAMED else "")


def check_entries(keys: Iterable[int], there: Iterable[int], why: str) -> None:
    """Refuse what is not among these entries, each by its number. Raises `Malformed`."""
    if strange := sorted(set(keys).difference(there)):
        raise Malformed({"entries": f"编号 {some(strange)} 的目录{why}"}, article="A11")


def check_bodies(bodies: Collection[int]) -> None:
    """Refuse bodies that are not in force. Raises `Malformed`."""
    if strange := sorted(set(bodies) - set(organizations.all_body_names())):
        raise Malformed({"bodies": f"没有这样的部门：{some(strange)}"}, article="A11")


def refuse_last(actor: Actor, part: Case, remedy: str) -> None:
    """Refuse to call off the only part that still runs: that would end the whole, past whoever may
    end it. The platform calls off all of a whole that is cancelled. Raises `AgainstRules`."""
    if actor.is_system:
        return
    # held until the act is over: of two who call off the last two, one is refused
    whole = Case.objects.select_for_update(no_key=True).get(pk=part.parent_id)
    if not whole.children.filter(closed_at=None).exclude(pk=part.pk).exists():
        raise AgainstRules(
            "只剩这一个部门还没有办结，撤回就等于结束整件事项。", article="A11", remedy=remedy
        )
