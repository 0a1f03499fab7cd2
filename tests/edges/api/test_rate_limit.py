"""So many requests a minute: a tenant's own affair, told in every answer, and wrong keys counted by address."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from adapters.inbound.server.peers import group_of, is_loopback, peer_of
from adapters.inbound.server.rate_limit import SLOWED_SECONDS, TokenBuckets
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.services.access.api_keys import KeyRequest
from tests.support.http_scene import TENANT, UNLIMITED, Scene, api, is_problem

FEW = replace(UNLIMITED, requests_per_minute=6)
PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"))


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def seconds(self) -> float:
        return self.at


def test_a_bucket_empties_and_fills_again() -> None:
    clock = Hands()
    buckets = TokenBuckets(6, clock.seconds)
    assert [buckets.take("a").remaining for _ in range(6)] == [5, 4, 3, 2, 1, 0]
    refused = buckets.take("a")
    assert (refused.remaining, refused.reset_seconds, refused.retry_after) == (0, 60, 10)
    assert buckets.take("b").retry_after is None
    clock.at += 9.9
    assert buckets.take("a").retry_after == 1
    clock.at += 0.2
    assert buckets.take("a").retry_after is None
    clock.at += 3600
    assert buckets.take("a").remaining == 5


@given(st.lists(st.floats(0, 30), max_size=200), st.integers(1, 50))
def test_no_rhythm_gets_more_than_a_full_bucket_and_the_rate(pauses: list[float], quota: int) -> None:
    clock = Hands()
    buckets, allowed = TokenBuckets(quota, clock.seconds), 0
    for pause in pauses:
        clock.at += pause
        standing = buckets.take("a")
        allowed += standing.retry_after is None
        assert 0 <= standing.remaining < quota
        assert 0 < standing.reset_seconds <= 60
    assert allowed <= quota + sum(pauses) * quota / 60 + 1e-6


def test_who_waits_as_long_as_told_is_let_in() -> None:
    clock = Hands()
    buckets = TokenBuckets(7, clock.seconds)
    for _ in range(100):
        if (wait := buckets.take("a").retry_after) is not None:
            clock.at += wait
            assert buckets.take("a").retry_after is None


def test_the_memory_is_bounded_and_forgets_who_was_not_seen_for_longest() -> None:
    buckets = TokenBuckets(1, Hands().seconds, most=100)
    for number in range(100):
        buckets.take(str(number))
    buckets.take("0")
    for number in range(100, 1050):
        buckets.take(str(number))
        assert buckets.take("0").retry_after is not None
    assert len(buckets) == 100
    assert buckets.look("0").retry_after is not None
    assert buckets.look("1").retry_after is None
    buckets.look("never seen")
    assert len(buckets) == 100


async def test_every_answer_tells_the_policy_and_what_is_left() -> None:
    async with api(limits=FEW) as scene:
        for status, left in ((201, 5), (409, 4)):
            answer = await scene.call("POST", "/v1/tenants", TENANT)
            assert answer.status == status
            assert answer.headers["RateLimit-Policy"] == '"operator";q=6;w=60'
            assert answer.headers["RateLimit"] == f'"operator";r={left};t={60 - 10 * left}'
        answer = await scene.call("GET", "/v1/tenants/cardinal", key=await tenant_key(scene))
        assert answer.headers["RateLimit"] == '"tenant";r=5;t=10'
        for path in ("/livez", "/metrics"):
            assert "RateLimit" not in (await scene.call("GET", path)).headers


async def tenant_key(scene: Scene, name: str = "one") -> str:
    tenant = await scene.use_cases.find_tenant("cardinal")
    request = KeyRequest(name=name, tenant_id=tenant.id, scopes=frozenset(Scope))
    return (await scene.use_cases.api_keys.create(request, Caller())).text


async def use_up(scene: Scene, path: str, key: str) -> None:
    for _ in range(6):
        assert (await scene.call("GET", path, key=key)).status in (200, 404)


async def test_what_is_too_much_is_refused_until_the_time_told() -> None:
    async with api(limits=FEW) as scene:
        await scene.furnish()
        scene.clock.advance(60)
        key = await tenant_key(scene)
        await use_up(scene, "/v1/tenants/cardinal", key)
        answer = await scene.call("GET", "/v1/tenants/cardinal", key=key)
        assert is_problem(answer, 429, "RATE_LIMITED")
        assert answer.body["retryable"]
        assert (answer.headers["Retry-After"], answer.headers["RateLimit"]) == ("10", '"tenant";r=0;t=60')
        scene.clock.advance(10)
        assert (await scene.call("GET", "/v1/tenants/cardinal", key=key)).status == 200


async def test_one_tenant_uses_up_nobody_elses() -> None:
    async with api(limits=FEW) as scene:
        await scene.furnish()
        scene.clock.advance(60)
        await use_up(scene, "/v1/tenants/cardinal/sends", await tenant_key(scene))
        other_key = await tenant_key(scene, "two")
        answer = await scene.call("GET", "/v1/tenants/cardinal/doubts", key=other_key)
        assert answer.status == 429, "one bucket for all addresses and keys"
        assert (await scene.call("GET", "/v1/tenants")).status == 200


async def test_who_has_no_key_uses_up_nothing() -> None:
    async with api(limits=FEW) as scene:
        await scene.furnish()
        scene.clock.advance(60)
        for _ in range(30):
            assert (await scene.call("GET", "/v1/tenants/cardinal", key=None)).status == 401
        answer = await scene.call("GET", "/v1/tenants/cardinal", key=await tenant_key(scene))
        assert answer.headers["RateLimit"] == '"tenant";r=5;t=10'


async def test_zero_is_no_limit() -> None:
    async with api(limits=UNLIMITED) as scene:
        for _ in range(50):
            answer = await scene.call("GET", "/v1/tenants")
            assert answer.status == 200
        assert "RateLimit" not in answer.headers


async def test_over_twenty_wrong_keys_a_minute_each_more_is_slowed_down() -> None:
    async with api(limits=replace(UNLIMITED, trusted_proxies=(ip_network("127.0.0.1/32"),))) as scene:
        stranger, other = {"X-Forwarded-For": "198.51.100.7"}, {"X-Forwarded-For": "198.51.100.8"}
        for _ in range(20):
            assert (await scene.call("GET", "/v1/tenants", key="jf_wrong", headers=stranger)).status == 401
        assert scene.clock.paused == []
        for path in ("/v1/tenants", "/v1/none", "/metrics"):
            headers = stranger if path != "/metrics" else {**stranger, "Via": "1.1 proxy"}
            assert (await scene.call("GET", path, key="jf_wrong", headers=headers)).status == 401
        assert scene.clock.paused == [SLOWED_SECONDS] * 3
        assert (await scene.call("GET", "/livez", key=None, headers=stranger)).status == 200
        assert (await scene.call("GET", "/v1/tenants", headers=other)).status == 200
        assert len(scene.clock.paused) == 3, "neither who needs no key nor another address waits"
        scene.clock.advance(60)
        assert (await scene.call("GET", "/v1/tenants", key="jf_wrong", headers=stranger)).status == 401
        assert len(scene.clock.paused) == 3


async def test_wrong_keys_keep_no_right_key_out_that_is_new_at_their_address() -> None:
    """As after a restart: a key that nobody here has seen waits once, however many wrong ones came and wait."""
    async with api() as scene:
        for _ in range(50):
            await scene.call("GET", "/v1/tenants", key="jf_wrong")
        scene.clock.paused.clear()
        assert [(await scene.call("GET", "/v1/none")).status for _ in range(3)] == [404] * 3
        assert scene.clock.paused == [SLOWED_SECONDS]


async def test_wrong_keys_do_not_slow_down_a_key_that_was_right_at_this_address() -> None:
    """One program with an old key asks again and again; another one beside it works on, until its key is revoked."""
    async with api() as scene:
        await scene.furnish()
        tenant = await scene.use_cases.find_tenant("cardinal")
        request = KeyRequest(name="beside", tenant_id=tenant.id, scopes=frozenset(Scope))
        made = await scene.use_cases.api_keys.create(request, Caller())
        assert (await scene.call("GET", "/v1/tenants/cardinal", key=made.text)).status == 200
        for _ in range(30):
            assert (await scene.call("GET", "/v1/tenants", key="jf_wrong")).status == 401
        scene.clock.paused.clear()
        assert (await scene.call("GET", "/v1/tenants/cardinal", key=made.text)).status == 200
        assert scene.clock.paused == []
        await scene.use_cases.api_keys.revoke(tenant.id, made.key.id, Caller())
        again = [(await scene.call("GET", "/v1/tenants/cardinal", key=made.text)).status for _ in range(2)]
        assert (again, scene.clock.paused) == ([401, 401], [SLOWED_SECONDS])


async def test_right_keys_are_not_counted() -> None:
    async with api() as scene:
        for _ in range(40):
            assert (await scene.call("GET", "/v1/tenants")).status == 200


async def test_an_address_that_anybody_can_make_up_is_not_believed() -> None:
    async with api() as scene:
        for number in range(21):
            made_up = {"X-Forwarded-For": f"198.51.100.{number}"}
            assert (await scene.call("GET", "/v1/tenants", key="jf_wrong", headers=made_up)).status == 401
        assert scene.clock.paused == [SLOWED_SECONDS]


@pytest.mark.parametrize(
    "remote, forwarded, peer",
    [
        ("203.0.113.5", "198.51.100.7", "203.0.113.5"),
        ("10.1.1.1", "198.51.100.7", "198.51.100.7"),
        ("10.1.1.1", "198.51.100.7, 203.0.113.5", "203.0.113.5"),
        ("10.1.1.1", "198.51.100.7, 10.2.2.2", "198.51.100.7"),
        ("10.1.1.1", "", "10.1.1.1"),
        ("10.1.1.1", "198.51.100.7, nonsense", "10.1.1.1"),
        ("10.1.1.1", "198.51.100.7, unknown, 10.2.2.2", "10.2.2.2"),
        ("10.1.1.1", "198.51.100.7, , 10.2.2.2", "10.2.2.2"),
        ("10.1.1.1", "198.51.100.7, nonsense, 203.0.113.5", "203.0.113.5"),
        ("10.1.1.1", "nonsense, 10.2.2.2", "10.2.2.2"),
        ("10.1.1.1", "unknown", "10.1.1.1"),
        ("10.1.1.1", "198.51.100.7:50312", "198.51.100.7"),
        ("10.1.1.1", "198.51.100.7:50312, 10.2.2.2:443", "198.51.100.7"),
        ("10.1.1.1", "[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::/64"),
        ("10.1.1.1", "[2001:db8:1:2:3:4:5:6]:50312", "2001:db8:1:2::/64"),
        ("10.1.1.1", '"[2001:db8:1:2:3:4:5:6]:50312"', "2001:db8:1:2::/64"),
        ("10.1.1.1", "[::ffff:198.51.100.7]:50312", "198.51.100.7"),
        ("10.1.1.1", "[fe80::1%eth0]:50312", "fe80::/64"),
        ("10.1.1.1", "203.0.113.5, 198.51.100.7:port", "10.1.1.1"),
        ("10.1.1.1", "203.0.113.5, [198.51.100.7", "10.1.1.1"),
        ("::ffff:10.1.1.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "198.51.100.7", "fe80::/64"),
    ],
)
def test_who_asked_behind_proxies(remote: str, forwarded: str, peer: str) -> None:
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": forwarded}).clone(remote=remote)
    assert peer_of(PROXIES, request) == peer


@pytest.mark.parametrize("seen", ["unknown", "", "_hidden", "198.51.100.7:port", "unix:"])
def test_a_client_whose_address_the_proxy_cannot_name_chooses_no_peer_of_its_own(seen: str) -> None:
    """The proxy adds what it sees to what the client wrote."""
    asked = [
        make_mocked_request("GET", "/", headers={"X-Forwarded-For": f"{made_up}, {seen}"}).clone(remote="10.1.1.1")
        for made_up in ("198.51.100.1", "198.51.100.2", "10.2.2.2", "unknown")
    ]
    assert {peer_of(PROXIES, request) for request in asked} == {"10.1.1.1"}


@pytest.mark.parametrize("clients", [("198.51.100.7:1", "198.51.100.8:1"), ("[2001:db8:1::1]:1", "[2001:db8:2::1]:1")])
def test_clients_behind_a_proxy_that_writes_ports_are_told_apart(clients: tuple[str, str]) -> None:
    asked = [
        make_mocked_request("GET", "/", headers={"X-Forwarded-For": one}).clone(remote="10.1.1.1") for one in clients
    ]
    assert len({peer_of(PROXIES, request) for request in asked}) == 2


def test_addresses_are_grouped_as_they_are_handed_out() -> None:
    assert group_of("2001:db8:1:2:3:4:5:6") == group_of("2001:db8:1:2:ffff::1") != group_of("2001:db8:1:3::1")
    assert group_of("::ffff:203.0.113.5") == group_of("203.0.113.5")


@pytest.mark.parametrize(
    "remote, headers, here",
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        ("192.0.2.1", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, False),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, False),
    ],
)
def test_who_asks_from_this_machine(remote: str, headers: dict[str, str], here: bool) -> None:
    assert is_loopback(make_mocked_request("GET", "/", headers=headers).clone(remote=remote)) is here
