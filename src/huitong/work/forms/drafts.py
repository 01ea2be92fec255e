"""A page of a form that is filled in over several pages and kept as a draft from the first of
them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect

from huitong.kernel.requests import Request
from huitong.ui import autosave
from huitong.work import actions, queries
from huitong.work.rules import Content, NoLonger, Overtaken, marked_in, refused

#: said beside a field that holds a marking of secrecy
MARKED = "含{}，这一栏没有保存。平台只登记非涉密数据；如系误写，请改正后继续。"
#: what a browser sends along that is nobody's answer; names that begin with _ are not either
TECHNICAL = {"csrfmiddlewaretoken"}


class Filling:
    """The draft a page belongs to: what it holds, and what the page sends to be kept.

    ``page.take(owns); if (answer := page.save(title, url)): return answer``: the fields that
    ``owns`` names are this page's, and what it does not send of them (a box no longer ticked) is
    dropped. `save` answers the script that saves by itself; to a person it returns None, with
    ``overtaken`` and ``marked`` saying what was not kept and why.
    """

    def __init__(self, request: Request, kind: str, key: str) -> None:
        self.request, self.actor, self.kind, self.key = request, request.actor, kind, key
        self.row = queries.draft_of(self.actor, kind, key)
        self.content: Content = dict(self.row.content) if self.row else {}
        self.overtaken: Overtaken | None = None
        #: field → the marking of secrecy in it: not kept (A3)
        self.marked: dict[str, str] = {}

    @property
    def mark(self) -> int:
        """What a page drawn now is drawn from."""
        if self.overtaken is not None:
            return self.overtaken.turn
        return self.row.turn if self.row else 0

    @property
    def overtaken_words(self) -> str:
        return autosave.overtaken_words(self.overtaken.at) if self.overtaken else ""

    @property
    def request_key(self) -> str:
        """By which what the draft is for is made once, however often its last page is sent."""
        return f"draft:{self.key}"

    def elsewhere(self, outcome: str, drafts: str) -> HttpResponse | None:
        """Where one is sent who comes to a draft that was deleted, or has become what is at the
        address ``outcome``. Who goes on writing in a deleted one still wants it: it comes back.
        ``drafts``: the address of the list of drafts. Raises `NoLonger` to the script that saves
        by itself."""
        deleted = self.row is not None and self.row.deleted_at is not None
        if (deleted or outcome) and autosave.asks(self.request):
            raise NoLonger
        posted = self.request.method == "POST"
        if self.row is not None and deleted and posted:
            self.row = actions.restore_draft(self.actor, pk=self.row.pk)
            messages.warning(self.request, "这份草稿已在另一个窗口删除；因您继续填写，已恢复。")
        elif deleted:
            messages.warning(self.request, "这份草稿已删除，可在“最近删除”中恢复。")
            return redirect(drafts)
        elif outcome and posted:
            messages.warning(self.request, "这份草稿已在另一个窗口提交，此后填写的内容没有保存。")
        return redirect(outcome) if outcome else None

    def data(self) -> QueryDict:
        """What is kept, as a browser would send it: to bind forms to."""
        data = QueryDict(mutable=True)
        for name, values in self.content.items():
            data.setlist(name, values)
        return data

    def take(self, owns: Callable[[str], bool]) -> None:
        """Put the page's fields into the content."""
        sent = self.request.POST
        names = [n for n in sent if n not in TECHNICAL and not n.startswith("_") and owns(n)]
        others = {name: values for name, values in self.content.items() if not owns(name)}
        self.content = others | {name: list(sent.getlist(name)) for name in names}

    def save(self, title: str, url: str) -> HttpResponse | None:
        """Keep the content. Raises what `actions.save_draft` raises, but for `Overtaken`; a
        person's marked fields are left out, the script is refused."""
        content, by_script = self.content, autosave.asks(self.request)
        self.marked = marked_in(content)
        if self.marked and by_script:
            raise refused(f"填写的内容含{next(iter(self.marked.values()))}")
        content = {name: values for name, values in content.items() if name not in self.marked}
        try:
            self.row = actions.save_draft(
                self.actor,
                kind=self.kind,
                key=self.key,
                title=title,
                url=url,
                content=content,
                mark=self.request.POST.get(autosave.MARK, ""),
            )
        except Overtaken as problem:
            self.overtaken = problem
            return autosave.overtaken(problem.at, problem.turn) if by_script else None
        return autosave.saved(self.row.saved_at, self.row.turn) if by_script else None
