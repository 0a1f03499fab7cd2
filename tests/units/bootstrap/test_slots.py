"""How many slots one tenant may have."""

from __future__ import annotations

import pytest

from adapters.bootstrap.runtime import slots_of
from adapters.bootstrap.settings import Settings
from ports.storage.due_work import Slots


@pytest.mark.parametrize(
    ("concurrency", "share", "of_a_tenant"), [(200, 0.25, 50), (3, 0.25, 1), (1, 0.01, 1), (7, 1, 7), (10, 0.5, 5)]
)
def test_a_tenant_has_its_share_and_at_least_one(concurrency: int, share: float, of_a_tenant: int) -> None:
    assert slots_of(concurrency, share) == Slots(concurrency, of_a_tenant)


def test_by_default_a_tenant_has_a_quarter_of_two_hundred() -> None:
    settings = Settings()
    assert slots_of(settings.worker_concurrency, settings.worker_tenant_share) == Slots(200, 50)
