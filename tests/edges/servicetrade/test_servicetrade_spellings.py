"""What gateways add to ServiceTrade's answers: compression that nobody asked for, and large header fields."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from core.model.shared.errors import JobferryError
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount
from tests.support.spectrum_scene import LOOPBACK, http, raw_server

JSON = "application/json"
SIGNED_IN = http(json.dumps({"data": {"authToken": "t"}}), content_type=JSON)
FOUND = json.dumps({"data": {"jobs": [{"id": 2, "number": "1044"}], "totalPages": 1}}).encode()


async def found(*answers: bytes) -> str | None:
    async with raw_server(*answers, paths={"/auth": [SIGNED_IN]}) as server:
        account = ServiceTradeAccount("ten_1", server.url, PasswordLogin("a@example.com", Secret("example-only")))
        async with AiohttpServiceTrade.open(allowed_networks=LOOPBACK) as service_trade:
            return next(iter(await service_trade.find_job_ids(account, "1044")), None)


@pytest.mark.parametrize(
    "answer",
    [
        http(FOUND, content_type=JSON),
        http(gzip.compress(FOUND), content_type=JSON, Content_Encoding="gzip"),
        http(gzip.compress(FOUND), content_type=JSON),
        http(zlib.compress(FOUND), content_type=JSON, Content_Encoding="deflate"),
        http(FOUND, content_type=JSON, Content_Encoding="gzip"),
        http(FOUND, content_type=JSON, Content_Security_Policy="p" * 65_536, Set_Cookie="c" * 65_536),
    ],
    ids=["plain", "gzip", "gzip that nothing tells", "deflate", "gzip that is none", "64 kB fields"],
)
async def test_an_answer_is_read_like_its_plain_twin(answer: bytes) -> None:
    assert await found(answer) == "2"


@pytest.mark.parametrize("missing", [1, 4, 8, 20])
async def test_a_compressed_answer_that_was_cut_is_none(missing: int) -> None:
    with pytest.raises(JobferryError) as failed:
        await found(http(gzip.compress(FOUND)[:-missing], content_type=JSON, Content_Encoding="gzip"))
    assert failed.value.code == "ST_UNREACHABLE"


async def test_a_small_answer_that_unpacks_to_a_large_one_is_not_read() -> None:
    with pytest.raises(JobferryError) as failed:
        await found(http(gzip.compress(FOUND + b" " * 50_000_000), content_type=JSON, Content_Encoding="gzip"))
    assert failed.value.code == "ST_BASE_URL_WRONG"
