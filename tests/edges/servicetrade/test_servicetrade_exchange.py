"""One exchange with ServiceTrade looked at closely: exactly which requests leave, with which bodies and headers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from aioresponses import aioresponses
from yarl import URL

from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from core.model.shared.secret import Secret
from core.model.tenants.settings import DEFAULT_BASE_URL
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount
from tests.support.aioresponses_shim import ShimmedResponse, aioresponses_passes_it_itself
from tests.support.spectrum_scene import LOOPBACK

ACCOUNT = ServiceTradeAccount(
    "ten_1", DEFAULT_BASE_URL, PasswordLogin("integration@cardinal.example", Secret("example-only"))
)


@pytest.fixture
def servicetrade() -> Iterator[aioresponses]:
    with aioresponses() as responses:
        yield responses


def sent(servicetrade: aioresponses) -> list[tuple[str, str, Any]]:
    """Method, address and body of every request, in order."""
    return [
        (method, str(url).removeprefix(DEFAULT_BASE_URL), call.kwargs["json"])
        for (method, url), calls in servicetrade.requests.items()
        for call in calls
    ]


async def test_an_external_id_is_written_with_the_cookie_of_one_login(servicetrade: aioresponses) -> None:
    servicetrade.post(
        f"{DEFAULT_BASE_URL}/auth",
        payload={"data": {"authenticated": True, "authToken": "0123456789abcdef"}},
        response_class=ShimmedResponse,
    )
    path = "/externalid/job/2412087334600705/spectrum"
    servicetrade.put(DEFAULT_BASE_URL + path, payload={"data": {"value": "T104482"}}, response_class=ShimmedResponse)
    async with AiohttpServiceTrade.open(allowed_networks=LOOPBACK) as service_trade:
        await service_trade.write_external_id(ACCOUNT, "2412087334600705", "spectrum", "T104482")
    assert sent(servicetrade) == [
        ("POST", "/auth", {"username": "integration@cardinal.example", "password": "example-only"}),
        ("PUT", path, {"value": "T104482"}),
    ]
    [call] = servicetrade.requests["PUT", URL(DEFAULT_BASE_URL + path)]
    assert dict(call.kwargs["headers"]) == {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "jobferry",
        "Cookie": "PHPSESSID=0123456789abcdef",
    }
    assert call.kwargs["allow_redirects"] is False


async def test_a_number_is_looked_for_among_all_statuses_and_must_be_the_same(servicetrade: aioresponses) -> None:
    servicetrade.post(f"{DEFAULT_BASE_URL}/auth", payload={"data": {"authToken": "t"}}, response_class=ShimmedResponse)
    servicetrade.get(
        f"{DEFAULT_BASE_URL}/job?number=1044&status=*&page=1&limit=100",
        payload={"data": {"jobs": [{"id": 1, "number": 10448}, {"id": 2, "number": "1044"}], "totalPages": "1"}},
        response_class=ShimmedResponse,
    )
    async with AiohttpServiceTrade.open(allowed_networks=LOOPBACK) as service_trade:
        assert await service_trade.find_job_ids(ACCOUNT, "1044") == ["2"]


def test_the_shim_is_still_needed() -> None:
    """Red once aioresponses keeps up with aiohttp: then delete aioresponses_shim.py and `response_class=` above."""
    demanded = inspect.signature(aiohttp.ClientResponse).parameters["stream_writer"].default is inspect.Parameter.empty
    assert demanded
    assert not aioresponses_passes_it_itself()
