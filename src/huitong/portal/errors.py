"""Error pages: what happened, why, who acts, what next; the same words as the API's error body."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from huitong.kernel.procedure import NotVisible, Problem

TITLES = {400: "请求有误", 403: "无权办理", 404: "页面不存在", 409: "当前不能办理", 422: "提交的内容有误", 500: "系统出错"}


def problem_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The page for a refusal; ``ui/errors/error.html`` gets the problem and its title."""
    context = {"problem": problem, "title": TITLES.get(problem.status, "出错了"), "status": problem.status,
               "contact": settings.SITE_CONTACT}
    return render(request, "ui/error.html", context, status=problem.status)


class _Said(Problem):
    def __init__(self, status: int, detail: str, remedy: str, who: str = "") -> None:
        super().__init__(detail, remedy=remedy, who=who)
        self.status = status


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return problem_page(request, _Said(400, "浏览器发来的请求无法识别。", "请返回上一页重试。"))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return problem_page(request, _Said(403, "您的岗位不能进行此操作。", "如需办理,请联系本部门系统管理员调整岗位。", "系统管理员"))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return problem_page(request, NotVisible("您要找的页面"))


def server_error(request: HttpRequest) -> HttpResponse:
    return problem_page(request, _Said(500, "系统内部出错,已记录。您提交的内容没有保存。", "请稍后重试;仍有问题请联系平台运维。", "平台运维员"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return problem_page(request, _Said(403, "页面已过期,或表单不是从本站打开的。", "请刷新页面后重新提交。"))
