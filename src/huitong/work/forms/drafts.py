"""A page of a form that is filled in over several pages and kept as a draft from the first of
them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse, QueryDict

from huitong.kernel.requests import Request
from huitong.ui import autosave
from huitong.work import actions, queries
from huitong.work.rules import Content, Overtaken, marked_in, refused

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
