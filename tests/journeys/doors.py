"""The catalog story's three doors: the same acts by page, by API, by command; each answers with
an HTTP-like status."""

from __future__ import annotations

import json
import re
from typing import Any

from django.test import Client
from tests.cast import Cast

from huitong.catalog.forms.rows import ITEM_COLUMNS
from huitong.catalog.models import Entry
from huitong.catalog.rules import Reviewer, Section, checklist
from huitong.cli import main
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations


class Door:
    """What the story needs of a door."""

    name = ""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.text = ""

    def do(self, who: str, verb: str, case: int | None = None, **given: Any) -> int:
        """Do a verb as somebody; 200, or the status of the refusal. `said` keeps the answer's
        text."""
        raise AssertionError("a door does things")

    def find(self, who: str, q: str = "", **facets: Any) -> list[str]:
        """Names found by words and facets."""
        raise AssertionError("a door finds things")

    def read(self, who: str, pk: int) -> int:
        """The status of opening an entry; `said` keeps what was shown."""
        raise AssertionError("a door shows things")

    def _client(self, who: str) -> Client:
        return self.cast.client(who)


class Api(Door):
    """REST with a personal access token."""

    name = "api"

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self._clients: dict[str, Client] = {}

    def _client(self, who: str) -> Client:
        if who not in self._clients:
            token = organizations.create_token(getattr(self.cast, who), label="story")["token"]
            self._clients[who] = Client(headers={"Authorization": f"Bearer {token}"})
        return self._clients[who]

    def _status(self, answer: Any) -> int:
        self.text = json.dumps(json.loads(answer.content), ensure_ascii=False)
        return int(answer.status_code)

    def do(self, who: str, verb: str, case: int | None = None, **given: Any) -> int:
        kind, _, short = verb.partition(".")
        url = f"/api/cases/{kind}/{case}/{short}" if case else f"/api/do/{verb}"
        return self._status(
            self._client(who).post(url, json.dumps(given), content_type="application/json")
        )

    def find(self, who: str, q: str = "", **facets: Any) -> list[str]:
        self._status(self._client(who).get("/api/catalog/entries", {"q": q, **facets}))
        return [e["name"] for e in json.loads(self.text)["items"]]

    def read(self, who: str, pk: int) -> int:
        return self._status(self._client(who).get(f"/api/catalog/entries/{pk}"))


class Command(Api):
    """`huitong do`; reading is the API's."""

    name = "cli"

    def __init__(self, cast: Cast, capsys: Any) -> None:
        super().__init__(cast)
        self.capsys = capsys

    def do(self, who: str, verb: str, case: int | None = None, **given: Any) -> int:
        words = ["do", verb, "--as", who, *(["--case", str(case)] if case else [])]
        for name, value in given.items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            words.append(f"--{name.replace('_', '-')}={text}")
        code = main(words)
        output = self.capsys.readouterr()
        self.text = output.out + output.err
        return 200 if code == 0 else int(json.loads(output.err)["status"])


class Page(Door):
    """The pages, as a browser without JavaScript posts them."""

    name = "page"
    FIELDS = {
        Section.BASICS: (
            "name",
            "system",
            "origin",
            "summary",
            "category",
            "industry",
            "themes",
            "format",
            "format_detail",
        ),
        Section.SHARING: (
            "share_class",
            "shapes",
            "named_bodies",
            "condition",
            "personal_reason",
            "share_modes",
            "usage",
        ),
        Section.OPENING: ("open_class", "open_mode", "open_condition"),
        Section.RELATING: ("catalog_item", "sub_item", "layer", "keywords", "related_codes"),
        Section.UPDATING: (
            "update_cycle",
            "data_cycle",
            "contact_office",
            "contact_name",
            "contact_phone",
            "remark",
        ),
    }

    def do(self, who: str, verb: str, case: int | None = None, **given: Any) -> int:
        act = getattr(self, "_" + verb.partition(".")[2], None)
        return act(who, case, given) if act else self._review(who, verb, case, given)

    def find(self, who: str, q: str = "", **facets: Any) -> list[str]:
        self._status(self._client(who).get("/catalog/", {"q": q, **facets}))
        names = re.findall(r'<h3><a href="/catalog/\d+/">(.+?)</a>', self.text)
        return [re.sub("</?mark>", "", name) for name in names]

    def read(self, who: str, pk: int) -> int:
        return self._status(self._client(who).get(f"/catalog/{pk}/"))

    def _post(self, who: str, url: str, data: dict[str, Any]) -> int:
        """Open the page, then post its form with its one-time token."""
        client = self._client(who)
        page = client.get(url)
        if page.status_code not in (200, 405):
            return self._status(page)
        once = re.search(r'name="(_?once)" value="([^"]+)"', page.content.decode())
        data = {k: v for k, v in data.items() if v is not None} | (
            {once[1]: once[2]} if once else {}
        )
        data |= {"_confirmed": "1"}
        return self._status(client.post(url, data, follow=True))

    def _status(self, answer: Any) -> int:
        self.text = answer.content.decode()
        return int(answer.status_code)

    def _register_system(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._post(who, "/systems/new/", given)

    def _register_database(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        form = {"role": "source", "kind": "postgresql", "tls": "prefer", "schema_name": "public"}
        return self._post(who, "/compile/sources/databases/new/", form | given)

    def _scan_database(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._post(who, f"/compile/sources/databases/{given['database']}/scan/", {})

    def _draft(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._post(
            who, "/compile/new/", given | {"classified": "yes" if given.get("classified") else "no"}
        )

    def _enter_for(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._post(who, "/compile/entering/new/", given)

    def _update_for(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._post(who, "/compile/entering/update/", given)

    def _hand_over(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        entry = Entry.objects.get(versions__case=case)
        return self._post(who, f"/compile/{entry.pk}/check/", given)

    def _take_over(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        entry = Entry.objects.get(versions__case=case)
        return self._status(self._client(who).post(f"/compile/{entry.pk}/take-over/", follow=True))

    def _ask_entering(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._post(who, f"/cases/{case}/ask_entering/", given)

    def _edit(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        entry = Entry.objects.get(versions__case=case)
        status = 200
        for section, names in self.FIELDS.items():
            if set(names) & set(given):
                data = {
                    n: given.get(n, getattr(entry.draft, n if n != "system" else "system_id"))
                    for n in names
                }
                status = max(
                    status, self._post(who, f"/compile/{entry.pk}/{section}/", data | {"back": "1"})
                )
        if "items" in given or "standard" in given:
            status = max(
                status, self._post(who, f"/compile/{entry.pk}/items/", self._grid(entry, given))
            )
        return status

    def _update(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._status(
            self._client(who).post(f"/compile/{given['entry']}/update/", follow=True)
        )

    def _grid(self, entry: Entry, given: dict[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = {
            "standard": given.get("standard", entry.draft.standard),
            "stay": "1",
        }
        for column in ITEM_COLUMNS:
            data[f"items.{column.name}"] = [
                column.words(row.get(column.name, column.start)) for row in given["items"]
            ]
        return data

    def _add_ground(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._post(
            who, f"/compile/{Entry.objects.get(versions__case=case).pk}/grounds/", given
        )

    def _submit(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._post(
            who, f"/compile/{Entry.objects.get(versions__case=case).pk}/check/", given
        )

    def _publish(self, who: str, case: int | None, given: dict[str, Any]) -> int:
        return self._post(who, f"/compile/{Entry.objects.get(versions__case=case).pk}/publish/", {})

    def _review(self, who: str, verb: str, case: int | None, given: dict[str, Any]) -> int:
        boxes = {f"remark.{field}": text for field, text in given.get("remarks", {}).items()}
        decision = "pass" if ".pass_" in verb else "return"
        reviewer = Reviewer.DEPARTMENT if verb.endswith("department") else Reviewer.BUREAU
        ticked = [row.key for row in checklist(reviewer, today())] if decision == "pass" else []
        return self._post(
            who,
            f"/review/{case}/",
            boxes
            | {
                "decision": decision,
                "reasons": given.get("reasons", ""),
                "ground": given.get("ground", ""),
                "cleared": given.get("cleared", []),
                "checked": ticked,
            },
        )
