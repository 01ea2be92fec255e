"""What other rooms need of bodies and people."""

from huitong.kernel.actor import Post
from huitong.kernel.manifest import BUSINESS, EVERYBODY, Manifest, MenuLine, Section
from huitong.organizations import api, jobs, queries, urls

#: what is begun by hand, each on the page of its name
ACTS = (
    "add_person",
    "edit_own_profile",
    "create_token",
    "deputize",
    "add_body",
    "add_limit",
    "confirm_duties",
    "appoint",
    "add_duty",
    "succeed",
)
SYSTEM = frozenset({Post.SYSTEM_ADMIN})
SECURITY = frozenset({Post.SECURITY_ADMIN})


def _administration(
    place: int, label: str, page: str, icon: str, letter: str, posts: frozenset[Post] = SYSTEM
) -> MenuLine:
    page = f"organizations:{page}"
    return MenuLine(Section.ADMINISTRATION, place, label, page, icon, posts, letter=letter)


MANIFEST = Manifest(
    context="huitong.organizations",
    urls=urls,
    routes=api.router,
    jobs=jobs,
    holders=queries.office_holders,
    menu=(
        MenuLine(
            Section.WORKBENCH,
            40,
            "机构名录",
            "organizations:bodies",
            "building",
            EVERYBODY,
            letter="j",
        ),
        MenuLine(
            Section.WORKBENCH,
            50,
            "职责与事项",
            "organizations:duties",
            "list-details",
            BUSINESS | SYSTEM,
            letter="z",
        ),
        _administration(10, "系统管理", "overview", "settings", "g"),
        _administration(20, "机构", "sys_bodies", "building-community", "b"),
        _administration(30, "人员账号", "people", "users", "r"),
        _administration(40, "行政区划", "divisions", "map-pin", "q"),
        _administration(50, "节假日安排", "calendar", "calendar", "a"),
        _administration(60, "时限参数", "limits", "clock", "c"),
        _administration(70, "岗位任用", "rights", "shield-lock", "g", SECURITY),
        _administration(80, "登录与令牌", "sessions", "key", "l", SECURITY),
    ),
    acts={f"organizations.{verb}": f"organizations:{verb}" for verb in ACTS},
    home=queries.home_panels,
)
