"""Choosing which of a body's entries to mount: a body may have thousands of them, searched on the
server, by rights, never listed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sharing import Sharing
from tests.thawing import thawed

from huitong.catalog.models import Version
from huitong.catalog.rules import ShareClass
from huitong.kernel import doing
from huitong.publishing import queries
from huitong.publishing.models import Mount
from huitong.work.forms.words import value_words

pytestmark = pytest.mark.django_db
URL = "/choices/publishing.mount_table/entry/"


def found_by(sharing: Sharing, q: str, who: str = "civil_operator") -> list[str]:
    answer = sharing.cast.client(who).get(URL, {"q": q})
    assert answer.status_code == 200
    return [row["value"] for row in answer.json()["choices"]]


def test_an_entry_is_found_by_name_code_pinyin_and_initials(sharing: Sharing) -> None:
    entry, other = sharing.entry("marriage"), sharing.entry("division")
    for q in ("婚姻", "登记 婚姻", "hydj", "hunyin", "hyDJxx", "《婚姻登记信息》", entry.code):
        assert found_by(sharing, q) == [str(entry.pk)], q
    assert found_by(sharing, other.code[-6:]) == [str(other.pk)], "by a part of its code"
    for q in ("", "没有", "qqqq", "%", "'"):
        assert found_by(sharing, q) == [], q
    for kind in ("table", "api", "file"):
        assert sharing.cast.client("civil_operator").get(
            f"/choices/publishing.mount_{kind}/entry/", {"q": "hydj"}
        ).json() == {
            "choices": [{"value": str(entry.pk), "label": f"婚姻登记信息（{entry.code}）"}]
        }


def test_nobody_finds_what_they_may_not_mount(sharing: Sharing) -> None:
    """Neither others' entries, nor what is unpublished or not shared; no more than were listed."""
    entry = sharing.entry("marriage")
    draft = sharing.entry("division", submitted=False)
    assert draft.current_id is None and found_by(sharing, "区划") == found_by(sharing, "xzqh") == []
    for who in ("housing_operator", "bureau_operator", "audit_admin"):
        assert found_by(sharing, "婚姻", who) == [] == found_by(sharing, "hydj", who)
        assert queries.entry_names(getattr(sharing.cast, who), [entry.pk]) == {}
    clerk = sharing.cast.civil_operator
    assert list(queries.entry_names(clerk, [entry.pk, draft.pk])) == [entry.pk]
    with thawed():
        Version.objects.update(share_class=ShareClass.NOT_SHARED)
    assert found_by(sharing, "婚姻") == [] and queries.entry_names(clerk, [entry.pk]) == {}


def test_the_form_of_the_act_lists_no_entry_and_takes_words(sharing: Sharing) -> None:
    """Without scripts: what is typed and sent names one entry, or is chosen from what it finds."""
    entry, other = sharing.entry("marriage"), sharing.entry("division")
    client, url = sharing.cast.client("civil_operator"), "/do/publishing.mount_api/"
    page = client.get(url).content.decode()
    assert f'data-source="{URL.replace("table", "api")}"' in page and entry.code not in page
    assert f'value="{other.pk}" selected' in client.get(f"{url}?entry={other.pk}").content.decode()
    given = {"database": sharing.database().pk, "responsible": "孙秀", "authorization": "direct"}
    both = client.post(url, given | {"entry-words": entry.code.partition("/")[0]})
    assert both.status_code == 422 and "找到多项，请在列表中选择" in both.content.decode()
    answer = client.post(url, given | {"entry-words": "hydj", "key": "reg_no"})
    assert answer.status_code == 302, answer.content.decode()
    assert Mount.objects.get().entry == entry


def test_the_ledger_names_an_entry_without_reading_all(
    sharing: Sharing, django_assert_num_queries: Any
) -> None:
    entry = sharing.entry("marriage")
    field = doing.VERBS["publishing.mount_api"].given.model_fields["entry"]
    with django_assert_num_queries(1):
        words = value_words(field, entry.pk, sharing.cast.civil_operator, None)
    assert words == f"婚姻登记信息（{entry.code}）"
