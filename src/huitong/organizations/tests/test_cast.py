"""The cast is who it says it is."""

import pytest
from tests.cast import Cast

from huitong.kernel.actor import Post
from huitong.kernel.workdays import CalendarYear, Limit
from huitong.organizations import queries
from huitong.organizations.models import Body


def test_each_actor_is_what_signing_in_would_make_of_the_person(cast: Cast) -> None:
    for key in ("housing_operator", "bureau_manager", "security_admin", "rudong_manager"):
        assert queries.actor_for(cast.person(key)) == getattr(cast, key)


def test_bureau_sits_in_the_bureaus_seat(cast: Cast) -> None:
    assert cast.bureau_operator.bureau and not cast.housing_operator.bureau
    assert cast.housing_operator.has(Post.OPERATOR) and cast.duty("housing").body == cast.body("housing")


@pytest.mark.django_db(transaction=True)
def test_transactional_tests_may_use_the_cast(cast: Cast) -> None:
    assert Limit.objects.exists() and CalendarYear.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_and_leave_nothing_but_what_migrations_loaded(cast: Cast) -> None:
    assert Limit.objects.exists() and Body.objects.count() == 7
