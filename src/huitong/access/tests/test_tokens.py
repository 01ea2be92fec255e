"""Where machines sign in: the errors of RFC 6749, the token of RFC 9068, secrets that are kept
nowhere (A28)."""

from __future__ import annotations

import base64
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.sharing import Sharing

from huitong.access import actions
from huitong.access.models import Credential
from huitong.access.rules import reachable_from, signing
from huitong.catalog import actions as catalog
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keys(settings, tmp_path) -> None:
    settings.OAUTH_KEYS = tmp_path / "oauth"
    cache.clear()


@pytest.fixture
def issued(sharing: Sharing) -> dict[str, Any]:
    return sharing.credential(label="生产环境")


def basic(issued: dict[str, Any], secret: str = "") -> dict[str, str]:
    pair = f"{issued['client_id']}:{secret or issued['client_secret']}".encode()
    return {"HTTP_AUTHORIZATION": f"Basic {base64.b64encode(pair).decode()}"}


def ask(body: str = "grant_type=client_credentials", **headers: str) -> Any:
    return Client().post(
        "/oauth/token", body, content_type="application/x-www-form-urlencoded", **headers
    )


def post_body(issued: dict[str, Any], **more: str) -> str:
    fields = {
        "grant_type": "client_credentials",
        "client_id": issued["client_id"],
        "client_secret": issued["client_secret"],
    } | more
    return "&".join(f"{k}={v}" for k, v in fields.items())


def test_a_token_verifies_against_the_published_keys(issued, settings):
    answer = ask(**basic(issued))
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert body["token_type"] == "Bearer" and body["expires_in"] == 600
    keys = Client().get("/oauth/jwks").json()
    assert len(keys["keys"]) == 2 and all(
        "d" not in k and k["alg"] == "ES256" for k in keys["keys"]
    )
    token = jwt.decode(body["access_token"], KeySet.import_key_set(keys), algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert token.claims | {"iat": 0, "nbf": 0, "exp": 0, "jti": ""} == {
        "iss": settings.PUBLIC_URL,
        "aud": "huitong-gateway",
        "sub": issued["client_id"],
        "client_id": issued["client_id"],
        "iat": 0,
        "nbf": 0,
        "exp": 0,
        "jti": "",
    }
    assert token.claims["exp"] - token.claims["iat"] == 600


@pytest.mark.parametrize(
    "body,headers,status,error",
    [
        ("", {}, 400, "invalid_request"),
        ("grant_type=password", {}, 400, "unsupported_grant_type"),
        ("grant_type=client_credentials", {}, 401, "invalid_client"),
        ("grant_type=client_credentials&grant_type=client_credentials", {}, 400, "invalid_request"),
        ("grant_type=client_credentials&client_id=x&client_secret=y", {}, 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=x", {}, 401, "invalid_client"),
        ("grant_type=client_credentials&client_secret=y", {}, 401, "invalid_client"),
        ("grant_type=client_credentials&scope=all", {}, 400, "invalid_scope"),
        (
            "grant_type=client_credentials",
            {"HTTP_AUTHORIZATION": "Basic !!!"},
            400,
            "invalid_request",
        ),
        (
            "grant_type=client_credentials",
            {"HTTP_AUTHORIZATION": "Bearer x"},
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&client_secret=y",
            {"HTTP_AUTHORIZATION": "Basic eDp5"},
            400,
            "invalid_request",
        ),
        (
            "grant_type=client_credentials&client_id=z",
            {"HTTP_AUTHORIZATION": "Basic eDp5"},
            400,
            "invalid_request",
        ),
    ],
)
def test_errors_are_those_of_the_standard(cast, body, headers, status, error):
    answer = ask(body, **headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Pragma"] == "no-cache"
    if status == 401 and headers:
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_the_endpoint_takes_forms_by_post_only(issued):
    assert Client().get("/oauth/token").status_code == 405
    # multipart
    assert (
        Client().post("/oauth/token", {"grant_type": "client_credentials"}).json()["error"]
        == "invalid_request"
    )
    assert ask(post_body(issued)).status_code == 200, "client_secret_post"


def test_revoked_expired_elsewhere_and_wrong_all_sound_the_same(sharing: Sharing, issued):
    def refused() -> bytes:
        answer = ask(**basic(issued))
        assert answer.status_code == 401
        cache.clear()
        return answer.content

    wrong = ask(**basic(issued, secret="no"))
    contents = {wrong.content}
    assert wrong.status_code == 401
    row = Credential.objects.get()
    clerk = sharing.cast.housing_operator
    actions.limit_networks(clerk, credential=row.pk, networks="10.1.0.0/16\n192.0.2.7")
    contents.add(refused())
    actions.limit_networks(clerk, credential=row.pk, networks=["127.0.0.0/8"])
    assert ask(**basic(issued)).status_code == 200
    with writing("test"):
        Credential.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    contents.add(refused())
    with writing("test"):
        Credential.objects.filter(pk=row.pk).update(expires_at=timezone.now() + timedelta(1))
    actions.revoke_credential(clerk, credential=row.pk, reasons="人员离岗")
    contents.add(refused())
    assert len(contents) == 1, "nobody learns which it was"
    with pytest.raises(AgainstRules):
        actions.rotate_credential(clerk, credential=row.pk)


def test_guessing_is_slowed_down_and_recorded(sharing: Sharing, issued):
    for _ in range(10):
        assert ask(**basic(issued, secret="guess")).status_code == 401
    late = ask(**basic(issued))
    assert late.status_code == 429 and late.headers["Retry-After"] == "300"
    assert Entry.objects.filter(verb="access.refuse_sign_in").count() == 10, (
        "what is slowed down is not recorded without end"
    )
    assert ask(**basic(sharing.credential())).status_code == 200, (
        "one system's mistake does not shut out another"
    )
    assert (
        Entry.objects.filter(verb="access.refuse_sign_in").first().after["client_id"]
        == issued["client_id"]
    )


def test_a_changed_secret_overlaps_with_the_old_one(sharing: Sharing, issued):
    clerk = sharing.cast.housing_operator
    new = actions.rotate_credential(clerk, credential=issued["credential"], overlap_hours=2)
    assert (
        new["client_id"] == issued["client_id"] and new["client_secret"] != issued["client_secret"]
    )
    assert ask(**basic(issued)).status_code == 200 and ask(**basic(new)).status_code == 200
    with writing("test"):
        Credential.objects.update(former_until=timezone.now())
    assert ask(**basic(issued)).status_code == 401 and ask(**basic(new)).status_code == 200
    last = actions.rotate_credential(clerk, credential=issued["credential"], overlap_hours=0)
    assert ask(**basic(new)).status_code == 401 and ask(**basic(last)).status_code == 200


def test_the_secret_is_kept_nowhere(sharing: Sharing, issued, caplog):
    new = actions.rotate_credential(sharing.cast.housing_operator, credential=issued["credential"])
    ask(**basic(issued))
    ask(post_body(new))
    ask(post_body(new, client_secret=new["client_secret"] + "x"))
    secrets = (issued["client_secret"], new["client_secret"])
    assert not any(secret in caplog.text for secret in secrets)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace ="
            " 'public'::regnamespace"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s OR t::text LIKE %s',
                [f"%{s}%" for s in secrets],
            )
            assert cursor.fetchone() == (0,), table


def test_only_the_own_body_makes_and_ends_credentials(sharing: Sharing, issued):
    cast, pk, system = sharing.cast, issued["credential"], sharing.system().pk
    with pytest.raises(NotVisible):
        actions.issue_credential(cast.stranger_operator, system=system)
    with pytest.raises(NotVisible):
        actions.rotate_credential(cast.stranger_operator, credential=pk)
    with pytest.raises(NotYours):
        actions.rotate_credential(cast.bureau_operator, credential=pk)
    with pytest.raises(NotYours):
        actions.issue_credential(cast.housing_manager, system=system)
    with pytest.raises(Malformed) as wrong:
        actions.issue_credential(
            cast.housing_operator, system=system, networks=["10.0.0.0/8", "nowhere"]
        )
    assert "nowhere" in wrong.value.fields["networks"][0]
    with pytest.raises(NotYours):
        actions.revoke_credential(cast.bureau_operator, credential=pk)
    actions.revoke_credential(cast.bureau_manager, credential=pk, reasons="密钥疑似泄露")
    assert Credential.objects.get(pk=pk).revoked_at is not None, "in an emergency the bureau may"
    for again in (cast.bureau_manager, cast.housing_manager):
        with pytest.raises(AgainstRules):
            actions.revoke_credential(again, credential=pk)


def test_no_token_outlives_its_credential(issued):
    with writing("test"):
        Credential.objects.update(expires_at=timezone.now() + timedelta(seconds=60))
    keys = KeySet.import_key_set(Client().get("/oauth/jwks").json())
    token = jwt.decode(ask(**basic(issued)).json()["access_token"], keys, algorithms=["ES256"])
    assert token.claims["exp"] - token.claims["iat"] <= 60


@pytest.mark.parametrize(
    ("networks", "ip", "reached"),
    [
        ([], "nowhere", True),
        (["10.1.0.0/16"], "10.1.255.255", True),
        (["10.1.0.0/16"], "10.2.0.0", False),
        (["10.1.0.0/16"], "::ffff:10.1.2.3", True),  # as a server of both versions writes it
        (["10.1.0.0/16"], "2001:db8::1", False),
        (["2001:db8::/32", "10.1.0.0/16"], "2001:db8::1", True),
        (["0.0.0.0/0"], "", False),
        (["0.0.0.0/0"], "nowhere", False),
    ],
)
def test_a_limited_credential_is_used_from_its_networks_only(
    networks: list[str], ip: str, reached: bool
):
    assert reachable_from(networks, ip) is reached


def test_the_first_token_of_a_day_is_noted_once(issued):
    for _ in range(3):
        ask(**basic(issued))
    assert Credential.objects.get().last_used_on is not None
    assert Entry.objects.filter(verb="access.note_sign_in").count() == 1


def test_keys_turn_over_without_a_gap(tmp_path):
    folder = tmp_path / "k"
    next_, current = (k.kid for k in signing.keys(folder))
    token = signing.sign(folder, {"sub": "x"})
    assert {
        (folder / name).stat().st_mode & 0o777 for name in [p.name for p in folder.iterdir()]
    } == {0o600}
    assert signing.rotate(folder) == next_, "what was published ahead signs now"
    ids = [k["kid"] for k in signing.public(folder)["keys"]]
    assert ids[1:] == [next_, current] and len(ids) == 3
    assert jwt.decode(
        token, KeySet.import_key_set(signing.public(folder)), algorithms=["ES256"]
    ).claims == {"sub": "x"}
    signing.rotate(folder)
    assert current not in [k["kid"] for k in signing.public(folder)["keys"]]


def test_two_processes_that_start_at_once_agree_on_the_keys(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    folder = tmp_path / "k"
    with ThreadPoolExecutor(8) as pool:
        orders = {
            tuple(k.kid for k in keys)
            for keys in pool.map(lambda _: signing.keys(folder), range(8))
        }
    assert len(orders) == 1


def test_a_credential_needs_the_systems_protection_filing(sharing: Sharing):
    clerk = sharing.cast.housing_operator
    system = catalog.register_system(clerk, name="网上选房系统").pk
    change = partial(catalog.change_system, clerk, system=system, name="网上选房系统")
    for level, filing, lacking in (
        ("", "32060012345-00009", "级别"),
        ("二级", "", "备案编号"),
        ("三级", "  ", "备案编号"),
    ):
        change(protection_level=level, protection_filing=filing)
        with pytest.raises(AgainstRules, match=f"还没有登记等级保护{lacking}") as refused:
            actions.issue_credential(clerk, system=system)
        assert refused.value.article == "A28"
        page = sharing.cast.client("housing_operator").get(f"/systems/{system}/").content.decode()
        assert "补登等级保护" in page and "生成凭证</a>" not in page
    with pytest.raises(Malformed) as wrong:
        change(protection_level="六级", protection_filing="1")
    assert "protection_level" in wrong.value.fields
    change(protection_level="一级")  # the first level is not filed
    actions.issue_credential(clerk, system=system)
    for level in ("", "二级"):
        with pytest.raises(Malformed) as wrong:
            change(protection_level=level)
        assert "只能更正" in wrong.value.fields["protection_level"][0]
    change(protection_level="二级", protection_filing="32060012345-00009")
