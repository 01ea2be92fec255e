"""Menus by post, as data. An item whose page does not exist in this installation is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import Resolver404, resolve

from huitong.kernel.actor import Actor, Post

BUSINESS = frozenset({Post.OPERATOR, Post.MANAGER})
ADMINISTRATORS = frozenset({Post.SYSTEM_ADMIN, Post.SECURITY_ADMIN, Post.AUDIT_ADMIN})
EVERYBODY = frozenset(Post)


@dataclass(frozen=True)
class Item:
    """A line of the menu: for whom it is, and whether only in the bureau."""

    label: str
    url: str
    icon: str
    posts: frozenset[Post] = BUSINESS
    bureau: bool = False


MENU: Mapping[str, tuple[Item, ...]] = {
    "工作台": (
        Item("待办事项", "/todo/", "checklist", EVERYBODY),
        Item("发起事项", "/cases/open/", "plus", EVERYBODY),
        Item("消息", "/notices/", "bell", EVERYBODY),
        Item("机构名录", "/orgs/", "building", EVERYBODY),
        Item("职责与事项", "/sys/duties/", "list-details", BUSINESS | {Post.SYSTEM_ADMIN}),
    ),
    "数据目录": (
        Item("目录检索", "/catalog/", "search"),
        Item("目录编制", "/compile/", "edit"),
        Item("目录普查", "/census/", "clipboard-check"),
        Item("资源发布", "/mounts/", "upload"),
    ),
    "共享使用": (
        Item("申购车", "/cart/", "shopping-cart"),
        Item("共享申请", "/applications/", "file-text"),
        Item("需求申请", "/demands/", "message"),
        Item("我的授权", "/grants/", "key"),
        Item("应用系统", "/systems/", "server"),
        Item("异议校核", "/objections/", "alert-circle"),
    ),
    "交换运行": (
        Item("交换监控", "/exchange/", "exchange", BUSINESS | {Post.PLATFORM_OPERATOR}),
        Item("接口调用", "/calls/", "plug", BUSINESS | {Post.AUDIT_ADMIN}),
        Item("文件下载", "/files/", "file-download"),
        Item("级联对接", "/cascade/", "sitemap", BUSINESS | {Post.PLATFORM_OPERATOR}, bureau=True),
        Item("数据质量", "/quality/", "shield-check"),
    ),
    "监督考核": (
        Item("督办", "/supervise/", "alert-triangle", bureau=True),
        Item("考核评分", "/scores/", "chart-bar"),
    ),
    "系统管理": (
        Item("系统管理", "/sys/", "settings", frozenset({Post.SYSTEM_ADMIN})),
        Item("机构", "/sys/bodies/", "building-community", frozenset({Post.SYSTEM_ADMIN})),
        Item("人员账号", "/sys/people/", "users", frozenset({Post.SYSTEM_ADMIN})),
        Item("行政区划", "/sys/divisions/", "map-pin", frozenset({Post.SYSTEM_ADMIN})),
        Item("节假日安排", "/sys/calendar/", "calendar", frozenset({Post.SYSTEM_ADMIN})),
        Item("时限参数", "/sys/limits/", "clock", frozenset({Post.SYSTEM_ADMIN})),
        Item("岗位任用", "/sec/", "shield-lock", frozenset({Post.SECURITY_ADMIN})),
        Item("登录与令牌", "/sec/sessions/", "key", frozenset({Post.SECURITY_ADMIN})),
        Item("审计", "/audit/", "history", frozenset({Post.AUDIT_ADMIN})),
    ),
}


def menu_for(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The sections an actor sees, the item of the current page marked."""
    shown = {
        label: [
            item
            for item in items
            if item.posts & actor.posts and (actor.bureau or not item.bureau) and exists(item.url)
        ]
        for label, items in MENU.items()
    }
    here = max(
        (i.url for items in shown.values() for i in items if path.startswith(i.url)),
        key=len,
        default="",
    )
    return [
        {
            "label": label,
            "items": [
                {"label": i.label, "url": i.url, "icon": i.icon, "active": i.url == here}
                for i in items
            ],
        }
        for label, items in shown.items()
        if items
    ]


@cache
def exists(url: str) -> bool:
    """Whether some room answers at this address."""
    try:
        resolve(url)
    except Resolver404:
        return False
    return True
