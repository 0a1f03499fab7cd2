"""`posted_lines` in a process of its own: lines come out whole, and whatever else comes out is a finding."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from adapters.sandbox.spectrum.state import PostedLine
from core.model.planning.draft import NumberPatch
from core.model.planning.fold import start_draft, view_of
from core.model.plugins.notification import WorkOrderQuery
from core.model.shared.finding import Finding
from core.model.work_orders.item import ItemKind
from core.model.work_orders.stored_line import StoredLine
from plugins.catalog import load_catalog
from plugins.discovery import Source
from plugins.host import PluginHost
from plugins.testkit import make_connection, make_job
from ports.rules import Rule
from tests.support.plugin_scene import plugins_in
from tests.support.posted_lines_example import write_example
from tests.support.spectrum_scene import Behaviour, http, raw_server

NUMBER = "S1001"
VALVE = {"Item_Code": "!VALVE", "Item_Description": "Valve", "Quantity_Used": "-2.25", "Unit_Cost": "9.5"}
TRIP = {"Other_Cost_Item": "FEE-TRIP", "Description": "Trip", "Cost_Of_Sales_Amount": "300"}
AT = datetime(2026, 3, 1, 14, 30, 5, 250_000, tzinfo=UTC)
READER = """
import asyncio
from datetime import datetime, timezone, timedelta
from decimal import Decimal
from types import MappingProxyType
from plugins.hookspecs import ItemKind, StoredLine

LINE = StoredLine(ItemKind.MATERIAL, "1", {{"Item_Code": "VALVE"}})

@hookimpl
async def posted_lines(query):
    {body}

@hookimpl
def work_order_number(draft):
    return NumberPatch("N1", "always")
"""
HOSTILE = {
    "raises": ("raise RuntimeError('no')", "raised RuntimeError: no"),
    "exits": ("raise SystemExit(0)", "raised SystemExit"),
    "cancels": ("raise asyncio.CancelledError", "raised CancelledError"),
    "dies": ("import os; os._exit(1)", "ended its process"),
    "text": ("return 'none'", "returned str"),
    "line": ("return LINE", "returned StoredLine"),
    "mixed": ("return [LINE, {}]", "returned list"),
    "generator": ("return (one for one in [LINE])", "returned generator"),
    "zone": ("return [StoredLine(ItemKind.MATERIAL, '1', {}, datetime(2026, 3, 1))]", "a datetime with a time zone"),
    "day": ("return [StoredLine(ItemKind.MATERIAL, '1', {}, '2026-03-01')]", "a datetime with a time zone"),
    "figure": ("return [StoredLine(ItemKind.MATERIAL, '1', {'Quantity_Used': Decimal(2)})]", "texts by name"),
    "key": ("return [StoredLine(ItemKind.MATERIAL, 7, {})]", "key: a text"),
    "kind": ("return [StoredLine('labor', '1', {})]", "kind: ItemKind"),
    "skipped": ("return [StoredLine(ItemKind.SKIP, '1', {})]", "kind: ItemKind"),
    "changed": ("object.__setattr__(LINE, 'key', 7.5); return [LINE]", "key is float; it must be a text (str)"),
    "huge": ("return [StoredLine(ItemKind.MATERIAL, '9' * 5_000_000, {})]", "bytes, which is more"),
}

ENDING = ("exits", "dies", "huge")
"""What only a process of its own contains."""


def query(number: str = NUMBER) -> WorkOrderQuery:
    return WorkOrderQuery(connection=view_of(make_connection()), work_order_number=number)


@asynccontextmanager
async def host(folder: Path, body: str, *, trusted: bool = False) -> AsyncIterator[PluginHost]:
    bodies = {"reader": READER.format(body=body)}
    async with plugins_in(folder, bodies, trusted=["reader.py"] if trusted else ()) as catalog:
        assert not catalog.problems
        yield PluginHost(catalog=catalog)


async def asked(host: PluginHost, name: str = "reader", **config: object) -> Any:
    return await host.posted_lines(Rule(name, "1.2", config), query())


@pytest.mark.parametrize("trusted", [False, True])
async def test_lines_come_out_whole(tmp_path: Path, trusted: bool) -> None:
    body = """
    zone = timezone(timedelta(hours=-5))
    fields = MappingProxyType({"Item_Code": "   VALVE", "Quantity_Used": "2.00"})
    return [
        StoredLine(ItemKind.MATERIAL, query.work_order_number, fields, datetime(2026, 3, 1, 9, 30, tzinfo=zone)),
        StoredLine(ItemKind.OTHER_CHARGE, query.connection.company_code, {}),
    ]"""
    async with host(tmp_path, body, trusted=trusted) as running:
        assert await asked(running) == (
            StoredLine(
                ItemKind.MATERIAL,
                NUMBER,
                {"Item_Code": "   VALVE", "Quantity_Used": "2.00"},
                datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=-5))),
            ),
            StoredLine(ItemKind.OTHER_CHARGE, "101", {}),
        )


async def test_no_lines_and_cannot_tell_are_two_answers(tmp_path: Path) -> None:
    async with host(tmp_path, "return [] if query.config['sure'] else None") as running:
        assert await asked(running, sure=True) == ()
        assert await asked(running, sure=False) is None


@pytest.mark.parametrize("trusted", [False, True])
async def test_whatever_else_it_does_is_a_finding_that_names_it(tmp_path: Path, trusted: bool) -> None:
    cases = {name: case for name, case in HOSTILE.items() if not (trusted and name in ENDING)}
    body = "\n    ".join(f"if query.config['case'] == {name!r}: {case}" for name, (case, _) in cases.items())
    async with host(tmp_path, body, trusted=trusted) as running:
        for name, (_, said) in cases.items():
            answer = await asked(running, case=name)
            assert isinstance(answer, Finding), name
            assert (answer.code, answer.origin) == ("PLUGIN_ERROR", "reader"), name
            assert "The plugin reader 1.2 failed in posted_lines" in answer.message
            assert said in answer.message, name
        assert await asked(running, case="nothing of this") is None, "and it can be asked again"


@pytest.mark.long
@pytest.mark.parametrize("body", ["await asyncio.Event().wait()", "import time; time.sleep(600)", "while True: pass"])
async def test_one_that_hangs_is_stopped_and_its_rules_answer_meanwhile(
    tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.child.EVENT_SECONDS", 1.0)
    async with host(tmp_path, body) as running:
        stuck = asyncio.create_task(asked(running))
        draft = start_draft(make_job(), make_connection())
        assert isinstance(await running.ask("work_order_number", Rule("reader", "1.2"), draft), NumberPatch)
        assert not stuck.done()
        answer = await stuck
    assert isinstance(answer, Finding)
    assert answer.code == "PLUGIN_TIMEOUT"


async def test_a_plugin_that_is_not_installed_is_a_finding(tmp_path: Path) -> None:
    answer = await asked(PluginHost(), "gone")
    assert isinstance(answer, Finding)
    assert answer.code == "PLUGIN_MISSING"


async def test_it_must_be_asynchronous(tmp_path: Path) -> None:
    async with plugins_in(tmp_path, {"reader": "@hookimpl\ndef posted_lines(query):\n    return []\n"}) as catalog:
        [problem] = catalog.problems
    assert problem.message == "posted_lines (line 8) may use the network, so it must be async def."


# --- the documentation's example: nothing but a whole answer of the sandbox counts


@asynccontextmanager
async def example(folder: Path) -> AsyncIterator[PluginHost]:
    file = write_example(folder)
    catalog = await load_catalog([Source(str(file), f"file:{file}")])
    assert not catalog.problems
    try:
        yield PluginHost(catalog=catalog)
    finally:
        await catalog.close()


async def read(running: PluginHost, url: str, number: str = NUMBER) -> Any:
    return await running.posted_lines(Rule("sandbox-lines", "1.0", {"control_url": url}), query(number))


def store(
    sandbox: SpectrumSandbox,
    kind: ItemKind,
    fields: Mapping[str, str],
    *,
    number: str = NUMBER,
    key: str = "1",
    at: datetime = AT,
    company: str = "101",
) -> None:
    kept = sandbox.state.companies[company]
    ledger = kept.material if kind is ItemKind.MATERIAL else kept.charges
    ledger.append(PostedLine(system_key=key, at=at, fields={"WO_Number": number, **fields}))


async def test_the_example_reads_every_line_of_its_work_order_and_no_other(tmp_path: Path) -> None:
    later = AT + timedelta(seconds=1)
    async with example(tmp_path) as running, SpectrumSandbox.start() as sandbox:
        assert await read(running, sandbox.control_url) == ()
        store(sandbox, ItemKind.OTHER_CHARGE, TRIP, key="1")
        store(sandbox, ItemKind.MATERIAL, VALVE, key="2", at=later)
        store(sandbox, ItemKind.OTHER_CHARGE, {**TRIP, "GL_Department": " "}, key="3")
        store(sandbox, ItemKind.MATERIAL, VALVE, number="S10010")
        store(sandbox, ItemKind.MATERIAL, VALVE, company="102")
        lines = await read(running, sandbox.control_url, f"     {NUMBER}")
        assert {(line.kind, line.key, line.stored_at) for line in lines} == {
            (ItemKind.MATERIAL, "2", later),
            (ItemKind.OTHER_CHARGE, "1", AT),
            (ItemKind.OTHER_CHARGE, "3", AT),
        }
        assert [{**line.fields} for line in lines] == [
            {"WO_Number": NUMBER, **fields} for fields in (VALVE, TRIP, TRIP)
        ]


def state(*, company: str = "101", **changes: object) -> dict[str, Any]:
    line = {"system_key": "1", "at": "2026-03-01T15:30:05.25+01:00", "fields": {"WO_Number": " S1001 ", **VALVE}}
    return {"companies": {company: {"material": [{**line, **changes}], "charges": []}}}


def answered(document: object, *, status: str = "200 OK") -> bytes:
    return http(json.dumps(document), status, "application/json")


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _drip(writer: asyncio.StreamWriter) -> None:
    for byte in answered(state()):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


NO_ANSWER: Mapping[str, Behaviour] = {
    "hangs up": _hang_up,
    "silence": _silence,
    "drip": _drip,
    "cut off": answered(state())[:-9],
    "503": answered(state(), status="503 Service Unavailable"),
    "404": answered(state(), status="404 Not Found"),
    "a part": answered(state(), status="206 Partial Content"),
    "no http": b"220 mail.example.com ESMTP\r\n",
    "html": http("<html></html>", content_type="text/html"),
    "deep": http("[" * 100_000),
    "a list": answered([]),
    "no company": answered({"companies": {}}),
    "another company": answered(state(company="102")),
    "one ledger": answered({"companies": {"101": {"material": []}}}),
    "no time": answered(state(at="yesterday")),
    "a time without its zone": answered(state(at="2026-03-01T14:30:05")),
    "no fields": answered(state(fields=[])),
}


async def test_a_whole_answer_is_read(tmp_path: Path) -> None:
    async with example(tmp_path) as running, raw_server(answered(state())) as server:
        [line] = await read(running, server.url)
    assert (line.stored_at, line.fields["Item_Code"]) == (AT, "!VALVE")


@pytest.mark.long
async def test_what_is_no_whole_answer_is_never_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.child.EVENT_SECONDS", 1.0)
    async with example(tmp_path) as running:
        for name, behaviour in NO_ANSWER.items():
            async with raw_server(behaviour) as server:
                assert isinstance(await read(running, server.url), Finding), name


async def test_nobody_there_is_never_a_list(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    async with example(tmp_path) as running:
        assert isinstance(await read(running, f"http://127.0.0.1:{port}"), Finding)
        assert isinstance(await read(running, "not an address"), Finding)
