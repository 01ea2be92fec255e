"""Four eyes over what widens access after publication: a clerk proposes, the manager of the same
body confirms (A3, A12, A18, A28).

Widening is: leaving decisions to the platform, whatever its share class routes today, because the
next version may be of another; pointing a mount at another source, handing out another file. What
narrows, or only tends, needs one hand. What is proposed is kept with the mount and changes nothing.
"""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.doing import acting_people, note, recorded, was
from huitong.kernel.procedure import AgainstRules, NotYours
from huitong.kernel.workdays import today
from huitong.publishing import queries
from huitong.publishing.actions.binding import bind, unprocessed
from huitong.publishing.models import Mount
from huitong.publishing.rules import Authorization, MountState
from huitong.work import actions as work
from huitong.work import queries as work_queries
from huitong.work.rules import Cleared, Hidden, NoticeKind, check_cleared, reviewed

CHIEF = BODY(Post.MANAGER)
MountRef = Annotated[int, Hidden(), Field(title="挂接资源", ge=1)]


def leaves_provider(mount: Mount, to: Authorization) -> bool:
    """Whether this way of authorizing leaves decisions to the platform that the provider has, or
    will have under another version."""
    return to == Authorization.DELEGATED != mount.authorization


def propose(actor: Actor, mount: Mount, **changes: Any) -> None:
    """Keep changes that wait for the manager, beside those that wait already, and tell the
    managers."""
    before = mount.proposed
    people = sorted({*before.get("people", []), *acting_people()})
    mount.proposed = {
        **before,
        **changes,
        "people": people,
        "by": actor.name,
        "at": timezone.now().isoformat(),
    }
    mount.save()
    note(proposed=changes)
    _tell(
        actor,
        mount,
        work_queries.people_to_notify([f"{actor.body}:{Post.MANAGER}"]),
        "待确认的挂接变更",
        "、".join(queries.proposal_words(mount)),
    )


@recorded(
    "A12",
    CHIEF,
    label="确认挂接变更",
    effect="变更立即生效：已有授权的部门从此按变更后的来源或文件取得数据。",
)
def confirm_change(actor: Actor, *, mount: MountRef, cleared: Cleared = []) -> Mount:  # noqa: B006
    """Let what a clerk proposed take effect; for a file the secrecy review is confirmed with it
    (A3)."""
    own = _proposed(actor, mount)
    proposed = own.proposed
    was(
        **{
            name: getattr(own, queries.PROPOSABLE[name])
            for name in queries.PROPOSABLE
            if name in proposed
        }
    )
    if "file" in proposed:
        check_cleared(cleared, today())
        own.secrecy = {
            "declared": proposed["declared"],
            "confirmed": reviewed(actor, cleared, timezone.now()),
        }
        own.file_id, own.looked_at = proposed["file"], proposed["looked_at"]
        _check_stands(own, proposed["processed"])
        own.state = MountState.ACTIVE if own.state == MountState.PENDING else own.state
        note(secrecy=own.secrecy)
    if "source" in proposed:
        bind(actor, own, **proposed["source"])  # looked at again: the source may have changed since
    own.authorization = proposed.get("authorization", own.authorization)
    own.proposed = {}
    own.save()
    note(
        confirmed={name: proposed[name] for name in queries.PROPOSABLE if name in proposed},
        proposed_by=proposed["people"],
    )
    return own


@recorded("A12", CHIEF, label="不同意挂接变更")
def refuse_change(
    actor: Actor,
    *,
    mount: MountRef,
    reasons: Annotated[str, Field(title="理由", min_length=4, max_length=1000)],
) -> Mount:
    """What a clerk proposed does not take effect; a file never confirmed is gone with it."""
    own = _proposed(actor, mount)
    people, words = own.proposed["people"], "、".join(queries.proposal_words(own))
    was(proposed={name: own.proposed[name] for name in queries.PROPOSABLE if name in own.proposed})
    own.proposed = {}
    own.state = MountState.WITHDRAWN if own.state == MountState.PENDING else own.state
    own.save()
    _tell(actor, own, people, "未同意的挂接变更", f"{words}：{reasons}")
    return own


def _check_stands(mount: Mount, processed: bool) -> None:
    """Raises `AgainstRules` when what its clerk declared of a file is not enough for the version
    published since (A8)."""
    why = queries.doubts([mount]).get(mount.pk) or unprocessed(mount, processed)
    if why:
        raise AgainstRules(
            f"提出变更后目录已更新：{why}。",
            article="A8",
            who=f"{mount.entry.body.short_name}经办人",
            remedy="请不同意本次变更，由经办人按现行目录处理文件后重新提出。",
        )


def _proposed(actor: Actor, pk: int) -> Mount:
    """An own mount with something to confirm, locked, by somebody who did not propose it. Raises
    `AgainstRules`, `NotYours`."""
    mount = queries.own_mount(actor, pk)
    Mount.objects.select_for_update().get(pk=mount.pk)
    mount.refresh_from_db()
    if not mount.proposed:
        raise AgainstRules(
            "该资源没有待确认的变更。", article="A12", remedy="请刷新页面：可能已由他人办理。"
        )
    if acting_people() & set(mount.proposed["people"]):
        raise NotYours(
            "变更是您本人或您代理的人员提出的，须由另一人确认。",
            article="A12",
            who=f"{mount.entry.body.short_name}负责人",
        )
    return mount


def _tell(actor: Actor, mount: Mount, people: list[int], what: str, text: str) -> None:
    if others := [pk for pk in people if pk != actor.person]:
        work.notify(
            actor.platform,
            people=others,
            kind=NoticeKind.OTHER,
            title=f"{what}：{mount.entry.name}"[:200],
            text=text[:1000],
            url=reverse("publishing:mount", args=[mount.pk]),
        )
