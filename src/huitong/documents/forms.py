"""What lists of documents are narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms

from huitong.documents import queries
from huitong.documents.rules import KINDS
from huitong.kernel.actor import Actor
from huitong.organizations import queries as organizations
from huitong.ui.selectors import Picker

ALL = ("", "全部")


class DocumentFilter(forms.Form):
    """What the list of documents can be narrowed by."""

    q = forms.CharField(label="标题、文号或正文", required=False, max_length=60)
    kind = forms.ChoiceField(
        label="类别", required=False, choices=[ALL, *((k.code, k.label) for k in KINDS.values())]
    )
    body = forms.TypedChoiceField(
        label="发布单位", required=False, coerce=int, empty_value=None, widget=Picker
    )
    article = forms.ChoiceField(label="有关条款", required=False, widget=Picker)
    on = forms.DateField(label="某日有效", required=False)

    def __init__(self, actor: Actor, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["body"].choices = [ALL, *organizations.all_body_names().items()]
        self.fields["article"].choices = [ALL, *queries.articles_to_choose(actor, None)]


class DepartmentFilter(forms.Form):
    """What the list of departments and their rules can be narrowed by."""

    has = forms.ChoiceField(
        label="管理办法", required=False, choices=[ALL, ("yes", "已制定"), ("no", "未制定")]
    )
