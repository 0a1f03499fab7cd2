"""The table of tasks: each service once, with a code that Spectrum can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.inbound.cli.setting_options import settings_from
from adapters.inbound.console.forms import parsed
from adapters.inbound.console.setting_fields import connection_fields
from core.model.connections.connection import Connection
from core.model.connections.services_in_use import optional_services
from core.model.connections.settings import CONNECTION_SETTINGS
from core.model.connections.task_settings import MOST_TASK_CODES, SendTasks, _are_task_codes
from core.model.planning.draft import LinePatch
from core.model.shared.errors import BadInput
from core.model.work_orders.item import ItemKind
from tests.support.storage_scene import a_connection

CODES = {"Sprinkler": "INSP", "Check valve replacement": "REPAIR"}
TABLE = [one for one in CONNECTION_SETTINGS if one.name == "task_codes"]


def connection(**settings: Any) -> Connection:
    return replace(a_connection(1), **settings)


@pytest.mark.parametrize(
    ("codes", "valid"),
    [
        ({}, True),
        (CODES, True),
        ({"Sprinkler": "ABCDEFGHIJKLMNO"}, True),
        ({"Sprinkler": "ABCDEFGHIJKLMNOP"}, False),
        ({"Sprinkler": ""}, False),
        ({"Sprinkler": "é"}, False),
        ({"Sprinkler": "A=B"}, False),
        ({" ": "INSP"}, False),
        ({"a=b": "INSP"}, False),
        ({"Sprinkler": "INSP", "  SPRINKLER ": "REPAIR"}, False),
        ({f"Service {number}": "INSP" for number in range(MOST_TASK_CODES + 1)}, False),
    ],
)
def test_a_table_names_each_service_once(codes: dict[str, str], valid: bool) -> None:
    assert _are_task_codes(codes) is valid


def test_it_is_off_and_empty_by_default_and_asks_for_no_service() -> None:
    made = connection()
    assert (made.send_tasks, made.sends_tasks, dict(made.task_codes)) == (SendTasks.OFF, False, {})
    assert "AddWOTask" not in optional_services(made)
    assert "AddWOTask" in optional_services(connection(send_tasks=SendTasks.WITH_ITEMS))


def test_a_form_has_a_line_for_each_service() -> None:
    [field] = [one for one in connection_fields(None) if one.name == "task_codes"]
    typed = "Sprinkler = INSP\n\nCheck valve replacement=REPAIR\n"
    assert parsed(field, typed) == CODES


def test_a_command_takes_the_last_equals_sign() -> None:
    given = {"task_codes": ["Sprinkler=INSP", "Check valve replacement = REPAIR"]}
    assert settings_from(TABLE, given) == {"task_codes": CODES}


def test_no_type_of_item_and_no_rule_makes_a_task() -> None:
    with pytest.raises(BadInput):
        connection(item_kinds={"part": ItemKind.TASK})
    with pytest.raises(ValueError, match="makes no task"):
        LinePatch(ItemKind.TASK)
