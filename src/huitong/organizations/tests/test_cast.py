"""The cast is who it says it is."""

import psycopg
from conftest import Live
from tests.cast import Cast

from huitong.kernel.actor import Post
from huitong.organizations import queries
from huitong.organizations.models import Body


def test_each_actor_is_what_signing_in_would_make_of_the_person(cast: Cast) -> None:
    for key in ("housing_operator", "bureau_manager", "security_admin", "rudong_manager"):
        assert queries.actor_for(cast.person(key)) == getattr(cast, key)


def test_bureau_sits_in_the_bureaus_seat(cast: Cast) -> None:
    assert cast.bureau_operator.bureau and not cast.housing_operator.bureau
    assert cast.housing_operator.has(Post.OPERATOR) and cast.duty("housing").body == cast.body(
        "housing"
    )


def test_the_cast_is_committed_where_a_test_has_a_database_of_its_own(
    live_db: Live, cast: Cast
) -> None:
    with psycopg.connect(live_db.url) as other:
        assert other.execute("SELECT count(*) FROM organizations_body").fetchone() == (
            Body.objects.count(),
        )
