"""What goes with a submission, and what a reviewer says."""

from __future__ import annotations

from typing import Any

from django import forms

from huitong.catalog.forms.once import Once
from huitong.catalog.rules import choices
from huitong.work.rules import Secret


class ClearedForm(Once):
    """What goes with a submission and with the manager's passing: the secrecy review (A3)."""

    cleared = forms.MultipleChoiceField(
        label="保密审查：经审查，提交内容不含",
        choices=choices(Secret),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="提交的经办人逐项声明，本部门负责人逐项确认；拿不准的，先送本部门保密机构。",
    )


class ReviewForm(ClearedForm):
    """What a reviewer says of the whole entry; the ground is of a return only (A10, A12)."""

    checked = forms.MultipleChoiceField(
        label="审核核对",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="逐项核对后勾选，全部核对无误才能通过；退回的，可以只勾选没有问题的。",
    )
    ground = forms.ChoiceField(label="退回的理由类别", required=False, help_text="退回时必选。")
    reasons = forms.CharField(
        label="总体意见",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
        help_text="退回时请在上面相应字段旁写明意见；编制人员会在表单中逐条看到。",
    )

    def __init__(
        self, grounds: list[tuple[str, str]], checks: list[tuple[str, str]], *args: Any, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["checked"].choices = checks
        self.fields["ground"].choices = [("", "不选（通过）"), *grounds]
