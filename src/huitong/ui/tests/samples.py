"""Sample data for the style guide, and the addresses the browser tests open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from time import sleep
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import include, path
from django.utils import timezone

from huitong.ui import autosave, comparing
from huitong.ui.lists import BulkAct, Column, List, Listing, Outcome
from huitong.ui.rules import explained
from huitong.ui.tests.sample_grid import gridded

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
CHOICES = [("", "请选择"), ("query", "查询核验"), ("batch", "批量交换"), ("file", "文件下载")]


class ApplicationForm(forms.Form):
    duty = forms.CharField(
        label="使用依据",
        help_text="写明法律法规条款或“三定”职责。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    purpose = forms.CharField(label="使用场景", required=False)
    manner = forms.ChoiceField(label="使用方式", choices=CHOICES)
    until = forms.DateField(label="使用期限至", help_text="最长不超过一年。")
    volume = forms.IntegerField(label="预计每日调用", required=False, help_text="单位：次")
    scope = forms.MultipleChoiceField(
        label="申请信息项",
        widget=forms.CheckboxSelectMultiple,
        choices=[("name", "姓名"), ("state", "婚姻状况"), ("day", "登记日期")],
    )
    urgent = forms.ChoiceField(
        label="紧急程度",
        widget=forms.RadioSelect,
        choices=[("no", "一般"), ("yes", "紧急")],
        initial="no",
    )
    promise = forms.BooleanField(label="本部门已阅读并遵守数据使用承诺")
    scan = forms.FileField(label="盖章申请表", help_text="打印后加盖单位公章，扫描为一个文件。")


class FilterForm(forms.Form):
    q = forms.CharField(label="事项名称", required=False)
    body = forms.ChoiceField(
        label="来源部门", required=False, choices=[("", "全部"), ("mz", "市民政局")]
    )
    state = forms.ChoiceField(
        label="环节", required=False, choices=[("", "全部"), ("accept", "待受理")]
    )
    since = forms.DateField(label="收到时间自", required=False)


class OpinionForm(forms.Form):
    opinion = forms.CharField(label="意见", widget=forms.Textarea(attrs={"rows": 3}))


class RefusalForm(forms.Form):
    reasons = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 3}))


def case(
    title: str, body: str, state: str, kind: str, left: int | None, **more: Any
) -> dict[str, Any]:
    due = None if left is None else date(2026, 11, 23) + timedelta(days=left)
    return {
        "title": title,
        "body": body,
        "state": state,
        "kind": kind,
        "left": left,
        "due": due,
        "at": NOW,
        "paused": "",
        "done": "",
    } | more


CASES = List(
    "sample.cases",
    "待我办理的事项",
    (
        Column("title", "事项", sort=("title",), fixed=True),
        Column("body", "来源部门", sort=("body",)),
        Column("state", "环节"),
        Column("at", "收到时间", sort=("at",)),
        Column("due", "剩余时限", sort=("due",), fixed=True),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("number",),
    unit="件",
    row_key="number",
    numbered=True,
)


def sample_list(request: HttpRequest, cases: list[dict[str, Any]]) -> Listing:
    rows = [case | {"number": n} for n, case in enumerate(cases * 20, 1)]
    accept = BulkAct("accept", "批量受理", lambda *_: Outcome(True))
    return Listing(request, CASES, rows, form=FilterForm(request.GET), bulk=[accept])


def sample_context(request: HttpRequest) -> dict[str, Any]:
    cases = [
        case("低保对象信息 共享申请", "市医疗保障局", "提供部门审核", "warning", -1),
        case("婚姻登记信息 目录变更", "市民政局", "规范性审核", "info", 1),
        case("法人登记信息 数据异议", "市市场监督管理局", "核实", "info", 6),
        case("行政区划代码 共享申请", "市住房和城乡建设局", "待受理", "neutral", 0),
        case(
            "社会保险参保信息 共享申请", "如东县数据局", "待补充", "warning", 8, paused="等待补正"
        ),
        case(
            "不动产登记信息 共享申请",
            "市公积金管理中心",
            "已办结",
            "success",
            None,
            done="已办结，用时 3 个工作日",
        ),
    ]
    return {
        "list": sample_list(request, cases),
        "crumbs": [("数据目录", "/catalog/"), ("婚姻登记信息", "")],
        "actor": {"name": "王建国", "body_name": "南通市民政局", "posts": [{"label": "负责人"}]},
        "todo_count": 6,
        "notice_count": 2,
        "site": {
            "name": "南通市政务数据共享交换平台",
            "host": "南通市大数据管理局",
            "contact": "0513-00000000",
            "notice": "本平台为非涉密系统，严禁存储、处理、传输国家秘密。",
            "footer": [
                {"label": "网站标识码", "value": "0000000000"},
                {"label": "备案号", "value": "苏ICP备00000000号", "url": "/"},
            ],
        },
        "menu": [
            {
                "label": "工作台",
                "items": [
                    {
                        "label": "待办事项",
                        "url": "/todo/",
                        "icon": "checklist",
                        "count": 6,
                        "active": True,
                    },
                    {"label": "消息", "url": "/notices/", "icon": "bell", "count": 2},
                ],
            },
            {
                "label": "目录",
                "items": [
                    {"label": "目录检索", "url": "/catalog/", "icon": "search"},
                    {"label": "目录编制", "url": "/compile/", "icon": "edit"},
                    {"label": "审核", "url": "/review/", "icon": "clipboard-check"},
                ],
            },
            {
                "label": "共享",
                "items": [
                    {"label": "共享申请", "url": "/apply/", "icon": "send"},
                    {"label": "我的授权", "url": "/grants/", "icon": "key"},
                    {"label": "交换监控", "url": "/exchange/", "icon": "transfer"},
                ],
            },
        ],
        "chart": {
            "title": "已超期的时限，按责任部门",
            "unit": "项",
            "days": False,
            "points": [
                {"label": "市民政局", "value": 12, "url": "#civil", "tone": "danger"},
                {"label": "市住房和城乡建设局", "value": 3, "url": "#housing", "tone": "warning"},
            ],
        },
        "tabs": [
            {"label": "待办", "url": "#todo", "count": 6, "active": True},
            {"label": "已办", "url": "#done", "count": 128},
            {"label": "办结", "url": "#closed", "count": 0},
            {"label": "我发起的", "url": "#mine", "count": 3},
            {"label": "抄送我的", "url": "#cc"},
        ],
        "soon": date(2026, 11, 24),
        "items": [
            ("登记证号", "cert_no", 30),
            ("男方姓名", "groom_name", 50),
            ("男方身份证号", "groom_id", 18),
            ("登记日期", "reg_date", 10),
        ],
        "facts": [
            ("资源代码", "320600-0012-000137/000021"),
            ("提供单位", "南通市民政局"),
            ("更新周期", "每日"),
            ("数据量", "1,204,338 条"),
            ("共享方式", "库表、接口"),
            ("责任人", None),
        ],
        "choices": [
            {
                "label": "同意共享",
                "url": "#grant",
                "form": OpinionForm(prefix="grant"),
                "article": "A22",
                "button": "同意并授权",
            },
            {
                "label": "不予共享",
                "url": "#refuse",
                "form": RefusalForm(prefix="refuse"),
                "article": "A22",
                "danger": True,
            },
        ],
        "entries": [
            {
                "title": "提交申请",
                "body": "市住房和城乡建设局",
                "actor": "李静",
                "post": "负责人",
                "at": NOW,
                "opinion": "申请用于公租房资格核验。",
                "article": "A20",
                "files": [("申请表（盖章）.pdf", "#file")],
            },
            {
                "title": "受理",
                "body": "市大数据管理局",
                "actor": "陈晨",
                "post": "经办人",
                "at": NOW,
                "opinion": "材料齐全，予以受理。",
                "took": "0.5 个工作日",
            },
            {"title": "提供部门审批", "state": "current", "body": "市民政局", "post": "负责人"},
            {"title": "授权开通", "state": "waiting", "body": "平台"},
        ],
        "columns": ("目录规定", "申请", "授权"),
        "lines": [
            comparing.Line("登记编号", ("明文",) * 3, comparing.Difference.SAME),
            comparing.Line("姓名", ("只留姓",) * 2 + ("全部隐去",), comparing.Difference.CHANGED),
            comparing.Line(
                "身份号码", ("留前 6 位后 4 位",) * 2 + ("",), comparing.Difference.REMOVED
            ),
        ],
        "tasks": [
            {"label": "基本信息", "url": "#t1", "status": "已完成"},
            {"label": "信息项", "url": "#t2", "status": "进行中", "hint": "已填 8 / 12 项"},
            {
                "label": "共享属性",
                "url": "#t3",
                "status": "待补充",
                "hint": "第 3 项缺少不予共享依据",
            },
            {"label": "挂接资源", "url": "", "status": "不可办理", "hint": "目录发布后办理"},
        ],
        "form": ApplicationForm({"purpose": "公租房申请家庭资格核验", "urgent": "no"}),
        "scan": ("申请表-20261120.pdf", "#scan"),
        "answers": [
            {
                "title": "使用需求",
                "change": "#q1",
                "rows": [
                    ("使用依据", "《公共租赁住房管理办法》第八条"),
                    ("使用期限", "2026-12-01 至 2027-11-30"),
                ],
            },
            {
                "title": "申请信息项",
                "change": "#q2",
                "rows": [("信息项", "姓名、婚姻状况、登记日期"), ("行范围", "户籍地为南通市")],
            },
        ],
        "curl": (
            "curl -H 'Authorization: Bearer $TOKEN' \\\n "
            " 'https://gateway.example/r/320600-0012-000137?name=张三'"
        ),
        "sample": {
            "总数": 1,
            "数据": [{"姓名": "张*", "婚姻状况": "已婚", "登记日期": "2021-05-20"}],
        },
    }


def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/styleguide.html", sample_context(request))


def error(request: HttpRequest, status: int) -> HttpResponse:
    facts = {
        409: {"article": "A21", "code": "against_rules", "detail": "该申请已由他人受理。"},
        422: {"fields": {"使用依据": ["请填写使用依据"]}},
    }.get(status, {})
    context = sample_context(request) | {
        "form": None,
        "problem": explained({"status": status} | facts),
        "reference": "7c9e6679",
    }
    return render(request, "ui/error.html", context, status=status)


class SavedForm(forms.Form):
    purpose = forms.CharField(label="使用目的", widget=forms.Textarea(attrs={"rows": 3}))
    manner = forms.ChoiceField(label="使用方式", choices=CHOICES, required=False)
    scope = forms.MultipleChoiceField(
        label="信息项",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("name", "姓名"), ("state", "婚姻状况")],
    )


#: what the sample of a form that saves itself has saved, by the name in its address
SAVED: dict[str, dict[str, Any]] = {}


def autosaved(request: HttpRequest, name: str) -> HttpResponse:
    """A form that saves itself, as `ui.autosave` wants it answered."""
    row = SAVED.setdefault(name, {"turn": 0, "at": None, "data": None})
    if "HX-Request" in request.headers:  # as a part of a page is answered without a session
        return HttpResponse(headers={"HX-Refresh": "true"})
    if request.method != "POST":
        form = SavedForm(initial=row["data"] or {})
        context = {"form": form, "at": row["at"], "mark": row["turn"]}
        return render(request, "ui/styleguide_autosave.html", sample_context(request) | context)
    if row.get("down"):
        return HttpResponse(status=503)
    if name == "slow" and autosave.asks(request):
        sleep(1.5)
    if "机密" in request.POST.get("purpose", ""):
        refusal = {"detail": "“使用目的”带有密级标志，没有保存。", "article": "A3"}
        return JsonResponse(refusal, status=409)
    data = {
        "purpose": request.POST.get("purpose", ""),
        "manner": request.POST.get("manner", ""),
        "scope": request.POST.getlist("scope"),
    }
    if autosave.asks(request) and request.POST.get(autosave.MARK) != str(row["turn"]):
        if data == row["data"]:  # saved already, by the page that was left
            return autosave.saved(row["at"], row["turn"])
        return autosave.overtaken(row["at"], row["turn"], "钱静 ")
    row.update(turn=row["turn"] + 1, at=timezone.now(), data=data)
    if autosave.asks(request):
        return autosave.saved(row["at"], row["turn"])
    return redirect(request.path)


urlpatterns = [
    path("styleguide/", styleguide),
    path("grid/<str:name>/", gridded),
    path("selectors/", include("huitong.ui.tests.selector_samples")),
    path("autosave/<str:name>/", autosaved),
    path("error/<int:status>/", error),
    path("", include("huitong.ui.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
]
#: the pages of other rooms to which the frame leads
FRAME = {
    "portal": ("home", "help", "keys", "palette", "sitemap", "accessibility"),
    "work": ("todo", "notices", "keep"),
    "catalog": ("browse",),
    "organizations": ("me",),
}
urlpatterns += [
    path("", include(([path(f"{room}/{page}/", styleguide, name=page) for page in pages], room)))
    for room, pages in FRAME.items()
]
