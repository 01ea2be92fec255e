"""Mounting a published entry as table, API or file; its source is looked at through the guard
each time (A13, A14, A18)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.catalog.rules import given
from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.publishing import queries
from huitong.publishing.actions.binding import bind, check_served, unprocessed
from huitong.publishing.actions.proposing import leaves_provider, propose
from huitong.publishing.models import Mount
from huitong.publishing.rules import Authorization, Mode, MountState, check_mode
from huitong.work import queries as work
from huitong.work.rules import Cleared, DataFileId, Find, Pick, Secret, check_cleared, reviewed

CLERK = BODY(Post.OPERATOR)


EntryRef = Annotated[int, Find(queries.find_entries, queries.entry_names), Field(title="目录")]
DatabaseRef = Annotated[
    int,
    Pick(queries.source_choices),
    Field(title="来源数据库", description="登记时用途为“数据来源”的数据库。"),
]
Schema = Annotated[str, Field(title="模式", description="不填为数据库登记的模式。", max_length=120)]
Table = Annotated[str, Field(title="表名", description="不填为目录来源表。", max_length=120)]
Key = Annotated[
    list[str],
    Field(title="主键列", description="能唯一确定一行的列；不填时用表自身的主键。", max_length=16),
    given.Listed,
]
How = Annotated[
    Authorization,
    Field(title="授权方式", description="由本部门逐一授权，或整体授权给平台代为审核。"),
]
Responsible = Annotated[
    str, Field(title="更新责任人", description="专人负责，须经培训。", min_length=2, max_length=60)
]
Trained = Annotated[date | None, Field(title="培训日期", description="更新责任人参加培训的日期。")]
Method = Annotated[
    str, Field(title="更新方法", description="如“信息系统实时写入前置库”。", max_length=120)
]


@recorded("A13", CLERK, label="挂接为库表")
def mount_table(
    actor: Actor,
    *,
    entry: EntryRef,
    database: DatabaseRef,
    schema_name: Schema = "",
    table: Table = "",
    key: Key = [],  # noqa: B006
    authorization: How = Authorization.DIRECT,
    responsible: Responsible,
    trained_on: Trained = None,
    update_method: Method = "",
) -> Mount:
    """Mount a published entry as a table of the department's front-end database."""
    return _mount(
        actor,
        Mode.TABLE,
        entry,
        database,
        schema_name,
        table,
        key,
        authorization,
        responsible,
        trained_on,
        update_method,
    )


@recorded("A13", CLERK, label="挂接为接口")
def mount_api(
    actor: Actor,
    *,
    entry: EntryRef,
    database: DatabaseRef,
    schema_name: Schema = "",
    table: Table = "",
    key: Key = [],  # noqa: B006
    authorization: How = Authorization.DIRECT,
    responsible: Responsible,
    trained_on: Trained = None,
    update_method: Method = "",
) -> Mount:
    """Mount a published entry as an API, which the platform makes of a table of the department's
    front-end database."""
    return _mount(
        actor,
        Mode.API,
        entry,
        database,
        schema_name,
        table,
        key,
        authorization,
        responsible,
        trained_on,
        update_method,
    )


@recorded("A13", CLERK, label="挂接为文件")
def mount_file(
    actor: Actor,
    *,
    entry: EntryRef,
    file: Annotated[DataFileId, Field(title="数据文件")],
    authorization: How = Authorization.DIRECT,
    responsible: Responsible,
    trained_on: Trained = None,
    update_method: Method = "",
    processed: Annotated[
        bool,
        Field(
            title="文件已按共享条件脱敏、删减",
            description="文件整件提供，平台不能再裁剪；目录规定脱敏或只提供部分信息项时须声明。",
        ),
    ] = False,
    cleared: Cleared,
) -> Mount:
    """Mount a published entry as a file, handed out whole once the department's manager has
    confirmed it (A3, A12)."""
    mount = _new(actor, Mode.FILE, entry, authorization, responsible, trained_on, update_method)
    check_served(mount)
    mount.state = MountState.PENDING
    mount.file = propose_file(actor, mount, file, cleared, processed)
    return authorize(actor, mount, authorization)


# -- inside ----------------------------------------------------------------------------------------


def _mount(
    actor: Actor,
    mode: Mode,
    entry: int,
    database: int,
    schema: str,
    table: str,
    key: list[str],
    authorization: Authorization,
    responsible: str,
    trained_on: date | None,
    update_method: str,
) -> Mount:
    mount = _new(actor, mode, entry, authorization, responsible, trained_on, update_method)
    bind(
        actor,
        mount,
        database,
        schema or mount.entry.source_schema,
        table or mount.entry.source_table,
        key,
    )
    return authorize(actor, mount, authorization)


def authorize(actor: Actor, mount: Mount, how: Authorization) -> Mount:
    """Save the mount, authorized so; what takes decisions from the provider waits for its
    manager."""
    if leaves_provider(mount, how):
        propose(actor, mount, authorization=str(how.value))
        return mount
    if how != mount.authorization:
        was(authorization=mount.authorization)
        mount.authorization = how
        mount.proposed = {
            name: value for name, value in mount.proposed.items() if name != "authorization"
        }
    mount.save()
    return mount


def propose_file(
    actor: Actor, mount: Mount, file: int, cleared: list[Secret], processed: bool
) -> Any:
    """A file leaves whole: its clerk declares what was taken out (A8) and the secrecy review, its
    manager confirms both (A3). Both declarations are of the version published now."""
    if why := unprocessed(mount, processed):
        raise Malformed({"processed": why}, article="A8")
    check_cleared(cleared, today())
    attachment = work.attachment_for(actor, file)
    mount.file = mount.file or attachment
    propose(
        actor,
        mount,
        file=attachment.pk,
        file_name=attachment.name,
        processed=processed,
        looked_at=mount.published.number,
        declared=reviewed(actor, cleared, timezone.now()),
    )
    note(sha256=attachment.sha256, size=attachment.size, processed=processed)
    return mount.file


def _new(
    actor: Actor,
    mode: Mode,
    entry: int,
    authorization: Authorization,
    responsible: str,
    trained_on: date | None,
    update_method: str,
) -> Mount:
    about = queries.mountable_entry(actor, entry)
    mounted = list(
        Mount.objects.filter(entry=about)
        .exclude(state=MountState.WITHDRAWN)
        .values_list("mode", flat=True)
    )
    if mode in mounted:
        raise AgainstRules(
            f"该目录已以{mode.label}方式挂接。",
            article="A13",
            remedy="如需更换来源，请使用“变更挂接”。",
        )
    check_trained(trained_on)
    if hint := check_mode(mode, about.published.share_modes, about.published.usage, mounted):
        note(hint=hint)
    return Mount(
        entry=about,
        mode=mode,
        authorization=Authorization.DIRECT,
        looked_at=about.published.number,
        responsible=responsible,
        trained_on=trained_on,
        update_method=update_method,
    )


def check_trained(day: date | None) -> None:
    if day is not None and day > today():
        raise Malformed({"trained_on": "培训日期不能晚于今天"}, article="A14")
