"""A download that was cut off goes on, and only what left is a delivery (A13, A30)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.sharing import Sharing

from huitong.access import actions as access
from huitong.access import queries as access_queries
from huitong.kernel.ledger import Entry
from huitong.planes.files import actions
from huitong.planes.files.tests.downloads import CONTENT, SHA256, content_of, oauth, reported

pytestmark = pytest.mark.django_db


SIZE = len(CONTENT)
PARTS: dict[str, tuple[dict[str, str], int, bytes, str]] = {
    "the beginning": ({"Range": "bytes=0-9"}, 206, CONTENT[:10], f"bytes 0-9/{SIZE}"),
    "the rest": ({"Range": "bytes=10-"}, 206, CONTENT[10:], f"bytes 10-{SIZE - 1}/{SIZE}"),
    "the last ones": (
        {"Range": "bytes=-4"},
        206,
        CONTENT[-4:],
        f"bytes {SIZE - 4}-{SIZE - 1}/{SIZE}",
    ),
    "more than there is": (
        {"Range": f"bytes=5-{SIZE * 9}"},
        206,
        CONTENT[5:],
        f"bytes 5-{SIZE - 1}/{SIZE}",
    ),
    "all of it": ({"Range": "bytes=0-"}, 200, CONTENT, ""),
    "more than all from the end": ({"Range": f"bytes=-{SIZE * 9}"}, 200, CONTENT, ""),
    "beyond the end": ({"Range": f"bytes={SIZE}-"}, 416, b"", f"bytes */{SIZE}"),
    "none from the end": ({"Range": "bytes=-0"}, 416, b"", f"bytes */{SIZE}"),
    "several": ({"Range": "bytes=0-1,4-5"}, 200, CONTENT, ""),
    "backwards": ({"Range": "bytes=9-5"}, 200, CONTENT, ""),
    "another unit": ({"Range": "rows=0-9"}, 200, CONTENT, ""),
    "nothing": ({"Range": "bytes=-"}, 200, CONTENT, ""),
    "of this very file": (
        {"Range": "bytes=10-", "If-Range": f'"{SHA256}"'},
        206,
        CONTENT[10:],
        f"bytes 10-{SIZE - 1}/{SIZE}",
    ),
    "of an earlier file": ({"Range": "bytes=10-", "If-Range": f'"{"0" * 64}"'}, 200, CONTENT, ""),
}


@pytest.mark.parametrize(
    ("headers", "status", "content", "content_range"), PARTS.values(), ids=PARTS
)
def test_a_download_that_was_cut_off_goes_on(
    sharing: Sharing,
    grant: Any,
    headers: dict[str, str],
    status: int,
    content: bytes,
    content_range: str,
) -> None:
    answer = sharing.cast.client("housing_operator").get(f"/files/{grant.pk}/", headers=headers)
    assert (answer.status_code, content_of(answer), answer.headers.get("Content-Range", "")) == (
        status,
        content,
        content_range,
    )
    assert (
        answer.headers["Content-Length"] == str(len(content))
        and answer.headers["Accept-Ranges"] == "bytes"
    )
    # of the whole, whatever the part
    assert answer.headers["ETag"] == f'"{SHA256}"' and answer.headers["Repr-Digest"]
    facts = list(access_queries.deliveries_of(grant))
    assert [(fact.bytes, fact.detail.get("part", "")) for fact in facts] == (
        [] if status == 416 else [(len(content), content_range)]
    )


@pytest.mark.parametrize(
    ("range_header", "sent"),
    [("", 0), ("", 1), ("", 17), ("", SIZE - 1), ("", SIZE), ("bytes=10-", 5), ("bytes=0-9", 10)],
)
def test_only_what_left_is_delivered(
    sharing: Sharing, grant: Any, range_header: str, sent: int
) -> None:
    """A download that is broken off delivers what was taken before, and nothing was when nothing
    was."""
    out = actions.hand_out(sharing.cast.housing_operator, grant.pk, range_header=range_header)
    assert reported(grant) == [] and Entry.objects.filter(verb="files.begin").count() == 1
    assert len(out.content.read(sent)) == sent
    out.content.close()
    out.content.close()
    facts = [(f.bytes, f.status) for f in access_queries.deliveries_of(grant)]
    assert facts == (
        [] if not sent else [(sent, "delivered" if sent == out.part.length else "cut")]
    )
    assert [e.after["bytes"] for e in Entry.objects.filter(verb="files.download")] == [
        n for n, _ in facts
    ]
    assert (
        not sent
        or f"{'已送达' if sent == out.part.length else '下载中断'}"
        in sharing.cast.client("civil_manager").get(f"/grants/{grant.pk}/").content.decode()
    )


def test_what_left_is_recorded_though_the_grant_ended_meanwhile(
    sharing: Sharing, grant: Any
) -> None:
    out = actions.hand_out(sharing.cast.housing_operator, grant.pk)
    out.content.read(20)
    access.suspend(
        sharing.cast.civil_manager, sharing.case(grant), ground="risk", reasons="违规使用核查"
    )
    out.content.close()
    assert [(f.bytes, f.status) for f in access_queries.deliveries_of(grant)] == [(20, "cut")]


def test_what_cannot_be_recorded_is_logged_and_its_beginning_stays(
    sharing: Sharing, grant: Any, caplog: Any, monkeypatch: Any
) -> None:
    out = actions.hand_out(sharing.cast.housing_operator, grant.pk)
    out.content.read(20)
    monkeypatch.setattr(
        "huitong.planes.files.actions.access.report_delivery", lambda *a, **k: 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        out.content.close()
    assert "20 bytes" in caplog.text and Entry.objects.filter(verb="files.begin").count() == 1
    assert not Entry.objects.filter(verb="files.download").exists(), (
        "no entry without its fact, no fact without its entry"
    )


def test_a_program_resumes_with_its_token(sharing: Sharing, grant: Any) -> None:
    header = oauth(sharing.credential())
    answer = Client().get(f"/api/files/{grant.pk}", headers={"Range": "bytes=10-"}, **header)
    assert (answer.status_code, content_of(answer)) == (206, CONTENT[10:])
    assert Entry.objects.get(verb="files.download_by_machine").after["bytes"] == SIZE - 10
