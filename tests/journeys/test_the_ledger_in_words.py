"""The ledger as clerks and auditors read it: labelled rows in Chinese, and nothing of the code."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from tests.bringing import Bringing
from tests.cast import Cast
from tests.sharing import Sharing

from huitong.kernel.ledger import Entry
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db

#: marks of the code: an identifier in snake case, the literals and brackets of a value as Python or
#: JSON writes it
CODE = re.compile(r"[a-z]+_[a-z_]+|\b(?:True|False|None|null)\b|[{}\[\]]")
#: names of technical things stand in quotation marks: a table, a column, a digest
QUOTED = re.compile(r"“[^”]*”")


def words_of(page: str) -> str:
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    bare = re.sub(r"(?s)<(script|style)\b.*?</\1>|<code\b.*?</code>|<pre\b.*?</pre>", " ", main)
    return html.unescape(re.sub(r"(?s)<[^>]+>", " ", bare))


def code_in(text: str) -> list[str]:
    return CODE.findall(QUOTED.sub("", text))


def every_entry_reads_in_words(cast: Cast, verbs: str) -> None:
    """Every entry of verbs that begin so, as the auditor reads it."""
    auditor = cast.client("audit_admin")
    bad = {}
    for entry in Entry.objects.filter(verb__startswith=verbs).order_by("seq"):
        text = auditor.get(f"/audit/{entry.pk}/").content.decode()
        if (wrong := code_in(words_of(text))) or "其他内容" in text:
            bad[entry.verb] = wrong or sorted({*entry.before, *entry.after})
    assert not bad


def test_a_whole_journey_is_read_without_a_word_of_the_code(sharing: Sharing) -> None:
    """From the catalog to a grant in use, taken back: every entry as the auditor and as a party
    reads it."""
    for table, mode in (("marriage", "api"), ("marriage", "table"), ("division", "file")):
        sharing.granted(sharing.mount(table, mode))
    sharing.credential()
    bringing = Bringing(sharing)
    bringing.confirmed(bringing.of_provider(), bringing.of_platform())
    auditor, party = (sharing.cast.client(who) for who in ("audit_admin", "housing_manager"))
    bad: dict[str, list[str]] = {}
    verbs = {}
    for entry in Entry.objects.order_by("seq"):
        verbs.setdefault((entry.verb, tuple(sorted({*entry.before, *entry.after}))), entry)
    assert len({verb for verb, _ in verbs}) > 20
    for entry in verbs.values():
        page = auditor.get(f"/audit/{entry.pk}/").content.decode()
        if wrong := code_in(words_of(page)):
            bad[f"{entry.verb} {entry.pk}"] = wrong
        if "其他内容" in page:
            bad[f"{entry.verb} {entry.pk} unnamed"] = sorted({*entry.before, *entry.after})
        answer = party.get(f"/audit/{entry.pk}/")
        assert answer.status_code in (200, 404)
        if answer.status_code == 200 and (wrong := code_in(words_of(answer.content.decode()))):
            bad[f"{entry.verb} {entry.pk} party"] = wrong
    for url in ("/audit/", "/audit/?people=no", "/audit/?people=all", "/audit/status/", "/limits/"):
        for client in (auditor, party):
            answer = client.get(url)
            if answer.status_code == 200 and (wrong := code_in(words_of(answer.content.decode()))):
                bad[url] = wrong
    limits = sharing.cast.client("system_admin").get("/sys/limits/")
    assert limits.status_code == 200
    if wrong := code_in(words_of(limits.content.decode())):
        bad["limits"] = wrong
    assert not bad, "\n".join(f"{where}: {what[:12]}" for where, what in bad.items())


def test_names_are_the_same_in_list_and_entry(sharing: Sharing) -> None:
    """The auditor and colleagues read who acted; the other party of a case the first character."""
    sharing.applied(sharing.mount("marriage", "api"))
    housing = sharing.cast.person("housing_operator")
    entry = Entry.objects.filter(person=housing.pk).exclude(case=None).latest("seq")
    veiled = housing.name[0] + "*" * (len(housing.name) - 1)
    for who, name in (
        ("audit_admin", housing.name),
        ("housing_manager", housing.name),
        ("housing_operator", housing.name),
        ("bureau_operator", veiled),
    ):
        client = sharing.cast.client(who)
        lists = words_of(client.get("/audit/", {"case": entry.case}).content.decode())
        page = client.get(f"/audit/{entry.pk}/")
        if who == "bureau_operator" and page.status_code == 404:
            continue
        single = words_of(page.content.decode())
        assert name in lists and name in single, who
        if name == veiled:
            assert housing.name not in lists and housing.name not in single, who
        if who != "audit_admin":  # who has no token
            actor = getattr(sharing.cast, who)
            token = organizations.create_token(actor, label="读台账", days=1)["token"]
            api = Client(headers={"Authorization": f"Bearer {token}"})
            rows = api.get("/api/audit/entries", {"case": entry.case}).json()["items"]
            row = next(row for row in rows if row["seq"] == entry.pk)
            whole = api.get(f"/api/audit/entries/{entry.pk}").json()["entry"]
            assert row["actor"]["name"] == whole["actor"]["name"] == name, who
