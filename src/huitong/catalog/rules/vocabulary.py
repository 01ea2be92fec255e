"""The closed vocabularies of a catalog entry.

Source unless said otherwise: 政务信息资源目录编制指南（试行）, 发改高技〔2017〕1272号， and GB/T 21063.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from huitong.kernel.actor import Labelled
from huitong.scope.columns import is_opaque
from huitong.scope.literals import ItemType
from huitong.scope.masks import NAMED


class ShareClass(Labelled):
    """共享类型： the three classes of A8."""

    UNCONDITIONAL = "1", "无条件共享"
    CONDITIONAL = "2", "有条件共享"
    NOT_SHARED = "3", "不予共享"


class Shape(Labelled):
    """The enforceable shapes a condition may take; they can be combined (A8)."""

    NAMED_BODIES = "named_bodies", "仅提供给指定部门"
    PARTIAL_ITEMS = "partial_items", "仅提供部分信息项"
    MASKED = "masked", "脱敏后提供"
    COMPARISON = "comparison", "仅提供比对结果"


class ShareMode(Labelled):
    """共享方式 on the platform (A13)."""

    TABLE = "table", "库表"
    API = "api", "接口"
    FILE = "file", "文件"


class Origin(Labelled):
    """采集来源： how the body came by the resource, in the words of A2."""

    OWN = "own", "本部门直接采集"
    THIRD_PARTY = "third_party", "通过第三方采集"
    DELEGATED = "delegated", "依法授权管理"
    SYSTEM = "system", "依托信息系统形成"


class OpenClass(Labelled):
    """开放类型： openness to society, a property of its own beside sharing (A7)."""

    UNCONDITIONAL = "1", "无条件开放"
    CONDITIONAL = "2", "有条件开放"
    NOT_OPEN = "3", "不予开放"


class OpenMode(Labelled):
    """开放方式 (A7)."""

    DOWNLOAD = "download", "数据下载"
    API = "api", "接口调用"
    QUERY = "query", "在线查询"
    NONE = "none", "不开放"


class Cycle(Labelled):
    """更新周期. Business and data cycle both take these values."""

    REAL_TIME = "1", "实时"
    DAILY = "2", "每日"
    WEEKLY = "3", "每周"
    MONTHLY = "4", "每月"
    QUARTERLY = "5", "每季度"
    HALF_YEARLY = "6", "每半年"
    YEARLY = "7", "每年"
    IRREGULAR = "8", "不定期"
    NEVER = "9", "不更新"


class Format(Labelled):
    """信息资源格式： the kind; the product's name goes into the detail."""

    DATABASE = "database", "数据库"
    SPREADSHEET = "spreadsheet", "电子表格"
    DOCUMENT = "document", "电子文件"
    IMAGE = "image", "图形图像"
    STREAM = "stream", "流媒体"
    SELF_DESCRIBING = "self_describing", "自描述格式"
    SERVICE = "service", "服务接口"


#: what the detail of a format usually is, offered to the clerk
FORMAT_DETAILS: Mapping[Format, tuple[str, ...]] = {
    Format.DATABASE: (
        "PostgreSQL",
        "MySQL",
        "Oracle",
        "SQL Server",
        "DB2",
        "Dm",
        "KingbaseES",
        "Access",
        "dbf",
    ),
    Format.SPREADSHEET: ("et", "xls", "xlsx"),
    Format.DOCUMENT: ("ofd", "wps", "xml", "txt", "doc", "docx", "html", "pdf", "ppt"),
    Format.IMAGE: ("jpg", "png", "tif", "shp", "dwg"),
    Format.STREAM: ("mp4", "swf", "rm", "mpg"),
    Format.SELF_DESCRIBING: ("json", "xml", "rdf"),
    Format.SERVICE: ("REST", "SOAP", "WMS"),
}


class Usage(Labelled):
    """How the resource will be used, which decides how it should be mounted (A13)."""

    FREQUENT = "frequent", "数据经常变化"
    TIMELY = "timely", "时效性要求高"
    JOINT_APPROVAL = "joint_approval", "跨部门并联审批"
    COLLABORATION = "collaboration", "跨部门协同办公"
    GOVERNANCE = "governance", "用于数据治理"
    ANALYSIS = "analysis", "用于关联分析"


#: A13: uses that ask for an interface, uses that ask for a table
WANTS_API = (Usage.FREQUENT, Usage.TIMELY, Usage.JOINT_APPROVAL, Usage.COLLABORATION)
WANTS_TABLE = (Usage.GOVERNANCE, Usage.ANALYSIS)


class ClassKind(Labelled):
    """类： the first digit of the classification and of the code."""

    BASIC = "1", "基础信息资源"
    THEME = "2", "主题信息资源"
    DEPARTMENT = "3", "部门信息资源"


class Layer(Labelled):
    """层级： whose layer of administration keeps the resource (A6)."""

    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县（市、区）级"
    TOWNSHIP = "township", "乡镇（街道）级"


class Industry(Labelled):
    """行业门类： the twenty sections of GB/T 4754-2017, by which entries are browsed too (A20)."""

    A = "A", "农、林、牧、渔业"
    B = "B", "采矿业"
    C = "C", "制造业"
    D = "D", "电力、热力、燃气及水生产和供应业"
    E = "E", "建筑业"
    F = "F", "批发和零售业"
    G = "G", "交通运输、仓储和邮政业"
    H = "H", "住宿和餐饮业"
    I = "I", "信息传输、软件和信息技术服务业"  # noqa: E741 - the letter is the standard's
    J = "J", "金融业"
    K = "K", "房地产业"
    L = "L", "租赁和商务服务业"
    M = "M", "科学研究和技术服务业"
    N = "N", "水利、环境和公共设施管理业"
    O = "O", "居民服务、修理和其他服务业"  # noqa: E741
    P = "P", "教育"
    Q = "Q", "卫生和社会工作"
    R = "R", "文化、体育和娱乐业"
    S = "S", "公共管理、社会保障和社会组织"
    T = "T", "国际组织"


class Level(Labelled):
    """数据分级 of an item, as present-day platforms ask for it."""

    ONE = "1", "一级（公开）"
    TWO = "2", "二级（内部）"
    THREE = "3", "三级（敏感）"
    FOUR = "4", "四级（高敏感）"


@dataclass(frozen=True)
class Strictest:
    """What an item starts with, and what is taken for whatever is not said of it."""

    level: Level
    share_class: ShareClass
    mask: str


#: privacy before comfort (个人信息保护法第六条：最小范围): who wants to give more says so, item by item
STRICTEST = Strictest(Level.FOUR, ShareClass.NOT_SHARED, "blank")


class DatabaseRole(Labelled):
    """What a registered database is for (A13). Its kind is one of `connectors.CAPABILITIES`."""

    SOURCE = "source", "数据来源"
    TARGET = "target", "接收交换数据的前置库"


class Tls(Labelled):
    """How the connection to a database is encrypted; the words are those of `connectors`."""

    PREFER = "prefer", "优先加密"
    REQUIRE = "require", "必须加密"
    VERIFY = "verify-full", "必须加密并核验证书"
    DISABLE = "disable", "不加密"


class ScanState(Labelled):
    """How far a scan has come."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "扫描中"
    DONE = "done", "已完成"
    FAILED = "failed", "未成功"


#: said wherever a kept password can no longer be decrypted (the master key was changed, the
#: database passed to an heir)
UNREADABLE = "保存的数据库密码已无法解密，请在“系统与数据库”中更换密码后再试。"


def choices(vocabulary: type[Labelled] | type[ItemType]) -> list[tuple[str, str]]:
    """``(value, label)`` pairs of a vocabulary, for forms and facets."""
    return [(member.value, member.label) for member in vocabulary]


_WORDS = frozenset(NAMED)
_DIGITS = frozenset({"citizen_number", "mobile", "bank_card", "blank"})
_WHOLE = frozenset({"blank"})
#: the masks an item of a type can wear: part of a date or an amount hides nothing
MASKS: Mapping[ItemType, frozenset[str]] = {
    ItemType.TEXT: _WORDS,
    ItemType.MEMO: _WORDS,
    ItemType.NUMBER: _DIGITS,
    ItemType.INTEGER: _DIGITS,
    ItemType.MONEY: _WHOLE,
    ItemType.DOUBLE: _WHOLE,
    ItemType.FLOAT: _WHOLE,
    ItemType.DATE: _WHOLE,
    ItemType.TIME: _WHOLE,
    ItemType.TRUTH: _WHOLE,
    ItemType.GENERAL: _WHOLE,
}
#: the longest an item of a type can be, in characters or digits; 0 = its type says it all
LONGEST: Mapping[ItemType, int] = {
    ItemType.TEXT: 100_000_000,
    ItemType.MEMO: 100_000_000,
    ItemType.GENERAL: 100_000_000,
    ItemType.NUMBER: 1000,
    ItemType.INTEGER: 20,
    ItemType.MONEY: 1000,
    ItemType.DOUBLE: 53,
    ItemType.FLOAT: 53,
    ItemType.DATE: 0,
    ItemType.TIME: 0,
    ItemType.TRUTH: 0,
}

#: which item types suit which family of column types; what stands in neither row of a family
#: contradicts it
FITTING: Mapping[str, frozenset[ItemType]] = {
    "integer": frozenset({ItemType.INTEGER, ItemType.NUMBER}),
    "decimal": frozenset({ItemType.NUMBER, ItemType.MONEY}),
    "float": frozenset({ItemType.DOUBLE, ItemType.FLOAT, ItemType.NUMBER}),
    "date": frozenset({ItemType.DATE}),
    "time": frozenset({ItemType.TIME}),
    "truth": frozenset({ItemType.TRUTH}),
    "text": frozenset({ItemType.TEXT, ItemType.MEMO}),
    "binary": frozenset({ItemType.GENERAL}),
    "opaque": frozenset({ItemType.GENERAL, ItemType.TEXT, ItemType.MEMO}),
    "other": frozenset(ItemType),
}
DOUBTFUL: Mapping[str, frozenset[ItemType]] = {
    "integer": frozenset(
        {ItemType.TEXT, ItemType.MONEY, ItemType.TRUTH, ItemType.DOUBLE, ItemType.FLOAT}
    ),
    "decimal": frozenset({ItemType.INTEGER, ItemType.DOUBLE, ItemType.FLOAT, ItemType.TEXT}),
    "float": frozenset({ItemType.MONEY, ItemType.TEXT}),
    "date": frozenset({ItemType.TIME, ItemType.TEXT}),
    "time": frozenset({ItemType.DATE, ItemType.TEXT}),
    "truth": frozenset({ItemType.TEXT, ItemType.INTEGER, ItemType.GENERAL}),
    "text": frozenset(
        {
            ItemType.DATE,
            ItemType.TIME,
            ItemType.NUMBER,
            ItemType.MONEY,
            ItemType.INTEGER,
            ItemType.TRUTH,
        }
    ),
    "binary": frozenset(),
    "opaque": frozenset(),
    "other": frozenset(),
}
#: how the type names of databases fall into families; the first that begins the name wins
FAMILY_OF: tuple[tuple[str, str], ...] = (
    ("interval", "other"),
    ("bigint", "integer"),
    ("int", "integer"),
    ("smallint", "integer"),
    ("mediumint", "integer"),
    ("tinyint(1)", "truth"),
    ("tinyint", "integer"),
    ("serial", "integer"),
    ("bigserial", "integer"),
    ("numeric", "decimal"),
    ("decimal", "decimal"),
    ("money", "decimal"),
    ("double", "float"),
    ("real", "float"),
    ("float", "float"),
    ("datetime", "time"),
    ("timestamp", "time"),
    ("date", "date"),
    ("bool", "truth"),
    ("bit(1)", "truth"),
    ("character", "text"),
    ("char", "text"),
    ("varchar", "text"),
    ("bpchar", "text"),
    ("text", "text"),
    ("tinytext", "text"),
    ("mediumtext", "text"),
    ("longtext", "text"),
    ("enum", "text"),
    ("uuid", "text"),
    ("json", "text"),
    ("xml", "text"),
    ("citext", "text"),
    ("name", "text"),
    ("inet", "text"),
    ("cidr", "text"),
    ("macaddr", "text"),
    ("bytea", "binary"),
    ("blob", "binary"),
    ("tinyblob", "binary"),
    ("mediumblob", "binary"),
    ("longblob", "binary"),
    ("binary", "binary"),
    ("varbinary", "binary"),
)


def family_of(column_type: str) -> str:
    """The family of a database's column type; ``opaque`` for arrays, ranges and the like, of
    whatever; ``other`` when unknown."""
    name = column_type.strip().lower()
    if name != "bytea" and is_opaque(name):
        return "opaque"
    return next((family for start, family in FAMILY_OF if name.startswith(start)), "other")
