"""A setting is described once and is then everywhere: one line is put into a copy of the code, and all is looked at."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from core.model.connections.settings import CONNECTION_SETTINGS
from docs.generate.settings import PAGE, settings_page

ROOT = Path(__file__).parents[3]
MARK = "    plugins: tuple[PluginUse, ...] = setting("
ONE_LINE = (
    '    region_code: str = setting("", title="Region", group=WORK_ORDERS, help="Region of each work order.",'
    ' valid=is_code(2), rule="at most 2 characters")\n'
)
LOOK = """
from dataclasses import replace

from pydantic import ValidationError
from typer.testing import CliRunner

from adapters.bootstrap.__main__ import jobferry
from adapters.inbound.api.openapi import openapi_document
from adapters.inbound.console.connection_fields import connection_fields
from adapters.inbound.schema.connections.connection_in import ConnectionIn
from adapters.inbound.schema.connections.connection_patch import ConnectionPatch
from adapters.inbound.schema.connections.connections import ConnectionOut
from adapters.outbound.postgres.records import connection_of, connection_settings
from core.model.connections.connection import ConnectionSecrets
from core.model.shared.errors import BadInput
from core.model.shared.secret import Secret
from core.services.connections.change_connection import differences
from docs.generate.settings import settings_page

given = {
    "slug": "main", "name": "Main", "external_system": "spectrum", "endpoint_url": "https://spectrum.example.com",
    "company_code": "100", "authorization_id": "secret",
}
before = ConnectionIn.model_validate(given).connection()
after = ConnectionIn.model_validate(given | {"region_code": "NW"}).connection()
assert (before.region_code, after.region_code) == ("", "NW"), "API in"
try:
    ConnectionIn.model_validate(given | {"region_code": "LONG"}).connection()
except BadInput as error:
    assert [(one.pointer, one.detail) for one in error.errors] == [("/region_code", "at most 2 characters")]
else:
    raise AssertionError("limits")
secrets = ConnectionSecrets(Secret("secret"))
assert ConnectionPatch.model_validate({"region_code": "NW"}).edit(before, secrets)[0] == after, "API patch"
assert ConnectionPatch.model_validate({"region_code": None}).edit(after, secrets)[0] == before, "back to its default"
assert ConnectionOut.of(after).model_dump()["region_code"] == "NW", "API out"
schemas = openapi_document()["components"]["schemas"]
names = ("ConnectionIn", "ConnectionPatch", "ConnectionOut")
assert all("region_code" in schemas[name]["properties"] for name in names), "OpenAPI document"
stored = connection_settings(after)
columns = {name: getattr(after, name) for name in after.__dataclass_fields__} | {"client_id": None}
assert connection_of(columns | {"settings": stored}) == after, "storage"
del stored["region_code"]
assert connection_of(columns | {"settings": stored}) == before, "rows from before it was there"
[field] = [one for one in connection_fields(None) if one.name == "region_code"]
assert (field.label, field.group, field.help) == ("Region", "Work orders", "Region of each work order.")
assert differences(before, after, other_secrets=False) == ["region_code"], "change log"
help_text = CliRunner().invoke(jobferry(), ["connections", "add", "--help"]).output
assert "--region-code" in help_text and "Region of each work order." in " ".join(help_text.split()), help_text
assert "| `region_code` | Region | at most 2 characters |" in settings_page(), "docs"
"""


def test_one_line_adds_a_setting_to_every_place(tmp_path: Path) -> None:
    for package in ("core", "ports", "adapters", "plugins", "docs"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "pictures"))
    described = tmp_path / "core/model/connections/settings.py"
    text = described.read_text()
    assert text.count(MARK) == 1
    described.write_text(text.replace(MARK, ONE_LINE + MARK))
    looked = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert looked.returncode == 0, looked.stderr


def test_every_setting_has_a_title_and_a_group() -> None:
    for one in CONNECTION_SETTINGS:
        assert one.setting.title, one.name
        assert one.setting.group, one.name


def test_the_page_of_settings_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "run: python -m docs.generate.settings"
