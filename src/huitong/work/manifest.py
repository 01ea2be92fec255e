"""What other rooms need of the workbench."""

from huitong.kernel.manifest import BUSINESS, EVERYBODY, Finder, Manifest, MenuLine, Section
from huitong.work import actions, api, jobs, queries, rules, urls

MANIFEST = Manifest(
    context="huitong.work",
    urls=urls,
    routes=api.router,
    jobs=jobs,
    menu=(
        MenuLine(
            Section.WORKBENCH, 10, "待办事项", "work:todo", "checklist", EVERYBODY, letter="d"
        ),
        MenuLine(Section.WORKBENCH, 20, "发起事项", "work:openings", "plus", EVERYBODY, letter="f"),
        MenuLine(Section.WORKBENCH, 25, "时限", "work:limits", "clock", BUSINESS, letter="s"),
        MenuLine(Section.WORKBENCH, 30, "消息", "work:notices", "bell", EVERYBODY, letter="x"),
    ),
    home=queries.home_panels,
    finders=(Finder("事项", queries.cases_named),),
    # files named in any act are bound to its case
    binders=(actions.bind_attachments,),
    # a notice ends with its to-do, whoever did it
    closers=(actions.settle,),
    # no text marked as classified enters by any act (A3)
    guards=(rules.refuse_marked,),
)
