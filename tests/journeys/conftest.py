"""What several journeys begin with."""

from __future__ import annotations

import pytest
from tests.cast import Cast
from tests.toys.consultation import actions as consultation

from huitong.kernel.case import Case


@pytest.fixture
def enquiry(cast: Cast) -> Case:
    result: Case = consultation.convene(
        cast.bureau_operator,
        question="婚姻数据能否用于公租房审核",
        provider=cast.body("civil").pk,
        consumer=cast.body("housing").pk,
    )
    return result
