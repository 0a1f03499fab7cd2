"""Which addresses of ServiceTrade's pages name a job, and which do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.planning.job_address import job_in_address

ID = "2412087334600705"


@pytest.mark.parametrize(
    "address",
    [
        f"https://app.servicetrade.com/job/{ID}",
        f"https://app.servicetrade.com/job/{ID}/",
        f"https://app.servicetrade.com/job/{ID}?tab=items#comments",
        f"https://app.servicetrade.com/job/{ID}/appointment/77",
        f"https://app.servicetrade.com/jobs/{ID}",
        f"https://app.servicetrade.com/job/view/{ID}",
        f"https://app.servicetrade.com/company/55/job/{ID}",
        f"https://app.servicetrade.com/#/job/{ID}",
        f"https://app.servicetrade.com/app#!/jobs/{ID}?x=1",
        f"https://app.servicetrade.com/job?jobId={ID}",
        f"https://app.servicetrade.com/schedule?job_id={ID}&day=3",
        f"https://app.servicetrade.com/#/board?jobId={ID}",
        f"HTTPS://APP.SERVICETRADE.COM/JOB/{ID}",
        f"app.servicetrade.com/job/{ID}",
        f"  https://sandbox.example.com/job/{ID}  ",
    ],
)
def test_the_job_is_found(address: str) -> None:
    assert job_in_address(address) == ID


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://app.servicetrade.com/",
        "https://app.servicetrade.com/job",
        "https://app.servicetrade.com/job/new",
        f"https://app.servicetrade.com/company/{ID}",
        f"https://app.servicetrade.com/jobitem/{ID}",
        f"https://app.servicetrade.com/job/list/page/{ID}",
        "https://app.servicetrade.com/job/24120873346007051",
        "https://app.servicetrade.com/job/٢٤١٢",
        f"https://app.servicetrade.com/invoice?id={ID}",
        "https://[broken/job/1",
        "chrome://extensions",
    ],
)
def test_no_job_is_made_up(address: str) -> None:
    assert job_in_address(address) is None


@given(st.text(max_size=200))
def test_any_text_gives_an_id_or_nothing(text: str) -> None:
    found = job_in_address(text)
    assert found is None or (found.isascii() and found.isdecimal() and len(found) <= 16)
