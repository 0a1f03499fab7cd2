"""How many slots one tenant may have."""

from __future__ import annotations

import pytest

from adapters.bootstrap.examination import slots_for
from adapters.bootstrap.settings import Settings
from adapters.bootstrap.worker import slots_of
from core.model.shared.check_step import CheckState
from ports.storage.due_work import Slots


@pytest.mark.parametrize(
    ("concurrency", "share", "of_a_tenant"), [(200, 0.25, 50), (3, 0.25, 1), (1, 0.01, 1), (7, 1, 7), (10, 0.5, 5)]
)
def test_a_tenant_has_its_share_and_at_least_one(concurrency: int, share: float, of_a_tenant: int) -> None:
    assert slots_of(concurrency, share) == Slots(concurrency, of_a_tenant)


def test_by_default_a_tenant_has_a_quarter_of_two_hundred() -> None:
    settings = Settings()
    assert slots_of(settings.worker_concurrency, settings.worker_tenant_share) == Slots(200, 50)


@pytest.mark.parametrize(
    ("slots", "connections", "state"),
    [
        (Slots(200, 50), [51], CheckState.UNKNOWN),
        (Slots(200, 50), [50], CheckState.OK),
        (Slots(200, 50), [51, 0], CheckState.OK),
        (Slots(200, 50), [], CheckState.OK),
        (Slots(200, 200), [201], CheckState.OK),
    ],
)
def test_the_doctor_says_when_the_only_tenant_is_held_back_by_its_share(
    slots: Slots, connections: list[int], state: CheckState
) -> None:
    step = slots_for(slots, connections)
    assert (step.state, any("JOBFERRY_WORKER_TENANT_SHARE=1" in fix for fix in step.fix)) == (
        state,
        state is CheckState.UNKNOWN,
    )
    assert f"{slots.of_a_tenant} of them for one tenant" in step.detail
