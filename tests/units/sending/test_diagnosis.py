"""What came back from Spectrum is read the same way every time: the right code, the right remedy, nothing left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.catalogue import CATALOGUE
from core.model.sending.answer import AnswerRow, NotSent, NotSentReason, RefusalReason, Refused, Unknown, UnknownReason
from core.model.sending.diagnosis import QUOTE_LENGTH, Remedy, diagnose, from_error
from core.model.shared.errors import (
    BadInput,
    JobferryError,
    LeaseLost,
    NotFound,
    OperatorMends,
    TenantMends,
    TimeMends,
)
from core.model.shared.finding import Finding, Owner, Retry, Severity

PERSON, HOLD, FIX = Remedy.PERSON, Remedy.HOLD_CONNECTION, Remedy.HOLD_UNTIL_FIXED
WAIT, REPEAT = Remedy.WAIT_FOR_RECORD, Remedy.REPEAT

ROWS = [
    ("I", "Bill_Customer_Code", "Invalid Customer Code", "ERP_CUSTOMER_UNKNOWN", PERSON),
    ("I", "WO_Job_Number", "Site is not active", "ERP_SITE_UNKNOWN_OR_INACTIVE", PERSON),
    ("I", "Contract_Number", "Contract not valid for this site", "ERP_CONTRACT_INVALID", PERSON),
    ("I", "SC_Contract", "Invalid contract", "ERP_CONTRACT_INVALID", PERSON),
    ("M", "WO_Job_Division", "Work order type is required", "WO_TYPE_REQUIRED", PERSON),
    ("I", "WO_Job_Division", "Type is a direct cost type", "WO_TYPE_WRONG_KIND", PERSON),
    ("M", "Lead_Source", "Lead source is required", "LEAD_SOURCE_REQUIRED", PERSON),
    ("M", "GL_Department", "GL Department required", "GL_DEPARTMENT_REQUIRED", PERSON),
    ("I", "Item_Code", "Item not on file", "ITEM_CODE_UNKNOWN", PERSON),
    ("I", "Other_Cost_Item", "Invalid other cost item", "CHARGE_CODE_UNKNOWN", PERSON),
    ("I", "Warehouse_Code", "Invalid warehouse", "WAREHOUSE_INVALID", PERSON),
    ("M", "Warehouse_Code", "Warehouse required", "WAREHOUSE_INVALID", PERSON),
    ("I", "Unit_Of_Measure", "Invalid unit", "UOM_INVALID", PERSON),
    ("M", "WO_Site_Equipment", "Equipment required", "SITE_EQUIPMENT_REQUIRED", PERSON),
    ("M", "Component_Number", "Component required", "SITE_EQUIPMENT_REQUIRED", PERSON),
    ("I", "Phase_Code", "Phase is complete", "PHASE_COST_TYPE", PERSON),
    ("M", "Cost_Type", "Cost type required", "PHASE_COST_TYPE", PERSON),
    ("I", "Cost_Center", "Cost centers disagree", "COST_CENTER_MISMATCH", PERSON),
    ("E", "", "Invalid G/L account", "GL_ACCOUNT_UNRESOLVED", PERSON),
    ("I", "WO_Number", "Work order does not exist: not found", "WO_NOT_FOUND_FOR_ITEMS", PERSON),
    ("E", "WO_Number", "Work order is completed", "WO_COMPLETED_OR_BILLED", PERSON),
    ("I", "WO_Number", "Already billed", "WO_COMPLETED_OR_BILLED", PERSON),
    ("E", "", "Job work order cannot be reopened", "WO_COMPLETED_OR_BILLED", PERSON),
    ("I", "Ordered_Date", "Date is not within processing dates", "PERIOD_CLOSED", PERSON),
    ("E", "", "GL Date is outside of the open period", "PERIOD_CLOSED", PERSON),
    ("E", "", "G/L date is out of range", "PERIOD_CLOSED", PERSON),
    ("E", "", "Processing dates have not been set", "PROCESSING_DATES_UNSET", PERSON),
    ("E", "", "Work Order Installation has not been saved", "PROCESSING_DATES_UNSET", PERSON),
    ("I", "Summary_Description", "Invalid character(s) in field", "INVALID_CHARACTERS", PERSON),
    ("I", "Bill_Customer_Code", "Invalid characters", "INVALID_CHARACTERS", PERSON),
    ("A", "Authorization_ID", "Not authorized for WorkOrderHeader", "AUTH_NOT_AUTHORIZED", FIX),
    ("I", "Authorization_ID", "Inactive", "AUTH_NOT_AUTHORIZED", FIX),
    ("A", "Company_Code", "Company is not in the list", "AUTH_NOT_AUTHORIZED", FIX),
    ("A", "", "You are not authorised", "AUTH_NOT_AUTHORIZED", FIX),
    ("E", "WO_Number", "Record is locked by JSMITH", "RECORD_LOCKED", WAIT),
    ("I", "WO_Number", "Locking error on table WO_HEADER", "RECORD_LOCKED", WAIT),
    ("A", "GUID", "Time out has occurred", "GUID_EXPIRED", REPEAT),
    ("E", "", "A time-out has occurred.", "GUID_EXPIRED", REPEAT),
    ("I", "Zone", "Invalid zone", "SPECTRUM_REFUSED", PERSON),
    ("M", "Bill_Customer_Code", "Customer required", "SPECTRUM_REFUSED", PERSON),
    ("E", "", "Something else", "SPECTRUM_REFUSED", PERSON),
    ("A", "", "Aborted", "SPECTRUM_REFUSED", PERSON),
    ("", "Item_Code", "No answer code at all", "SPECTRUM_REFUSED", PERSON),
    ("X", "WO_Number", "A code nobody knows", "SPECTRUM_REFUSED", PERSON),
    ("", "", "", "SPECTRUM_REFUSED", PERSON),
]


@pytest.mark.parametrize("code, column, text, expected, remedy", ROWS)
def test_a_row_is_recognised(code: str, column: str, text: str, expected: str, remedy: Remedy) -> None:
    diagnosis = diagnose(Refused((AnswerRow(code, text, column),)))
    assert [found.code for found in diagnosis.findings] == [expected]
    assert diagnosis.remedy is remedy
    assert diagnosis.findings[0].severity is Severity.BLOCKER


@pytest.mark.parametrize("column", ["BILL_CUSTOMER_CODE", "Bill Customer Code", " billCustomerCode"])
@pytest.mark.parametrize("code", ["I", " i "])
def test_spelling_of_code_and_column_does_not_matter(code: str, column: str) -> None:
    found = diagnose(Refused((AnswerRow(code, "Invalid", column),))).findings[0]
    assert (found.code, found.field) == ("ERP_CUSTOMER_UNKNOWN", "Bill_Customer_Code")


@pytest.mark.parametrize(
    "column, text, expected",
    [
        ("Bill_Customer_Code", "Customer BLOCKED HOMES is invalid", "ERP_CUSTOMER_UNKNOWN"),
        ("Bill_Customer_Code", "Period Homes is not a customer", "ERP_CUSTOMER_UNKNOWN"),
        ("Item_Code", "Clock 12V not on file", "ITEM_CODE_UNKNOWN"),
        ("WO_Job_Number", "Closed site", "ERP_SITE_UNKNOWN_OR_INACTIVE"),
    ],
)
def test_a_value_quoted_in_the_text_does_not_mislead(column: str, text: str, expected: str) -> None:
    assert diagnose(Refused((AnswerRow("I", text, column),))).findings[0].code == expected


def test_only_the_beginning_of_a_long_text_is_searched() -> None:
    """A hostile answer of megabytes must not keep a worker busy."""
    assert _found(AnswerRow("E", "x " * 2000 + "locked", "")).code == "SPECTRUM_REFUSED"


NOT_SENT = {
    NotSentReason.DNS: ("ENDPOINT_UNREACHABLE", HOLD),
    NotSentReason.REFUSED: ("ENDPOINT_UNREACHABLE", HOLD),
    NotSentReason.TOKEN_UNREACHABLE: ("ENDPOINT_UNREACHABLE", HOLD),
    NotSentReason.TOKEN_UNUSABLE: ("ENDPOINT_UNREACHABLE", HOLD),
    NotSentReason.TLS: ("CERTIFICATE_INVALID", HOLD),
    NotSentReason.ADDRESS_NOT_ALLOWED: ("ADDRESS_NOT_ALLOWED", FIX),
    NotSentReason.TOKEN_REFUSED: ("AUTH_SECRET_EXPIRED", FIX),
    NotSentReason.GATE_CLOSED: ("SEND_TOO_LATE", REPEAT),
}


@pytest.mark.parametrize("reason", NotSentReason)
def test_what_never_left_waits_or_is_mended(reason: NotSentReason) -> None:
    diagnosis = diagnose(NotSent(reason, "spectrum.example.com:8482"))
    assert (diagnosis.findings[0].code, diagnosis.remedy) == NOT_SENT[reason]
    assert "spectrum.example.com:8482" in diagnosis.findings[0].message


@pytest.mark.parametrize(
    "reason, status, expected, remedy",
    [
        (UnknownReason.TIMEOUT, None, "OUTCOME_UNKNOWN", REPEAT),
        (UnknownReason.CONNECTION_LOST, None, "OUTCOME_UNKNOWN", REPEAT),
        (UnknownReason.TRUNCATED, 200, "OUTCOME_UNKNOWN", REPEAT),
        (UnknownReason.TOO_LARGE, 200, "OUTCOME_UNKNOWN", REPEAT),
        (UnknownReason.REDIRECT, 307, "OUTCOME_UNKNOWN", REPEAT),
        (UnknownReason.MIXED_ANSWER, 200, "OUTCOME_UNKNOWN", REPEAT),
        (UnknownReason.HTTP_ERROR, 500, "OUTCOME_UNKNOWN", REPEAT),
        (UnknownReason.HTTP_ERROR, 504, "OUTCOME_UNKNOWN", REPEAT),
        (UnknownReason.HTTP_ERROR, 502, "ERP_MAINTENANCE", HOLD),
        (UnknownReason.HTTP_ERROR, 503, "ERP_MAINTENANCE", HOLD),
        (UnknownReason.NOT_SOAP, 503, "ERP_MAINTENANCE", HOLD),
        (UnknownReason.NOT_SOAP, 200, "ENDPOINT_NOT_SPECTRUM", REPEAT),
        (UnknownReason.SERVER_FAULT, 500, "SOAP_FAULT_UNKNOWN", REPEAT),
    ],
)
def test_an_unknown_outcome_is_never_left_to_a_guess(
    reason: UnknownReason, status: int | None, expected: str, remedy: Remedy
) -> None:
    diagnosis = diagnose(Unknown(reason, "what was seen", status))
    assert [found.code for found in diagnosis.findings] == [expected]
    assert diagnosis.remedy is remedy
    assert diagnosis.findings[0].retry is Retry.BACKOFF, "what goes again by itself says so"


@pytest.mark.parametrize("reason", UnknownReason)
def test_every_unknown_outcome_has_words(reason: UnknownReason) -> None:
    assert "seen here" in diagnose(Unknown(reason, "seen here")).findings[0].message


def test_a_fault_of_a_fresh_spectrum_names_the_setup() -> None:
    diagnosis = diagnose(Unknown(UnknownReason.SERVER_FAULT, "Processing dates are not set", 500))
    assert (diagnosis.findings[0].code, diagnosis.remedy) == ("PROCESSING_DATES_UNSET", REPEAT)
    plain = diagnose(Unknown(UnknownReason.SERVER_FAULT, "Error executing Web Service", 500))
    assert "processing dates" in " ".join(plain.findings[0].fix)


@pytest.mark.parametrize(
    "outcome, expected",
    [
        (Unknown(UnknownReason.UNAUTHENTICATED, "HTTP 401", 401), "AUTH_ENHANCED_TURNED_ON"),
        (Unknown(UnknownReason.UNAUTHENTICATED, "HTTP 403", 403), "AUTH_ENHANCED_TURNED_ON"),
        (Unknown(UnknownReason.SERVICE_NOT_THERE, "HTTP 404", 404), "WEB_SERVICE_DISABLED"),
        (Refused((), RefusalReason.SERVICE_MISSING, "no such service"), "WEB_SERVICE_DISABLED"),
    ],
)
def test_turned_away_at_the_door_holds_the_connection_until_somebody_mends_it(
    outcome: Unknown | Refused, expected: str
) -> None:
    diagnosis = diagnose(outcome)
    assert ([found.code for found in diagnosis.findings], diagnosis.remedy) == ([expected], FIX)
    assert diagnosis.findings[0].retry is Retry.AFTER_FIX
    assert outcome.detail in diagnosis.findings[0].message


def test_a_refusal_without_rows_still_says_something() -> None:
    diagnosis = diagnose(Refused((), detail="nothing inside"))
    assert (diagnosis.findings[0].code, diagnosis.remedy) == ("SPECTRUM_REFUSED", PERSON)
    assert "nothing inside" in diagnosis.findings[0].message


LOCK = AnswerRow("E", "Record is locked", "WO_Number")
CUSTOMER = AnswerRow("I", "Invalid customer", "Bill_Customer_Code")
TYPE = AnswerRow("M", "Missing type", "WO_Job_Division")
ACCESS = AnswerRow("A", "Not authorized", "Authorization_ID")
SESSION = AnswerRow("E", "Time out has occurred", "GUID")
RETURNED = AnswerRow("G", "T1001", "WO_Number")
WARNED = AnswerRow("W", "Record is locked", "WO_Number")


@pytest.mark.parametrize(
    "rows, codes, remedy",
    [
        ((CUSTOMER, TYPE), ["ERP_CUSTOMER_UNKNOWN", "WO_TYPE_REQUIRED", "MULTI_ERROR"], PERSON),
        ((LOCK, CUSTOMER), ["ERP_CUSTOMER_UNKNOWN", "RECORD_LOCKED", "MULTI_ERROR"], PERSON),
        ((SESSION, CUSTOMER), ["ERP_CUSTOMER_UNKNOWN", "GUID_EXPIRED", "MULTI_ERROR"], PERSON),
        ((CUSTOMER, ACCESS), ["AUTH_NOT_AUTHORIZED", "ERP_CUSTOMER_UNKNOWN", "MULTI_ERROR"], FIX),
        ((LOCK, LOCK), ["RECORD_LOCKED", "RECORD_LOCKED", "MULTI_ERROR"], WAIT),
        ((RETURNED, LOCK), ["RECORD_LOCKED", "SPECTRUM_REFUSED"], WAIT),
        ((WARNED, CUSTOMER), ["ERP_CUSTOMER_UNKNOWN", "SPECTRUM_REFUSED"], PERSON),
    ],
)
def test_several_rows_are_all_shown_and_the_strongest_decides(
    rows: tuple[AnswerRow, ...], codes: list[str], remedy: Remedy
) -> None:
    diagnosis = diagnose(Refused(rows))
    assert ([found.code for found in diagnosis.findings], diagnosis.remedy) == (codes, remedy)


def test_what_only_came_along_does_not_block() -> None:
    severities = {row.code: _found(row).severity for row in (WARNED, RETURNED, CUSTOMER)}
    assert severities == {"W": Severity.WARNING, "G": Severity.INFO, "I": Severity.BLOCKER}


@pytest.mark.parametrize(
    "row, message",
    [
        (CUSTOMER, 'Spectrum does not accept the customer code: "Invalid customer"'),
        (TYPE, 'Spectrum asks for the work order type: "Missing type"'),
        (ACCESS, 'Spectrum refused access because of the Authorization ID: "Not authorized"'),
        (AnswerRow("I", "", "WO_Job_Number"), "Spectrum does not accept the site, without an explanation."),
        (AnswerRow("E", "No", "Some_New_Column"), 'Spectrum reports a problem with the field Some_New_Column: "No"'),
    ],
)
def test_a_message_names_the_value_as_people_do_and_quotes_spectrum(row: AnswerRow, message: str) -> None:
    assert _found(row).message == message


def test_foreign_text_is_shown_without_control_characters_and_not_without_end() -> None:
    found = _found(AnswerRow("I", "Bad\x00\x1b[31m\r\n  name\u202e" + "x" * 5000, "Bill_Customer\x07_Code"))
    assert found.message.isprintable()
    assert 'code: "Bad [31m name xxx' in found.message
    assert len(found.message) < QUOTE_LENGTH + 60


@given(
    st.lists(
        st.builds(
            AnswerRow,
            st.one_of(st.sampled_from("AIMEGSW"), st.text(max_size=3)),
            st.text(max_size=400),
            st.one_of(st.sampled_from(["WO_Number", "Bill_Customer_Code", "GUID", ""]), st.text(max_size=60)),
        ),
        max_size=8,
    )
)
def test_any_rows_give_a_finding_each(rows: list[AnswerRow]) -> None:
    diagnosis = diagnose(Refused(tuple(rows)))
    assert len(diagnosis.findings) >= max(1, len(rows))
    assert all(found.code in CATALOGUE and found.message.isprintable() for found in diagnosis.findings)
    refusing = [row for row in rows if row.code.strip().upper() not in ("W", "G", "S")]
    assert sum(found.blocks for found in diagnosis.findings) == (len(refusing) if rows else 1)


@given(st.sampled_from(NotSentReason), st.sampled_from(UnknownReason), st.text(), st.none() | st.integers(100, 599))
def test_any_other_outcome_gives_a_blocker(
    why_not: NotSentReason, why: UnknownReason, detail: str, status: int | None
) -> None:
    for outcome in (NotSent(why_not, detail), Unknown(why, detail, status)):
        (found,) = diagnose(outcome).findings
        assert found.blocks
        assert found.message.isprintable()


def test_an_error_that_the_catalogue_knows_keeps_its_code() -> None:
    found = from_error(TimeMends("ServiceTrade did not answer within 30 s.", code="ST_UNREACHABLE"))
    assert (found.code, found.message) == ("ST_UNREACHABLE", "ServiceTrade did not answer within 30 s.")
    assert (found.owner, found.retry, found.blocks) == (Owner.SERVICE, Retry.BACKOFF, True)
    assert from_error(NotFound("No job 7.", code="JOB_NOT_FOUND")).owner is Owner.DISPATCHER


@pytest.mark.parametrize(
    "error, expected",
    [
        (TimeMends("Later.", code="SOMETHING_NEW"), "TRY_LATER"),
        (LeaseLost("Taken over."), "TRY_LATER"),
        (TenantMends("Set it."), "TENANT_SETUP"),
        (OperatorMends("Key gone.", code="SECRET_UNREADABLE"), "OPERATOR_SETUP"),
        (BadInput("Odd."), "INTERNAL_ERROR"),
        (JobferryError(""), "INTERNAL_ERROR"),
    ],
)
def test_any_other_error_is_told_by_who_can_mend_it(error: JobferryError, expected: str) -> None:
    found = from_error(error)
    assert (found.code, found.origin) == (expected, error.code if error.code != expected else None)
    assert found.message


def test_an_error_brings_its_own_fix_where_the_catalogue_has_only_a_general_one() -> None:
    found = from_error(OperatorMends("Key gone.", code="SECRET_UNREADABLE", fix="Put the key file back."))
    assert found.fix == ("Put the key file back.",)


def _found(row: AnswerRow) -> Finding:
    return diagnose(Refused((row,))).findings[0]
