"""Services of a job as they may come from ServiceTrade: whatever does not surely belong to the job is an error."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.outbound.servicetrade.services import _service
from core.model.shared.errors import TenantMends
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount
from core.model.work_orders.job_service import JobService

JOB = "2412087334600705"
ACCOUNT = ServiceTradeAccount("ten_1", "https://st.example.com/api", PasswordLogin("ada", Secret("right")))
ROW: dict[str, Any] = {
    "id": 2412087450000897,
    "description": " Check valve replacement ",
    "status": "Closed",
    "serviceLine": {"id": 2, "name": "Sprinkler", "abbr": "SPR"},
    "job": {"id": int(JOB)},
}


def read(**changes: Any) -> JobService:
    return _service(ACCOUNT, {**ROW, **changes}, JOB)


def test_a_service_is_read_with_its_line_and_status() -> None:
    assert read() == JobService(
        id="2412087450000897", description="Check valve replacement", status="closed", service_line="Sprinkler"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"job": JOB}, {}),
        ({"job": int(JOB)}, {}),
        ({"serviceLine": None}, {"service_line": ""}),
        ({"serviceLine": []}, {"service_line": ""}),
        ({"serviceLine": {"abbr": "SPR"}}, {"service_line": "SPR"}),
        ({"serviceLine": "Sprinkler"}, {}),
        ({"status": None}, {"status": ""}),
        ({"description": None}, {"description": ""}),
        ({"id": "2412087450000897"}, {}),
    ],
)
def test_other_spellings_of_its_members_are_read(changes: dict[str, Any], expected: dict[str, str]) -> None:
    found, plain = read(**changes), read()
    assert found == JobService(
        id=plain.id,
        description=expected.get("description", plain.description),
        status=expected.get("status", plain.status),
        service_line=expected.get("service_line", plain.service_line),
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"job": None}, "ST_RECORD_UNREADABLE"),
        ({"job": {}}, "ST_RECORD_UNREADABLE"),
        ({"job": True}, "ST_RECORD_UNREADABLE"),
        ({"job": {"id": 7}}, "ST_BASE_URL_WRONG"),
        ({"id": None}, "ST_RECORD_UNREADABLE"),
        ({"id": "../x"}, "ST_RECORD_UNREADABLE"),
        ({"description": {"en": "x"}}, "ST_RECORD_UNREADABLE"),
        ({"status": ["open", "closed"]}, "ST_RECORD_UNREADABLE"),
    ],
)
def test_what_does_not_surely_belong_to_the_job_is_an_error(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(TenantMends) as raised:
        read(**changes)
    assert raised.value.code == code
