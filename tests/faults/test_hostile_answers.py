"""Answers meant to harm: each ends as an error of the catalogue, in flat memory, and the neighbours do not notice."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest

from core.model.catalogue import CATALOGUE
from tests.faults.support.hostile_servers import HostileServer, json_attacks, xml_attacks
from tests.faults.support.hostile_victim import DEADLINE
from tests.support.spectrum_scene import http, listening, raw_server, soap

MOST_GROWTH = 30 << 20
"""For all attacks together, one after the other in one process: what one leaves behind would add up."""
NEIGHBOUR_SECONDS = 0.5
"""Of the processor: a neighbour's sign-in, reading and write take some 10 ms of it, with an answer of an attack between
them up to 130 ms."""
SLOWED = {"endless interim answers": 2.0}
"""Complete small answers, each dearer to read than to send; until the deadline they share the processor."""
LATE_SECONDS = 10.0
"""By how much an attack may outlive its deadline, on a machine busy with other tests."""

IN_DOUBT = ("OUTCOME_UNKNOWN", "ENDPOINT_NOT_SPECTRUM")
NOT_SERVICETRADE = ("ST_BASE_URL_WRONG", "ST_UNREACHABLE")
NO_TOKEN = dict.fromkeys(("huge fraction", "huge exponent", "not a number"), "ST_LOGIN_REFUSED")
"""A number of any size is read like a small one, and one that is no number like nothing: an answer without a token."""


@pytest.mark.long
async def test_hostile_answers_harm_nobody() -> None:
    async with raw_server(http(status="404 Not Found")) as lure:
        attacks = [
            *(("spectrum", *attack) for attack in xml_attacks(lure.url)),
            *(("servicetrade", *attack) for attack in json_attacks()),
        ]
        async with AsyncExitStack() as stack:
            urls = []
            for system, name, attack in attacks:
                port = await stack.enter_async_context(listening(HostileServer(attack).serve))
                urls.append((system, name, f"http://127.0.0.1:{port}"))
            told = await _victim(stack, urls)
    assert [(one["system"], one["name"]) for one in told] == [(system, name) for system, name, _ in attacks]
    assert lure.connections == 0
    expected = {"spectrum": IN_DOUBT, "servicetrade": NOT_SERVICETRADE}
    wrong = [one for one in told if one["code"] not in (*expected[one["system"]], NO_TOKEN.get(one["name"]))]
    assert wrong == []
    assert {one["code"] for one in told} <= CATALOGUE.keys()
    assert [one for one in told if one["seconds"] > DEADLINE + LATE_SECONDS] == []
    assert [one for one in told if one["neighbour"] > SLOWED.get(one["name"], NEIGHBOUR_SECONDS)] == []
    grown = sum(one["grown"] for one in told)
    assert grown < MOST_GROWTH, sorted(told, key=lambda one: -int(one["grown"]))[:5]


async def _victim(stack: AsyncExitStack, urls: Sequence[tuple[str, str, str]]) -> Sequence[Mapping[str, Any]]:
    session = http('{"data": {"authToken": "t", "users": []}}', content_type="application/json")
    good_servicetrade = await stack.enter_async_context(raw_server(session))
    good_spectrum = await stack.enter_async_context(raw_server(http(soap())))
    task = {"attacks": urls, "good_servicetrade": good_servicetrade.url, "good_spectrum": good_spectrum.url}
    victim = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.support.hostile_victim",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(240):
            out, err = await victim.communicate(json.dumps(task).encode())
    finally:
        if victim.returncode is None:
            victim.kill()
            await victim.wait()
    if victim.returncode:
        pytest.fail(err.decode()[-3000:])
    return [json.loads(line) for line in out.splitlines()]
