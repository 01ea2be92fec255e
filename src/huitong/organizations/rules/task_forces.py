"""How long a body may be without its task force (A5); the rules name no number, the city does."""

from huitong.kernel.actor import BODY, Post
from huitong.kernel.procedure import WatchRule, limit, watch

#: a body that must have a task force and has none; past its day it is the bureau's to urge
NO_TASK_FORCE = watch(
    WatchRule(
        "no_task_force",
        "登记工作专班",
        limit("C", "task_force", "登记工作专班"),
        BODY(Post.MANAGER),
        remedy="请登记分管领导、责任处室、技术支撑单位和专班人员（实施细则第五条）。",
    )
)
