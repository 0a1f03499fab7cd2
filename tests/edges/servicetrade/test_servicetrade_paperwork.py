"""Attachments as they may come from ServiceTrade: none of another record, whatever the list holds."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.outbound.servicetrade.paperwork import _is_of

JOB = "2412087334600705"


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ({}, True),
        ({"entityType": 3, "entityId": int(JOB)}, True),
        ({"entityType": "3", "entityId": JOB}, True),
        ({"entityId": JOB}, True),
        ({"entityType": 3, "entityId": 7}, False),
        ({"entityType": 5, "entityId": JOB}, False),
        ({"entityType": "job", "entityId": JOB}, False),
        ({"entityId": {"id": 7}}, False),
    ],
)
def test_an_attachment_that_names_another_record_is_left_out(told: dict[str, Any], ours: bool) -> None:
    """A ServiceTrade that does not know the filter would list those of all jobs."""
    assert _is_of({"id": 1, "name": "a.pdf", **told}, JOB) is ours
