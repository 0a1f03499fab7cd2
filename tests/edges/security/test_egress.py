"""No spelling of a forbidden address, and no name service, brings a connection about; and nobody can tell why."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address, ip_network
from random import Random

import pytest

from adapters.net.egress import Egress
from core.model.shared.errors import BadInput
from core.model.tenants.tenant import Tenant
from tests.support.egress_scene import CALLS, Call, Networks, connects, name_service

SPELLINGS = [
    # loopback
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0X7F.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0177.1",
    "127.0.0.1.",
    "localhost",
    "LOCALHOST",
    "LocalHost.",
    "inside.localhost",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fe80::5efe:127.0.0.1]",
    "[2a00:1450::200:5efe:7f00:1]",
    "127。0。0。1",
    "127．0．0．1",
    "１２７.0.0.1",
    "①②⑦.⓪.⓪.①",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "user@127.0.0.1",
    "user:secret@127.0.0.1",
    ":secret@127.0.0.1",
    "example.com@127.0.0.1",
    "127.0.0.1#@example.com",
    "127.0.0.1\\@example.com",
    "[::1%25lo]",
    "[::1%lo]",
    # nowhere in particular
    "0",
    "0.0.0.0",
    "0x0",
    "[::]",
    "[::ffff:0.0.0.0]",
    # private, carrier-grade NAT, link-local
    "10.0.0.1",
    "10.1",
    "167772161",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.257",
    "0xc0a80001",
    "3232235521",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.1.1",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::a00:1]",
    "[64:ff9b:1::a00:1]",
    "[2002:a00:1::1]",
    # where clouds keep credentials
    "169.254.169.254",
    "169.254.170.2",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "[fd00:ec2::254]",
    "168.63.129.16",
    "100.100.100.200",
    # multicast, reserved, documentation
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[ff02::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    # names
    "intranet.example.com",
    "metadata.google.internal",
    "six.example.com",
]
NAMES = {
    "intranet.example.com": ["10.0.0.5"],
    "metadata.google.internal": ["169.254.169.254"],
    "six.example.com": ["fd00::5", "::1"],
    "inside.localhost": ["127.0.0.1"],
}
ELSEWHERE = (ip_network("172.20.0.0/16"),)
INTERNET = "9.9.9.9"

MODES = [
    pytest.param("https", (), False, id="self-hosted"),
    pytest.param("https", (), True, id="hosted"),
    pytest.param("https", ELSEWHERE, True, id="hosted, another network listed"),
    pytest.param("http", ELSEWHERE, False, id="plain http, another network listed"),
]
each_mode = pytest.mark.parametrize(("scheme", "networks", "hosted"), MODES)
each_way_out = pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))


@each_mode
@each_way_out
async def test_no_spelling_of_a_forbidden_address_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, call: Call, scheme: str, networks: Networks, hosted: bool
) -> None:
    name_service(monkeypatch, NAMES)
    with connects() as seen:
        for spelling in SPELLINGS:
            assert await call(f"{scheme}://{spelling}:8482", networks, hosted), spelling
            assert seen == [], spelling


@each_way_out
async def test_the_watch_sees_what_is_connected_to(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    name_service(monkeypatch, {"spectrum.example.com": [INTERNET]})
    with connects() as seen:
        await call("https://spectrum.example.com:8482", (), True)
    assert seen == [(INTERNET, 8482)]


@pytest.mark.parametrize("hosted", [False, True])
@each_way_out
async def test_a_name_that_changes_its_address_gets_nowhere(
    monkeypatch: pytest.MonkeyPatch, call: Call, hosted: bool
) -> None:
    draw = Random(1)
    forbidden = ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "fd00::5", "::ffff:10.0.0.5"]

    def find(_: str) -> list[str]:
        """Mostly a forbidden address, now and then a good one, alone or in company: never the same twice."""
        found = draw.sample(forbidden, draw.randint(0, 3)) + draw.choice([[], [INTERNET]])
        draw.shuffle(found)
        return found or [INTERNET]

    asked = name_service(monkeypatch, find)
    with connects() as seen:
        for _ in range(100):
            await call("https://rebinding.example.com:8482", (), hosted)
    assert {address for address, _ in seen} == {INTERNET}
    assert asked == ["rebinding.example.com"] * 100


@each_mode
@each_way_out
async def test_blocked_and_closed_look_the_same(
    monkeypatch: pytest.MonkeyPatch, call: Call, scheme: str, networks: Networks, hosted: bool
) -> None:
    url = f"{scheme}://inside.example.com:8482"
    closed_address = str(networks[0][1]) if networks else INTERNET

    async def seen_with(*addresses: str) -> tuple[object, ...]:
        with monkeypatch.context() as patch, connects():
            name_service(patch, {"inside.example.com": addresses})
            return await call(url, networks, hosted)

    closed = await seen_with(closed_address)
    for blocked in ("10.0.0.5", "127.0.0.1", "169.254.169.254", "fd00::5", "203.0.113.5"):
        assert await seen_with(blocked) == closed
    with monkeypatch.context() as patch:
        patch.setattr(asyncio.get_running_loop(), "sock_connect", _never)
        assert await seen_with(closed_address) == closed  # a firewall that drops
    assert (await seen_with() == closed) is hosted  # strangers do not learn our names either
    assert "10.0.0.5" not in repr(closed)


async def _never(*_: object) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("hosted", [False, True])
@each_way_out
async def test_a_listed_network_is_reached_in_both_modes(call: Call, hosted: bool) -> None:
    with connects() as seen:
        await call("http://127.0.0.1:81", [ip_network("127.0.0.0/8")], hosted)
    assert seen == [("127.0.0.1", 81)]


@pytest.mark.parametrize("url", ["http://9.9.9.9:443", "https://9.9.9.9:444", "https://9.9.9.9:22"])
@each_way_out
async def test_hosted_calls_https_on_two_ports_only(call: Call, url: str) -> None:
    with connects() as seen:
        said = await call(url, (), True)
        assert "only https addresses on the ports 443 and 8482" in repr(said)
        await call(url, ELSEWHERE, True)
    assert seen == []


@pytest.mark.parametrize(
    ("scheme", "address", "port", "listed", "self_hosted", "hosted"),
    [
        ("https", "9.9.9.9", 443, "", True, True),
        ("https", "9.9.9.9", 8482, "", True, True),
        ("https", "9.9.9.9", 9000, "", True, False),
        ("http", "9.9.9.9", 443, "", False, False),
        ("https", "2620:fe::fe", 443, "", True, True),
        ("https", "64:ff9b::909:909", 443, "", True, True),
        ("https", "10.0.0.1", 443, "10.0.0.0/8", True, True),
        ("http", "10.0.0.1", 80, "10.0.0.0/8", True, True),
        ("http", "::ffff:10.0.0.1", 80, "10.0.0.0/8", True, True),
        ("https", "64:ff9b::a00:1", 443, "10.0.0.0/8", False, False),
        ("https", "10.0.0.1", 443, "10.1.0.0/16", False, False),
        ("https", "169.254.169.254", 443, "169.254.0.0/16", False, False),
        ("https", "169.254.169.254", 443, "169.254.169.254/32", True, True),
        ("https", "::ffff:169.254.169.254", 443, "0.0.0.0/0", False, False),
        ("https", "fd00:ec2::254", 443, "fd00::/8", False, False),
        ("https", "fd00:ec2::254", 443, "fd00:ec2::254/128", True, True),
        ("https", "168.63.129.16", 443, "168.63.0.0/16", False, False),
        ("http", "0.0.0.0", 80, "0.0.0.0/0", False, False),
        ("http", "::", 80, "::/0", False, False),
        ("http", "224.0.0.1", 80, "0.0.0.0/0", False, False),
    ],
)
def test_the_policy(scheme: str, address: str, port: int, listed: str, self_hosted: bool, hosted: bool) -> None:
    networks = [ip_network(listed)] if listed else []
    asked = [Egress(networks, mode).allows(scheme, ip_address(address), port) for mode in (False, True)]
    assert asked == [self_hosted, hosted]


def test_no_forbidden_literal_is_public() -> None:
    """The tables against Python's own: what it calls not global must not be public here either."""
    for text in SPELLINGS:
        try:
            address = ip_address(text.strip("[]").replace("%25", "%"))
        except ValueError:
            continue
        assert not Egress().allows("https", address, 443), text
    draw = Random(2)
    for _ in range(20_000):
        address = ip_address(draw.getrandbits(32))
        assert address.is_global or not Egress().allows("https", address, 443), address


@each_way_out
async def test_neither_proxy_nor_netrc_of_the_environment_counts(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:3128")
    name_service(monkeypatch, {"spectrum.example.com": [INTERNET]})
    with connects() as seen:
        await call("https://spectrum.example.com:8482", (), False)
    assert seen == [(INTERNET, 8482)]


@each_way_out
async def test_nothing_arrives_at_a_port_that_listens(call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:7f00:1]", "0"):
            for scheme in ("http", "https"):
                await call(f"{scheme}://{host}:{port}", ELSEWHERE, False)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(
    "base_url",
    [
        "https://127.0.0.1\\@example.com/api",
        "https://user:pw@example.com/api",
        "https://:pw@example.com/api",
        "https://example.com/api?x=1",
        "https://example.com/#/api",
        "https://exa mple.com",
        "https://example.com:0/api",
        "ftp://example.com",
        "https:///api",
        "https://example.com\x00/api",
    ],
)
def test_a_tenants_address_has_one_reading(base_url: str) -> None:
    with pytest.raises(BadInput) as refused:
        Tenant(id="ten_1", slug="a", name="A", base_url=base_url)
    assert [error.pointer for error in refused.value.errors] == ["/servicetrade/base_url"]
    Tenant(id="ten_1", slug="a", name="A", base_url="http://[::1]:8081/api")
