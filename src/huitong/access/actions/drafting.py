"""A draft of an application, begun from what is known of it elsewhere (A20, A25)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode
from huitong.work.actions import save_draft


def begin_draft(actor: Actor, *, mount: int, answers: Mapping[str, str]) -> str:
    """Begin a draft for one resource with these answers filled in, for its person to go on with;
    its address. Raises `NotVisible`."""
    about, key = publishing.mount_for(actor, mount), str(uuid4())
    url = reverse("access:apply", args=[key])
    save_draft(
        actor,
        kind="access.apply",
        key=key,
        title=f"申请使用：{about.entry.name}（{Mode(about.mode).label}）",
        url=url,
        content={"mounts": [str(about.pk)]} | {name: [text] for name, text in answers.items()},
        mark="",
    )
    return url
