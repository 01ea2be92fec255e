"""What other rooms need of the catalog."""

from huitong.catalog import api, jobs, queries, urls
from huitong.catalog.queries.suggesting import entries_named
from huitong.catalog.views import passing
from huitong.kernel.manifest import CasePage, Finder, Manifest, MenuLine, Section

MANIFEST = Manifest(
    context="huitong.catalog",
    urls=urls,
    routes=api.router,
    jobs=jobs,
    menu=(
        MenuLine(Section.CATALOG, 10, "目录检索", "catalog:browse", "search", letter="m"),
        MenuLine(Section.CATALOG, 20, "目录编制", "catalog:mine", "edit", letter="b"),
        MenuLine(Section.CATALOG, 22, "信息系统", "catalog:systems", "server", letter="y"),
        MenuLine(
            Section.CATALOG,
            25,
            "字典与标准",
            "catalog:code_lists",
            "book",
            letter="l",
            under=("catalog:standards", "catalog:leads"),
        ),
        MenuLine(Section.CATALOG, 30, "检索用词", "catalog:words", "tags", bureau=True, letter="u"),
        MenuLine(Section.CATALOG, 35, "目录检查", "catalog:checks", "clipboard-check", letter="q"),
        MenuLine(
            Section.CATALOG,
            40,
            "不予共享依据",
            "catalog:filed_grounds",
            "gavel",
            bureau=True,
            letter="i",
        ),
        MenuLine(
            Section.CATALOG,
            26,
            "目录普查",
            "catalog:censuses",
            "clipboard-list",
            letter="p",
            under=("catalog:to_withdraw",),
        ),
        MenuLine(
            Section.CATALOG, 45, "编码规范", "catalog:coding", "hash", bureau=True, letter="o"
        ),
        MenuLine(Section.CATALOG, 24, "法规职能变动", "catalog:changes", "scale", letter="v"),
    ),
    cases=(
        CasePage(
            "entry",
            facts=queries.case_facts,
            template="catalog/case_entry.html",
            openings={
                "draft": "catalog:start",
                "enter_for": "catalog:enter_for",
                "update_for": "catalog:update_for",
            },
        ),
        CasePage(
            "census",
            facts=queries.census_facts,
            template="catalog/case_census.html",
            openings={"launch": "catalog:launch_census"},
        ),
        CasePage(
            "census_part", facts=queries.census_part_facts, template="catalog/case_census.html"
        ),
        CasePage(
            "catalog_change",
            facts=queries.change_facts,
            template="catalog/case_change.html",
            openings={"register": "catalog:register_change"},
        ),
        CasePage(
            "catalog_change_part",
            facts=queries.change_part_facts,
            template="catalog/case_change.html",
        ),
    ),
    acts={
        "catalog.set_code_rule": "catalog:coding",
        "catalog.register_system": "catalog:new_system",
        "catalog.register_database": "catalog:new_database",
        "catalog.add_synonyms": "catalog:add_synonyms",
        "catalog.add_ground_kind": "catalog:add_ground_kind",
        "catalog.leave_out": "catalog:leave_out",
        "catalog.check_catalog": "catalog:checks",
        "catalog.require": "catalog:check_rules",
        "catalog.confirm_coverage": "catalog:coverage",
        "catalog.register_code_list": "catalog:new_code_list",
        "catalog.register_standard": "catalog:new_standard",
        "catalog.register_data": "catalog:register_data",
    },
    bulk=passing.acts,
    home=queries.home_panels,
    finders=(Finder("目录", entries_named),),
)
