"""The conditions of an entry in words a clerk reads before applying (A8, A18)."""

from __future__ import annotations

from huitong.catalog.rules.facts import EntryFacts
from huitong.catalog.rules.vocabulary import Shape, ShareClass
from huitong.scope.masks import NAMED


def conditions(e: EntryFacts) -> list[str]:
    """One sentence per condition; empty while the share class is not chosen."""
    if e.share_class == ShareClass.UNCONDITIONAL:
        said = ["所有政务部门均可申请使用,不附加条件。"]
    elif e.share_class == ShareClass.NOT_SHARED:
        said = ["不予共享,依据已报市大数据管理局备案。"]
    elif e.share_class == ShareClass.CONDITIONAL:
        said = [sentence for shape in Shape if shape in e.shapes and (sentence := _shape(shape, e))]
        said += [e.condition] if e.condition else []
    else:
        return []
    if e.control_parameters:
        titles = "、".join(str(p.get("title") or p.get("name")) for p in e.control_parameters)
        said.append(f"每次调用须说明:{titles}。")
    return said


def _shape(shape: Shape, e: EntryFacts) -> str:
    if shape is Shape.NAMED_BODIES:
        return f"仅提供给:{'、'.join(e.named_bodies)}。"
    if shape is Shape.PARTIAL_ITEMS:
        withheld = [i.name for i in e.items if i.share_class is ShareClass.NOT_SHARED]
        return f"提供 {len(e.shared_items)} 个信息项,不提供:{'、'.join(withheld)}。"
    if shape is Shape.MASKED:
        return "脱敏后提供:" + ";".join(f"{i.name} {NAMED[i.mask][0]}" for i in e.shared_items if i.mask) + "。"
    return "只返回比对结果(一致、不一致、查无),不提供数据本身。"
