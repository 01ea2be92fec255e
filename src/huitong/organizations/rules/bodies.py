"""Kinds of bodies and of their succession; the check of their credit codes (A2, A6)."""

from __future__ import annotations

from huitong.kernel.actor import FINANCE, GOVERNMENT, UPPER, Labelled
from huitong.kernel.procedure import Malformed
from huitong.scope.identifiers import credit_code_fault


class BodyKind(Labelled):
    """The bodies the rules address: A2, counties A6, zones named in the rules' address line; those
    that serve the public (schools, hospitals, water, power, gas, transport) by the province's law
    (江苏省数据条例)."""

    DEPARTMENT = "department", "政府部门"
    INSTITUTION = "institution", "授权行政职能的事业单位"
    SOCIAL_ORGANIZATION = "social_organization", "授权行政职能的社会组织"
    AUTHORIZED = "authorized", "其他依法授权管理公共事务的组织"
    PUBLIC_ENTERPRISE = "public_enterprise", "公共企事业单位"
    COUNTY = "county", "县（市）区主管机构"
    ZONE = "zone", "开发园区管委会"


class Office(Labelled):
    """The offices of the installation that a register names; the bureau and the counties' organs
    stand in the register of bodies itself."""

    FINANCE = FINANCE.name, FINANCE.label
    GOVERNMENT = GOVERNMENT.name, GOVERNMENT.label
    UPPER = UPPER.name, UPPER.label


class DivisionLevel(Labelled):
    """The levels of the register of divisions."""

    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县（市、区）"
    TOWNSHIP = "township", "乡镇、街道"
    VILLAGE = "village", "村、社区"
    ZONE = "zone", "园区"


class SuccessionKind(Labelled):
    """The way one body succeeds another; its resources, grants and cases pass on."""

    RENAME = "rename", "更名"
    MERGE = "merge", "合并"
    SPLIT = "split", "分立"


def check_credit_code(code: str) -> str:
    """The unified social credit code, its check character verified (GB 32100-2015). Raises
    `Malformed`."""
    code = code.strip().upper()
    if fault := credit_code_fault(code):
        raise Malformed({"credit_code": f"{fault}，请核对。"})
    return code
