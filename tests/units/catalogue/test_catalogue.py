"""The catalogue is complete, plain and printed: every code has a cause, steps, an owner, and a place on the page."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from adapters.inbound.schema.wording import COMMANDS
from core.model.catalogue import CATALOGUE, THEMES, Entry, finding
from core.model.shared.finding import Owner, Retry, Severity
from docs.generate.failures import PAGE, failures_page
from tests.support.each import for_each

ROOT = Path(__file__).parents[3]
EVERY = list(CATALOGUE.values())

RELEASED = {
    "MAP_CUSTOMER_MISSING",
    "MAP_SITE_MISSING",
    "MAP_EMPTY_VALUE",
    "MAP_DUPLICATE_EXTERNAL_ID",
    "ERP_CUSTOMER_UNKNOWN",
    "ERP_SITE_UNKNOWN_OR_INACTIVE",
    "ERP_CONTRACT_INVALID",
    "WO_TYPE_REQUIRED",
    "WO_TYPE_WRONG_KIND",
    "LEAD_SOURCE_REQUIRED",
    "GL_DEPARTMENT_REQUIRED",
    "WO_NUMBER_TOO_LONG",
    "WO_NUMBER_TAKEN",
    "LEADING_CHAR_INVALID",
    "PO_TOO_LONG",
    "DESCRIPTION_TOO_LONG",
    "FIELD_LENGTH_OTHER",
    "INVALID_CHARACTERS",
    "NUMBER_PRECISION",
    "ITEM_CODE_UNKNOWN",
    "CHARGE_CODE_UNKNOWN",
    "WAREHOUSE_INVALID",
    "UOM_INVALID",
    "SITE_EQUIPMENT_REQUIRED",
    "PHASE_COST_TYPE",
    "COST_CENTER_MISMATCH",
    "GL_ACCOUNT_UNRESOLVED",
    "WO_NOT_FOUND_FOR_ITEMS",
    "WO_COMPLETED_OR_BILLED",
    "PERIOD_CLOSED",
    "PROCESSING_DATES_UNSET",
    "RECORD_LOCKED",
    "DUPLICATE_ITEMS_RISK",
    "IN_DOUBT_POST",
    "AUTH_NOT_AUTHORIZED",
    "AUTH_SECRET_EXPIRED",
    "AUTH_ENHANCED_TURNED_ON",
    "GUID_EXPIRED",
    "ENDPOINT_UNREACHABLE",
    "WEB_SERVICE_DISABLED",
    "ERP_MAINTENANCE",
    "SOAP_FAULT_UNKNOWN",
    "MULTI_ERROR",
    "ST_SESSION_LOST",
    "ST_PERMISSION",
    "ST_RATE_LIMIT",
    "ST_WRITEBACK_FAILED",
    "JOB_CHANGED_WHILE_SENDING",
    "PLUGIN_ERROR",
    "PLUGIN_TIMEOUT",
    "CLEAR_NOT_POSSIBLE",
    "MANUAL_EDIT_OVERWRITTEN",
    "ERP_COPY_STALE",
    "REF_DELETED_IN_ERP",
    "JOB_NUMBER_MISSING",
    "JOB_NOT_FOUND",
    "CUSTOMER_MISSING",
    "SITE_MISSING",
    "WO_NUMBER_CHANGED",
    "CONTRACT_NOT_MAPPED",
    "ENDPOINT_NOT_SPECTRUM",
    "ENDPOINT_URL_INVALID",
    "ADDRESS_NOT_ALLOWED",
    "CERTIFICATE_INVALID",
    "ST_UNREACHABLE",
    "ST_LOGIN_REFUSED",
    "ST_BASE_URL_WRONG",
    "ST_RECORD_UNREADABLE",
    "ST_REPORT_FAILED",
    "OUTCOME_UNKNOWN",
    "PLUGIN_MISSING",
    "CONNECTION_PAUSED",
    "TENANT_PAUSED",
    "ITEMS_NEED_COMPLETION",
    "ITEM_CODE_MISSING",
    "ITEM_COST_MISSING",
    "ITEM_QUANTITY_MISSING",
    "ITEM_TYPE_UNKNOWN",
    "ITEM_VALUE_UNREADABLE",
    "ST_COMPLETION_REFUSED",
    "WO_NUMBER_DIFFERS",
    "SPECTRUM_REFUSED",
    "SEND_TOO_LATE",
    "TRY_LATER",
    "TENANT_SETUP",
    "OPERATOR_SETUP",
    "INTERNAL_ERROR",
}

IN_THE_PREVIEW = {
    "ERP_CUSTOMER_UNKNOWN",
    "ERP_SITE_UNKNOWN_OR_INACTIVE",
    "ERP_CONTRACT_INVALID",
    "ITEM_CODE_UNKNOWN",
    "TASKS_OFF",
    "MAP_CUSTOMER_MISSING",
    "MAP_SITE_MISSING",
    "MAP_EMPTY_VALUE",
    "MAP_DUPLICATE_EXTERNAL_ID",
    "WO_NUMBER_TOO_LONG",
    "WO_NUMBER_TAKEN",
    "WO_NUMBER_CHANGED",
    "LEADING_CHAR_INVALID",
    "PO_TOO_LONG",
    "DESCRIPTION_TOO_LONG",
    "FIELD_LENGTH_OTHER",
    "INVALID_CHARACTERS",
    "NUMBER_PRECISION",
    "DUPLICATE_ITEMS_RISK",
    "JOB_CHANGED_WHILE_SENDING",
    "PLUGIN_ERROR",
    "PLUGIN_TIMEOUT",
    "PLUGIN_MISSING",
    "JOB_NUMBER_MISSING",
    "CUSTOMER_MISSING",
    "SITE_MISSING",
    "ITEMS_NEED_COMPLETION",
    "ITEM_CODE_MISSING",
    "ITEM_COST_MISSING",
    "ITEM_QUANTITY_MISSING",
    "ITEM_TYPE_UNKNOWN",
    "ITEM_VALUE_UNREADABLE",
    "PO_REQUIRED",
    "NOT_SENT_HERE",
}


def _code(entry: Entry) -> str:
    return entry.code


def test_every_code_users_may_rely_on_is_there() -> None:
    """A code may be added, never renamed or dropped."""
    assert set(CATALOGUE) >= RELEASED


def test_no_code_stands_in_two_places() -> None:
    codes = [entry.code for entries in THEMES.values() for entry in entries]
    assert sorted(codes) == sorted(set(codes))


def test_what_the_preview_shows_is_marked() -> None:
    assert {code for code, entry in CATALOGUE.items() if entry.pre} == IN_THE_PREVIEW


@for_each(EVERY, _code)
def test_an_entry_says_what_happened_and_what_to_do(entry: Entry) -> None:
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+", entry.code)
    assert entry.title
    assert not entry.title.endswith(".")
    assert entry.cause.endswith(".")
    assert ". " not in entry.cause, "the cause is one sentence"
    assert entry.fix
    assert all(step.endswith((".", "?")) and step[0].isupper() for step in entry.fix)


@for_each(EVERY, _code)
def test_an_entry_speaks_to_office_staff(entry: Entry) -> None:
    words = " ".join((entry.title, entry.cause, *entry.fix)).lower()
    assert not re.search(r"\b(soap|xml|guid|http status|wsdl|traceback|exception|tls|dns|upsert|payload)\b", words)


@for_each([entry for entry in EVERY if entry.retry is Retry.BACKOFF], _code)
def test_what_is_repeated_by_itself_says_so(entry: Entry) -> None:
    steps = " ".join(entry.fix)
    assert "itself" in steps or entry.code == "ST_REPORT_FAILED"


def test_owners_and_retries_of_codes_where_a_mistake_would_hurt() -> None:
    expected = {
        "IN_DOUBT_POST": (Owner.DISPATCHER, Retry.VERIFY_FIRST),
        "DUPLICATE_ITEMS_RISK": (Owner.DISPATCHER, Retry.NO),
        "WO_NUMBER_TAKEN": (Owner.SERVICETRADE_ADMIN, Retry.NO),
        "WO_COMPLETED_OR_BILLED": (Owner.SPECTRUM_ADMIN, Retry.NO),
        "MAP_CUSTOMER_MISSING": (Owner.SERVICETRADE_ADMIN, Retry.AFTER_FIX),
        "AUTH_NOT_AUTHORIZED": (Owner.SPECTRUM_ADMIN, Retry.AFTER_FIX),
        "ENDPOINT_UNREACHABLE": (Owner.IT, Retry.BACKOFF),
        "RECORD_LOCKED": (Owner.SPECTRUM_ADMIN, Retry.BACKOFF),
        "PLUGIN_ERROR": (Owner.PLUGIN_AUTHOR, Retry.AFTER_FIX),
    }
    assert {code: (CATALOGUE[code].owner, CATALOGUE[code].retry) for code in expected} == expected


def test_a_finding_takes_the_rest_from_its_entry() -> None:
    found = finding("PO_TOO_LONG", "It has 30 characters.", field="Customer_PO_Number", origin="length_policy")
    entry = CATALOGUE["PO_TOO_LONG"]
    assert (found.cause, found.fix, found.owner, found.retry) == (entry.cause, entry.fix, entry.owner, entry.retry)
    assert (found.severity, found.field, found.origin) == (Severity.BLOCKER, "Customer_PO_Number", "length_policy")


def test_a_finding_may_be_milder_and_have_its_own_fix() -> None:
    found = finding("PO_TOO_LONG", "It was cut.", severity=Severity.WARNING, fix=("Nothing to do.",))
    assert not found.blocks
    assert found.fix == ("Nothing to do.",)


def test_an_unknown_code_is_a_mistake_in_the_code() -> None:
    with pytest.raises(KeyError):
        finding("NO_SUCH_CODE", "?")


def test_every_finding_made_anywhere_has_an_entry() -> None:
    made = {code for folder in ("core", "adapters", "plugins") for code in _codes_made_in(ROOT / folder)}
    assert "WO_NUMBER_TAKEN" in made, "the search itself works"
    assert made - set(CATALOGUE) == set()


def test_the_page_is_the_catalogue_in_print() -> None:
    assert PAGE.read_text(encoding="utf-8") == failures_page(), "run: python -m docs.generate.failures"


@for_each(EVERY, _code)
def test_the_page_has_a_section_with_an_anchor_for_every_code(entry: Entry) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(f'<a id="{entry.code}"></a>') == 1
    assert f"](#{entry.code})" in page
    section = page.split(f"### {entry.code}: ")[1].split("<a id=")[0]
    assert entry.cause in section
    assert all(f"{number}. {step}" in section for number, step in enumerate(entry.fix, start=1))


def _codes_made_in(folder: Path) -> set[str]:
    """The literal first arguments of all calls of `finding`."""
    return {
        call.args[0].value
        for path in folder.rglob("*.py")
        if "finding(" in (source := path.read_text(encoding="utf-8"))
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "finding"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_the_core_names_no_command_and_no_address() -> None:
    """Each adapter adds its own way to the step that the core names."""
    for file in (ROOT / "core").rglob("*.py"):
        assert not re.search(r"jobferry [a-z]+[ -][a-z]|ETag|/v1/|If-Match", file.read_text()), file


def test_every_code_with_a_command_is_one_that_exists() -> None:
    rooms = (ROOT / "core", ROOT / "adapters" / "outbound")
    raised = " ".join(file.read_text() for room in rooms for file in room.rglob("*.py"))
    assert all(f'"{code}"' in raised for code in COMMANDS)
