"""The optional services that a connection's settings switch on: none by default."""

from __future__ import annotations

from typing import Any

import pytest

from core.model.connections.endpoint import Endpoint
from core.model.connections.services_in_use import optional_services
from core.model.connections.settings import ConnectionSettings
from core.model.connections.task_settings import SendTasks

ENDPOINT = Endpoint.parse("https://spectrum.example.com")


def test_the_default_settings_need_none() -> None:
    assert optional_services(_with()) == ()


@pytest.mark.parametrize(
    ("changed", "services"),
    [
        ({"create_sites": True}, ("AddWOSiteAddress",)),
        ({"create_customers": True}, ("AddCustomer", "UpdateCustomer")),
        ({"note_topic": "JOBFERRY"}, ("WOHeaderNotes",)),
        ({"marker_field": "UDF7"}, ("UpdateWorkOrderHeader_UDF",)),
        ({"send_tasks": next(one for one in SendTasks if one is not SendTasks.OFF)}, ("AddWOTask",)),
    ],
)
def test_each_setting_needs_its_services(changed: dict[str, Any], services: tuple[str, ...]) -> None:
    assert optional_services(_with(**changed)) == services


def _with(**changed: Any) -> ConnectionSettings:
    return ConnectionSettings(
        name="North", external_system="spectrum", endpoint=ENDPOINT, company_code="101", **changed
    )
