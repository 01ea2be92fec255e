"""Mounting published entries, who authorizes, stopping in an emergency (A13, A14, A18, A28)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from tests.sharing import RISK, Sharing

from huitong.access import queries as access
from huitong.kernel.actor import Actor
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.publishing import actions, queries
from huitong.publishing.models import Mount
from huitong.publishing.rules import (
    AUTHORITIES,
    Authority,
    AuthorityRow,
    Authorization,
    Mode,
    MountState,
    authority,
    check_mode,
)
from huitong.work.models import Notice
from huitong.work.rules import TOLD_BY_LAW

D, G = Authorization.DIRECT, Authorization.DELEGATED
DAY = date(2026, 11, 23)


# -- rules -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "share_class,parameters,how,who",
    [
        ("1", False, D, Authority.PLATFORM),
        ("1", False, G, Authority.PLATFORM),
        ("1", True, D, Authority.PROVIDER),
        ("1", True, G, Authority.PLATFORM),
        ("2", False, D, Authority.PROVIDER),
        ("2", True, D, Authority.PROVIDER),
        ("2", False, G, Authority.PLATFORM),
        ("2", True, G, Authority.PLATFORM),
    ],
)
def test_who_authorizes_follows_from_class_parameters_and_choice(share_class, parameters, how, who):
    assert authority(share_class, parameters, how, DAY) is who


@pytest.mark.parametrize("parameters", [False, True])
@pytest.mark.parametrize("how", [D, G])
def test_what_is_not_shared_has_nobody_to_authorize_it(parameters, how):
    with pytest.raises(AgainstRules) as refused:
        authority("3", parameters, how, DAY)
    assert refused.value.article == "A8"


def test_a_city_changes_the_silent_rows_by_adding_dated_ones():
    rows = (*AUTHORITIES, AuthorityRow("2", False, G, Authority.PROVIDER, "A18", date(2026, 12, 1)))
    assert authority("2", False, G, DAY, rows) is Authority.PLATFORM
    assert authority("2", False, G, date(2026, 12, 1), rows) is Authority.PROVIDER
    with pytest.raises(AgainstRules):
        authority("1", False, D, date(2020, 2, 18))


def test_the_use_says_which_way_of_mounting_is_due():
    every = ["table", "api", "file"]
    assert check_mode(Mode.API, every, ["collaboration"], []) == ""
    assert "接口方式" in check_mode(
        Mode.TABLE, every, ["frequent"], []
    ) and "数据经常变化" in check_mode(Mode.TABLE, every, ["frequent"], [])
    with pytest.raises(AgainstRules) as refused:
        check_mode(Mode.FILE, every, ["analysis"], [])
    assert refused.value.article == "A13" and "库表" in refused.value.remedy
    assert check_mode(Mode.FILE, every, ["analysis"], ["table"]) == ""
    with pytest.raises(AgainstRules) as refused:
        check_mode(Mode.TABLE, ["api"], [], [])
    assert "接口" in refused.value.detail


# -- mounting --------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def test_a_table_is_looked_at_and_its_columns_are_kept(sharing: Sharing):
    mount = sharing.mount("marriage", "table")
    assert mount.key == ["reg_no"] and (mount.schema, mount.table) == ("public", "marriage")
    assert mount.columns == {
        "reg_no": "character varying(30)",
        "m_name": "character varying(50)",
        "m_id": "character(18)",
        "reg_date": "date",
        "office": "character varying(80)",
        "area": "character(6)",
    }
    assert (
        queries.authority_of(queries.mount_for(sharing.cast.stranger_operator, mount.pk))
        is Authority.PROVIDER
    )
    fact = queries.fact_of(mount)
    assert [i.name for i in fact.items if i.is_key] == [
        "登记编号"
    ] and fact.provider_name == "市民政局"
    entry = Entry.objects.get(verb="publishing.mount_table")
    assert entry.article == "A13" and sharing.source["password"] not in str(entry.as_dict())


def test_three_ways_of_one_entry_and_each_only_once(sharing: Sharing):
    for mode in ("table", "api", "file"):
        sharing.mount("division", mode)
    assert (
        Mount.objects.count() == 3
        and queries.fact_of(sharing.mount("division", "file")).file.sha256
    )
    with pytest.raises(AgainstRules) as refused:
        actions.mount_api(
            sharing.cast.civil_operator,
            entry=sharing.entry("division").pk,
            database=sharing.database().pk,
            responsible="周建国",
        )
    assert refused.value.article == "A13"


def test_what_does_not_fit_is_said_by_field(sharing: Sharing):
    entry, database, clerk = sharing.entry().pk, sharing.database().pk, sharing.cast.civil_operator

    def fault(**more) -> dict:
        with pytest.raises(Malformed) as wrong:
            actions.mount_table(
                clerk, **{"entry": entry, "database": database, "responsible": "周建国"} | more
            )
        return wrong.value.fields

    assert "不存在" in fault(table="nowhere")["table"][0]
    assert "登记编号（reg_no）" in fault(table="division")["table"][0]
    assert "没有列" in fault(key="no_such")["key"][0]
    assert "不能唯一" in fault(key=["m_name"])["key"][0]
    assert "晚于今天" in fault(trained_on=today() + timedelta(1))["trained_on"][0]
    assert "responsible" in fault(responsible="")
    target = sharing.target_database().pk
    with pytest.raises(NotVisible):
        actions.mount_table(clerk, entry=entry, database=target, responsible="周建国")
    assert not Mount.objects.exists()


def test_a_table_whose_rows_a_policy_hides_is_not_mounted(sharing: Sharing):
    """tests/inputs/tables/d02: told when it is mounted, not when the consumer misses rows."""
    with psycopg.connect(sharing.source_url, autocommit=True) as server:
        server.execute(
            "ALTER TABLE marriage ENABLE ROW LEVEL SECURITY; ALTER TABLE marriage FORCE ROW LEVEL"
            " SECURITY"
        )
        try:
            with pytest.raises(Malformed) as wrong:
                actions.mount_table(
                    sharing.cast.civil_operator,
                    entry=sharing.entry().pk,
                    database=sharing.database().pk,
                    responsible="周建国",
                )
        finally:
            server.execute(
                "ALTER TABLE marriage NO FORCE ROW LEVEL SECURITY; ALTER TABLE marriage DISABLE ROW"
                " LEVEL SECURITY"
            )
    assert (
        "行级安全策略" in wrong.value.fields["table"][0]
        and "BYPASSRLS" in wrong.value.fields["table"][0]
    )


def test_a_view_without_a_key_needs_one_named_and_true(sharing: Sharing):
    with psycopg.connect(sharing.source_url, autocommit=True) as server:
        server.execute("CREATE VIEW marriage_view AS SELECT * FROM marriage")
    try:
        about = {
            "entry": sharing.entry().pk,
            "database": sharing.database().pk,
            "responsible": "周建国",
            "table": "marriage_view",
        }
        with pytest.raises(Malformed) as wrong:
            actions.mount_table(sharing.cast.civil_operator, **about)
        assert "没有主键" in wrong.value.fields["key"][0]
        mount = actions.mount_table(sharing.cast.civil_operator, key="reg_no", **about)
        assert mount.key == ["reg_no"]
        assert actions.remount(sharing.cast.civil_operator, mount=mount.pk).key == ["reg_no"], (
            "read anew, the key it was given stays"
        )
    finally:
        with psycopg.connect(sharing.source_url, autocommit=True) as server:
            server.execute("DROP VIEW marriage_view")


def test_only_published_shared_entries_of_ones_own(sharing: Sharing):
    cast, entry = sharing.cast, sharing.entry().pk
    about = {"entry": entry, "responsible": "周建国", "database": sharing.database().pk}
    with pytest.raises(NotYours):
        actions.mount_api(cast.civil_manager, **about)
    with pytest.raises(NotYours):
        actions.mount_api(cast.stranger_operator, **about)
    with pytest.raises(NotYours):
        actions.mount_api(cast.bureau_operator, **about)


def test_a_file_of_masked_data_needs_the_providers_word(sharing: Sharing):
    with pytest.raises(Malformed) as wrong:
        sharing.mount("marriage", "file", processed=False)
    assert wrong.value.article == "A8" and "processed" in wrong.value.fields
    assert sharing.mount("division", "file", processed=False).file_id, "nothing is hidden there"


def test_a_named_trained_person_and_a_method_of_updating_are_kept(sharing: Sharing):
    mount = sharing.mount("division", "api")
    actions.tend(
        sharing.cast.civil_operator,
        mount=mount.pk,
        responsible="陈静",
        trained_on=date(2026, 3, 16),
        update_method="每日写入前置库",
    )
    stored = Mount.objects.get(pk=mount.pk)
    assert (stored.responsible, stored.trained_on, stored.update_method) == (
        "陈静",
        date(2026, 3, 16),
        "每日写入前置库",
    )
    entry = Entry.objects.get(verb="publishing.tend")
    assert entry.article == "A14" and entry.before["responsible"] == "周建国"
    with pytest.raises(NotYours):
        actions.tend(sharing.cast.stranger_operator, mount=mount.pk, responsible="别人")


def test_trying_a_source_shows_masked_samples_and_records_none(sharing: Sharing):
    answer = actions.try_source(
        sharing.cast.civil_operator, entry=sharing.entry().pk, database=sharing.database().pk
    )
    assert answer["key"] == ["reg_no"] and not answer["missing"] and len(answer["rows"]) == 5
    assert {row["男方身份号码"] for row in answer["rows"]} == {"110105********002X"} and answer[
        "rows"
    ][0]["男方姓名"].endswith("*")
    recorded = str(Entry.objects.get(verb="publishing.try_source").as_dict())
    assert "110105" not in recorded and "王" not in recorded


def test_a_change_at_the_source_is_read_anew(sharing: Sharing):
    mount = sharing.mount("marriage", "table")
    with psycopg.connect(sharing.source_url, autocommit=True) as server:
        server.execute("ALTER TABLE marriage ALTER COLUMN office TYPE varchar(200)")
    try:
        again = actions.remount(sharing.cast.civil_operator, mount=mount.pk)
        assert again.columns["office"] == "character varying(200)"
        entry = Entry.objects.get(verb="publishing.remount")
        assert (
            entry.before["columns"]["office"] == "character varying(80)"
            and entry.after["columns"]["office"] == "character varying(200)"
        )
    finally:
        with psycopg.connect(sharing.source_url, autocommit=True) as server:
            server.execute("ALTER TABLE marriage ALTER COLUMN office TYPE varchar(80)")
    tended = actions.tend(
        sharing.cast.civil_operator, mount=mount.pk, authorization="delegated", responsible="吴敏"
    )
    assert (tended.authorization, tended.responsible) == (D, "吴敏") and queries.authority_of(
        tended
    ) is Authority.PROVIDER
    tended = actions.confirm_change(sharing.cast.civil_manager, mount=mount.pk)
    assert tended.authorization == G and queries.authority_of(tended) is Authority.PLATFORM


def test_a_mask_that_takes_texts_apart_is_refused_on_a_list(sharing: Sharing):
    """Of ``{"王小明","李建国"}`` the mask for names would show a brace; of others part of the wrong
    member."""
    mount = sharing.mount("marriage", "table")
    with psycopg.connect(sharing.source_url, autocommit=True) as server:
        server.execute("ALTER TABLE marriage ALTER COLUMN m_name TYPE text[] USING ARRAY[m_name]")
    try:
        with pytest.raises(Malformed) as wrong:
            actions.remount(sharing.cast.civil_operator, mount=mount.pk)
        message = str(wrong.value.fields["entry"])
        assert (
            "男方姓名" in message
            and "text[]" in message
            and "置空" in message
            and wrong.value.article == "A8"
        )
    finally:
        with psycopg.connect(sharing.source_url, autocommit=True) as server:
            server.execute(
                "ALTER TABLE marriage ALTER COLUMN m_name TYPE varchar(50) USING m_name[1]"
            )


# -- stopping --------------------------------------------------------------------------------------


def test_delivery_stops_at_once_and_the_bureau_is_told(sharing: Sharing):
    grant, cast = sharing.granted(), sharing.cast
    assert len(access.live_grants()) == 1
    actions.suspend_delivery(
        cast.civil_operator, mount=grant.mount_id, ground="wrong_data", reasons="发现部分数据错误"
    )
    assert access.live_grants() == []
    notices = Notice.objects.filter(title__contains="暂停交付")
    assert {n.person_id for n in notices} == {
        cast.bureau_operator.person,
        cast.bureau_manager.person,
    }
    assert all(n.kind in TOLD_BY_LAW for n in notices), "nobody turns off what the law has told"
    with pytest.raises(AgainstRules):
        actions.suspend_delivery(cast.civil_manager, mount=grant.mount_id, **RISK)
    with pytest.raises(NotYours):
        actions.resume_delivery(cast.civil_operator, mount=grant.mount_id, reasons="已经更正")
    actions.resume_delivery(cast.civil_manager, mount=grant.mount_id, reasons="已经更正")
    assert len(access.live_grants()) == 1
    assert list(
        Entry.objects.filter(verb__endswith="_delivery").values_list("article", flat=True)
    ) == ["A28", "A28"]


def test_who_sees_what(sharing: Sharing):
    mount, cast = sharing.mount(), sharing.cast
    for actor in (cast.civil_operator, cast.bureau_manager, cast.stranger_operator, cast.system):
        assert queries.mount_for(actor, mount.pk)
    with pytest.raises(NotVisible):
        queries.mount_for(Actor(0, "访客"), mount.pk)
    with pytest.raises(NotYours):
        queries.own_mount(cast.stranger_operator, mount.pk)
    with pytest.raises(NotVisible):
        queries.sources(cast.civil_operator)
    assert queries.sources(cast.system)[0][mount.pk].address.password == sharing.source["password"]
    assert sharing.source["password"] not in repr(queries.sources(cast.system))


def test_a_change_on_its_way_does_not_undo_a_suspension_meanwhile(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch
):
    """Somebody suspends delivery between the moment a change reads the mount and the moment it
    has the row to itself."""
    mount, own_mount = sharing.mount(), queries.own_mount

    def overtaken(actor: Any, pk: int) -> Mount:
        read = own_mount(actor, pk)
        with writing("test"):
            Mount.objects.filter(pk=pk).update(state=MountState.SUSPENDED)
        return read

    monkeypatch.setattr(queries, "own_mount", overtaken)
    actions.tend(sharing.cast.civil_operator, mount=mount.pk, responsible="李建国")
    assert Mount.objects.get(pk=mount.pk).state == MountState.SUSPENDED
    with pytest.raises(AgainstRules):
        actions.suspend_delivery(sharing.cast.civil_operator, mount=mount.pk, **RISK)
