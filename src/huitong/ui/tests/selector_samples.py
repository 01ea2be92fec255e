"""A page of selectors, for the browser tests."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

from huitong.ui.pinyin import letters, readings, spelled_from
from huitong.ui.selectors import HITS, LookupField, Named, one_of, several_of
from huitong.ui.tests.samples import sample_context

KINDS = {"政府部门": "局", "县（市）区主管机构": "区数据局", "开发园区管委会": "开发区管委会"}
PLACES = "崇川通州海门海安如东启东如皋民政财政教育公安司法人社住建交通水利农业商务文旅卫健审计医保"
BODIES = [
    (
        kind,
        [
            (f"{k}-{n}", Named(f"市{PLACES[n : n + 2]}{end}", f"南通市{PLACES[n : n + 2]}{end}"))
            for n in range(0, len(PLACES), 2)
        ],
    )
    for k, (kind, end) in enumerate(KINDS.items())
]
RESOURCES = {n: f"{PLACES[n % 40 : n % 40 + 2]}登记信息第{n}号" for n in range(1, 3001)}


def resources_meant(words: str) -> list[tuple[int, str]]:
    spelled = letters(words)
    return [
        (pk, name)
        for pk, name in RESOURCES.items()
        if words in name or (spelled and spelled_from(spelled, readings(name)) is not None)
    ][:HITS]


class SelectorForm(forms.Form):
    provider = one_of(BODIES, label="提供部门", required=False, help_text="数据从哪里来。")
    named = several_of(BODIES, label="指定的部门", required=False)
    resource = LookupField(
        label="资源",
        required=False,
        search=resources_meant,
        names=lambda keys: {key: RESOURCES[key] for key in keys if key in RESOURCES},
        source="/selectors/choices/",
    )


def selectors(request: HttpRequest) -> HttpResponse:
    form = SelectorForm(request.POST if request.method == "POST" else None)
    valid = form.is_valid()
    context = {"form": form, "given": form.cleaned_data if valid else {}}
    status = 422 if form.is_bound and not valid else 200
    return render(
        request, "ui/styleguide_selectors.html", sample_context(request) | context, status=status
    )


def selector_choices(request: HttpRequest) -> HttpResponse:
    hits = resources_meant(request.GET.get("q", ""))
    return JsonResponse({"choices": [{"value": str(pk), "label": name} for pk, name in hits]})


urlpatterns = [path("", selectors), path("choices/", selector_choices)]
