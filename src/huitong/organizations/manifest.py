"""What other rooms need of bodies and people."""

from huitong.kernel.actor import Post
from huitong.kernel.manifest import BUSINESS, EVERYBODY, Manifest, MenuLine, Section
from huitong.organizations import api, jobs, queries, urls

SYSTEM = frozenset({Post.SYSTEM_ADMIN})
SECURITY = frozenset({Post.SECURITY_ADMIN})


def _administration(
    place: int, label: str, page: str, icon: str, posts: frozenset[Post] = SYSTEM
) -> MenuLine:
    return MenuLine(Section.ADMINISTRATION, place, label, f"organizations:{page}", icon, posts)


MANIFEST = Manifest(
    context="huitong.organizations",
    urls=urls,
    routes=api.router,
    jobs=jobs,
    holders=queries.office_holders,
    menu=(
        MenuLine(Section.WORKBENCH, 40, "机构名录", "organizations:bodies", "building", EVERYBODY),
        MenuLine(
            Section.WORKBENCH,
            50,
            "职责与事项",
            "organizations:duties",
            "list-details",
            BUSINESS | SYSTEM,
        ),
        _administration(10, "系统管理", "overview", "settings"),
        _administration(20, "机构", "sys_bodies", "building-community"),
        _administration(30, "人员账号", "people", "users"),
        _administration(40, "行政区划", "divisions", "map-pin"),
        _administration(50, "节假日安排", "calendar", "calendar"),
        _administration(60, "时限参数", "limits", "clock"),
        _administration(70, "岗位任用", "rights", "shield-lock", SECURITY),
        _administration(80, "登录与令牌", "sessions", "key", SECURITY),
    ),
    home=queries.home_panels,
)
