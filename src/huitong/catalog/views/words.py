"""The bureau's page of the words people search by: what means the same, what found nothing
(A20)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.catalog import queries
from huitong.catalog.rules import folded
from huitong.catalog.rules.synonyms import is_word
from huitong.catalog.views.frame import tabs_of
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.rules import question
from huitong.work.forms import VerbForm

CRUMB = ("检索用词", reverse_lazy("catalog:words"))
GROUPS = List(
    "catalog.synonyms",
    "同义词",
    (
        Column("words", "意思相同的词", "words_shown", sort=("words",), fixed=True),
        Column("changed", "最近修改", "group.changed_at", sort=("changed_at",)),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("words", "pk"),
    unit="组",
    numbered=True,
    row_key="group.pk",
    empty=("还没有同义词", "同一事物的不同叫法写成一组，用其中一个词就能找到其余的。"),
)
MISSED = List(
    "catalog.missed",
    "没有结果的检索",
    (
        Column("text", "检索词", fixed=True),
        Column("people", "查过的人数", num=True, sort=("people",)),
        Column("last", "最近一次", sort=("last",)),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("-people", "-last", "text"),
    unit="个",
    numbered=True,
    row_key="text",
    empty=("没有要处理的检索词", "半年内两人以上查过、都没有结果的检索词列在这里。"),
)


class Filter(forms.Form):
    """What the groups can be narrowed by."""

    q = forms.CharField(label="词", required=False, max_length=40)


def keeper_of(request: Request) -> Actor:
    """Who keeps the words: the bureau's operators; its managers read. Raises `NotYours`."""
    actor = request.actor
    if not (actor.bureau and actor.has(Post.OPERATOR, Post.MANAGER)):
        raise NotYours("检索用词由大数据管理局维护。", article="A20", who="大数据管理局经办人")
    return actor


@require_safe
def words(request: Request) -> HttpResponseBase:
    """Groups of words that mean the same."""
    actor = keeper_of(request)
    form = Filter(request.GET)
    q = folded(question(conditions(form).get("q") or ""))
    listing = Listing(
        request,
        GROUPS,
        queries.synonym_groups().filter(words__contains=q),
        form=form,
        draw=lambda page: [{"group": group, "words_shown": str(group)} for group in page],
    )
    return listing.answer("catalog/words.html", _frame(actor, "synonyms"))


@require_safe
def missed(request: Request) -> HttpResponseBase:
    """Questions of several people that found nothing; each leads to a group."""
    actor = keeper_of(request)
    listing = Listing(
        request,
        MISSED,
        queries.missed_questions_for(actor),
        draw=lambda page: [row | {"word": is_word(row["text"])} for row in page],
    )
    return listing.answer("catalog/words.html", _frame(actor, "missed"))


def _frame(actor: Actor, tab: str) -> dict[str, Any]:
    pages = {"synonyms": ("同义词", "words"), "missed": ("没有结果的检索", "missed")}
    return {
        "tab": tab,
        "tabs": tabs_of(pages, tab),
        "may": actor.has(Post.OPERATOR),
        "crumbs": [("检索用词", "")],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def add_synonyms(request: Request) -> HttpResponse:
    keeper_of(request)
    first = request.GET.get("word", "")[:40]
    form = VerbForm("catalog.add_synonyms", request, initial={"words": first and f"{first}、"})
    return _written(request, form, "添加同义词", "添加")


@require_http_methods(["GET", "HEAD", "POST"])
def change_synonyms(request: Request, pk: int) -> HttpResponse:
    keeper_of(request)
    group = queries.synonym_group(pk)
    form = VerbForm(
        "catalog.change_synonyms", request, fixed={"group": pk}, initial={"words": str(group)}
    )
    return _written(request, form, "修改同义词", "保存")


def _written(request: Request, form: VerbForm, title: str, button: str) -> HttpResponse:
    if request.method == "POST" and (done := form.perform()) is not None:
        messages.success(request, f"已保存：{done.result}。一组中任何一个词都能找到其余的。")
        return redirect("catalog:words")
    context = {
        "form": form,
        "title": title,
        "sub": "同一事物的不同叫法写成一组，检索其中一个，也会找到写着其余词的资源。",
        "button": button,
        "back": reverse("catalog:words"),
        "crumbs": [CRUMB, (title, "")],
    }
    return render(request, "catalog/register.html", context, status=form.status)


@require_POST
def dismiss_missed(request: Request) -> HttpResponse:
    text = request.POST.get("text", "")
    doing.perform(request.actor, "catalog.dismiss_missed", {"text": text})
    messages.success(request, f"不再提示“{text}”。")
    return redirect("catalog:missed")


@require_POST
def remove_synonyms(request: Request, pk: int) -> HttpResponse:
    group = str(queries.synonym_group(pk))
    doing.perform(request.actor, "catalog.remove_synonyms", {"group": pk})
    messages.success(request, f"已删除：{group}。")
    return redirect("catalog:words")
