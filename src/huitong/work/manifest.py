"""What other rooms need of the workbench."""

from huitong.kernel.manifest import BUSINESS, EVERYBODY, Manifest, MenuLine, Section
from huitong.work import actions, api, jobs, rules, urls

MANIFEST = Manifest(
    context="huitong.work",
    urls=urls,
    routes=api.router,
    jobs=jobs,
    menu=(
        MenuLine(Section.WORKBENCH, 10, "待办事项", "work:todo", "checklist", EVERYBODY),
        MenuLine(Section.WORKBENCH, 20, "发起事项", "work:openings", "plus", EVERYBODY),
        MenuLine(Section.WORKBENCH, 25, "时限", "work:limits", "clock", BUSINESS),
        MenuLine(Section.WORKBENCH, 30, "消息", "work:notices", "bell", EVERYBODY),
    ),
    # files named in any act are bound to its case
    binders=(actions.bind_attachments,),
    # a notice ends with its to-do, whoever did it
    closers=(actions.settle,),
    # no text marked as classified enters by any act (A3)
    guards=(rules.refuse_marked,),
)
