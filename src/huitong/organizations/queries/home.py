"""What the home page says of bodies and people: what is lacking, and where it is mended."""

from __future__ import annotations

from typing import Any

from huitong.kernel.actor import Actor, Post
from huitong.organizations.queries.bodies import missing_task_forces, visible_to
from huitong.organizations.queries.people import (
    people_visible_to,
    people_without_posts,
    sessions_visible_to,
)
from huitong.organizations.queries.registers import limits, loaded_years, provisional_clocks


def home_panels(actor: Actor) -> list[dict[str, Any]]:
    """Panels for the post: the two administrators' figures; to a department, what it still owes
    of itself (A5)."""
    if actor.bureau and actor.has(Post.SYSTEM_ADMIN):
        return [_system(actor)]
    if actor.bureau and actor.has(Post.SECURITY_ADMIN):
        return [
            {
                "title": "安全管理",
                "figures": [
                    {
                        "label": "当前登录",
                        "value": sessions_visible_to(actor).count(),
                        "unit": "人",
                        "url": "/sec/sessions/",
                    },
                    {
                        "label": "尚无岗位的账号",
                        "value": people_without_posts(actor).count(),
                        "unit": "个",
                        "url": "/sec/",
                    },
                ],
            }
        ]
    if (
        actor.has(Post.OPERATOR, Post.MANAGER)
        and missing_task_forces().filter(pk=actor.body).exists()
    ):
        return [
            {
                "title": "本部门尚未登记工作专班",
                "links": [
                    {
                        "label": "登记分管领导、责任处室、技术支撑单位和专班人员（第五条）",
                        "url": f"/orgs/{actor.body}/task-force/",
                        "count": None,
                    }
                ],
            }
        ]
    return []


def _system(actor: Actor) -> dict[str, Any]:
    loaded = loaded_years().first()
    return {
        "title": "系统管理",
        "figures": [
            {
                "label": "机构",
                "value": visible_to(actor).count(),
                "unit": "个",
                "url": "/sys/bodies/",
            },
            {
                "label": "在用账号",
                "value": people_visible_to(actor).filter(is_active=True).count(),
                "unit": "个",
                "url": "/sys/people/",
            },
            {
                "label": "未登记工作专班",
                "value": missing_task_forces().count(),
                "unit": "个",
                "url": "/sys/",
            },
            {
                "label": "待核实的时限",
                "value": limits().exclude(confidence="verified").count(),
                "unit": "条",
                "url": "/sys/limits/",
            },
            {
                "label": "节假日已导入至",
                "value": loaded.year if loaded else "—",
                "unit": "年",
                "url": "/sys/calendar/",
            },
            {
                "label": "暂算的到期日",
                "value": provisional_clocks().count(),
                "unit": "件",
                "url": "/sys/calendar/",
            },
        ],
    }
