"""A setting is described once and is then everywhere: one line is put into a copy of the code, and all is looked at."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.inbound.cli.setting_options import settings_from
from core.model.connections.settings import CONNECTION_SETTINGS
from core.model.tenants.settings import DEFAULT_BASE_URL, TENANT_SETTINGS
from docs.generate.settings import PAGE, settings_page

ROOT = Path(__file__).parents[3]
CONNECTION = (
    "core/model/connections/settings.py",
    "    plugins: tuple[PluginUse, ...] = setting(",
    '    region_code: str = setting("", title="Region", group=WORK_ORDERS, help="Region of each work order.",'
    ' valid=is_code(2), rule="at most 2 characters")\n',
)
LOOK_AT_CONNECTION = """
from dataclasses import replace

from pydantic import ValidationError
from typer.testing import CliRunner

from adapters.bootstrap.app import jobferry
from adapters.inbound.api.openapi import openapi_document
from adapters.inbound.console.setting_fields import connection_fields
from adapters.inbound.schema.connections import ConnectionIn
from adapters.inbound.schema.connections import ConnectionPatch
from adapters.inbound.schema.connections import ConnectionOut
from adapters.outbound.postgres.records import connection_of, connection_settings
from core.model.connections.connection import ConnectionSecrets
from core.model.connections.settings import CONNECTION_SETTINGS
from core.model.shared.errors import BadInput
from core.model.shared.secret import Secret
from core.model.shared.setting import differences
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
assert differences(CONNECTION_SETTINGS, before, after) == ["region_code"], "change log"
help_text = CliRunner().invoke(jobferry(), ["connections", "add", "--help"]).output
assert "--region-code" in help_text and "Region of each work order." in " ".join(help_text.split()), help_text
assert "| `region_code` | Region | at most 2 characters |" in settings_page(), "docs"
"""


TENANT = (
    "core/model/tenants/settings.py",
    "    plugin_defaults: Mapping[str, Mapping[str, Any]] = setting(",
    '    region: str = setting("", title="Region", group=TENANT, help="Region of the account.",'
    ' valid=lambda text: len(text) <= 2, rule="at most 2 characters")\n'
    '    app_url: str = setting("", within="servicetrade", title="Web app", group=SERVICETRADE,'
    ' help="Where people work.")\n',
)
LOOK_AT_TENANT = """
from typer.testing import CliRunner

from adapters.bootstrap.app import jobferry
from adapters.inbound.api.openapi import openapi_document
from adapters.inbound.console.handlers.tenants import _new
from adapters.inbound.console.setting_fields import tenant_fields
from adapters.inbound.schema.tenants import TenantIn, TenantOut, TenantPatch
from adapters.outbound.postgres.records import tenant_of, tenant_settings
from core.model.shared.errors import BadInput
from core.model.shared.setting import differences
from core.model.tenants.settings import DEFAULT_BASE_URL, TENANT_SETTINGS
from docs.generate.settings import settings_page

given = {"slug": "main", "name": "Main", "servicetrade": {"username": "u", "password": "p"}}
more = given | {"region": "NW", "servicetrade": given["servicetrade"] | {"app_url": "https://app.example.com"}}
before, after = (TenantIn.model_validate(one).tenant() for one in (given, more))
assert (before.region, before.app_url) == ("", ""), "API in"
assert (after.region, after.app_url) == ("NW", "https://app.example.com"), "API in"
try:
    TenantIn.model_validate(given | {"region": "LONG"}).tenant()
except BadInput as error:
    assert [(one.pointer, one.detail) for one in error.errors] == [("/region", "at most 2 characters")]
else:
    raise AssertionError("limits")
patch = {"region": "NW", "servicetrade": {"app_url": "https://app.example.com"}}
assert TenantPatch.model_validate(patch).edit(before) == after, "API patch"
assert TenantPatch.model_validate(patch).login() is None, "no setting is a login"
back = {"region": None, "servicetrade": {"app_url": None}}
assert TenantPatch.model_validate(back).edit(after) == before, "back to its default"
shown = TenantOut.of(after).model_dump()
assert (shown["region"], shown["servicetrade"]["app_url"]) == ("NW", "https://app.example.com"), "API out"
schemas = openapi_document()["components"]["schemas"]
assert all("region" in schemas[name]["properties"] for name in ("TenantIn", "TenantPatch", "TenantOut"))
inner = ("ServiceTradeIn", "ServiceTradePatch", "ServiceTradeOut")
assert all("app_url" in schemas[name]["properties"] for name in inner), "OpenAPI document"
stored = tenant_settings(after)
columns = {"id": "", "slug": "main", "paused": False, "created_at": None}
columns |= {"signed_in_at": None, "first_steps_hidden": False}
assert tenant_of(columns | {"settings": stored}) == after, "storage"
del stored["region"], stored["app_url"]
assert tenant_of(columns | {"settings": stored}) == before, "rows from before it was there"
fields = {one.name: one for one in tenant_fields()}
assert (fields["region"].label, fields["region"].help) == ("Region", "Region of the account.")
assert fields["servicetrade.app_url"].group == "How Jobferry signs in to its ServiceTrade"
form = {"slug": "main", "name": "Main", "region": "NW", "servicetrade.app_url": "https://app.example.com"}
form |= {"servicetrade.username": "u", "servicetrade.password": "p"}
assert TenantIn.model_validate(_new(form)).tenant() == after, "form"
assert differences(TENANT_SETTINGS, before, after) == ["region", "app_url"], "change log"
help_text = CliRunner().invoke(jobferry(), ["tenants", "add", "--help"]).output
assert "--region" in help_text and "--app-url" in help_text, help_text
assert "Region of the account." in " ".join(help_text.split()), help_text
assert "| `region` | Region | at most 2 characters |" in settings_page(), "docs"
assert "| `servicetrade.app_url` | Web app |" in settings_page(), "docs"
"""


@pytest.mark.long
@pytest.mark.parametrize("added, look", [(CONNECTION, LOOK_AT_CONNECTION), (TENANT, LOOK_AT_TENANT)])
def test_one_line_adds_a_setting_to_every_place(tmp_path: Path, added: tuple[str, str, str], look: str) -> None:
    for package in ("core", "ports", "adapters", "plugins", "docs"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "pictures"))
    file, mark, line = added
    described = tmp_path / file
    text = described.read_text()
    assert text.count(mark) == 1
    described.write_text(text.replace(mark, line + mark))
    looked = subprocess.run(
        [sys.executable, "-c", look],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert looked.returncode == 0, looked.stderr


def test_an_empty_option_is_the_default_as_its_help_says() -> None:
    assert (
        settings_from(TENANT_SETTINGS, {"name": "Cardinal", "base_url": "", "time_zone": ""})["base_url"]
        == DEFAULT_BASE_URL
    )
    given: dict[str, object] = {one.public_name: None for one in CONNECTION_SETTINGS}
    assert settings_from(CONNECTION_SETTINGS, given | {"failure_tag": ""})["failure_tag"] is None


def test_every_setting_has_a_title_and_a_group() -> None:
    for one in (*CONNECTION_SETTINGS, *TENANT_SETTINGS):
        assert one.setting.title, one.name
        assert one.setting.group, one.name


def test_the_page_of_settings_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "run: python -m docs.generate.settings"
