"""Long lists of codes: a search beside an indexed SELECT, and the memory of a refresh."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from random import Random
from statistics import quantiles
from typing import Any

import psycopg
from sqlalchemy import Select, select

from adapters.bootstrap.runtime import Runtime
from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.postgres.tables.listing import listed_codes
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.spectrum.lists.list_reader import ListReader
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.mappings.alias import AliasKind
from core.model.mappings.code_words import words_in
from core.model.mappings.list_read import BATCH, EVERYTHING, LIST_SERVICES, ListQuestion, ListRead, TakeCodes
from core.model.mappings.listed_code import ListedCode
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.services.wiring import Services
from tests.bench.installation import installation
from tests.bench.row import Row, Sides, ratio
from tests.support.dependencies import over

COMPANY = "101"
CUSTOMERS, ITEMS, FEW_ITEMS = 50_000, 100_000, 10_000
SEARCHES = 60
_PLACES = [
    "Harborview",
    "Lakeside",
    "Summit",
    "Oak",
    "Pine",
    "River",
    "Valley",
    "Metro",
    "Grand",
    "Royal",
    "Central",
    "Park",
    "Golden",
    "United",
]
_TRADES = [
    "Hotel",
    "Hospital",
    "School",
    "Bank",
    "Plaza",
    "Tower",
    "Mall",
    "Church",
    "Center",
    "Properties",
    "Foods",
    "Logistics",
    "Inc",
    "LLC",
]
_PARTS = [
    "valve",
    "brass",
    "pipe",
    "copper",
    "elbow",
    "filter",
    "motor",
    "pump",
    "belt",
    "seal",
    "gasket",
    "switch",
    "relay",
    "coil",
    "fuse",
    "wire",
    "sensor",
]
_CUSTOMER, _ITEM = AliasKind.CUSTOMER, AliasKind.ITEM
ASKED: Sequence[tuple[AliasKind | None, str]] = (
    (_CUSTOMER, "har"),
    (_CUSTOMER, "harborview"),
    (_CUSTOMER, "harborview hotel"),
    (_CUSTOMER, "oak plaza inc"),
    (_CUSTOMER, "LAK12"),
    (None, "val"),
    (_ITEM, "valve"),
    (_ITEM, "valve brass"),
    (_ITEM, "PUM-77"),
    (_ITEM, "gasket seal 12in"),
    (None, "zzz"),
    (None, ""),
)


class ListingSpectrum(MemorySpectrum):
    """Answers as Spectrum does, row by row, and has each answer read as it is read from Spectrum. No list is in memory.
    Only items have rows."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._items = rows

    async def read_list(
        self, target: Any, kind: AliasKind, take: TakeCodes, question: ListQuestion = EVERYTHING
    ) -> ListRead:
        reader = ListReader(kind, COMPANY, take)
        for piece in _answer(LIST_SERVICES[kind], self._items if kind is _ITEM else 0):
            await reader.feed({"Content-Type": "text/xml; charset=utf-8"}, piece.encode())
        return await reader.end("")


def _answer(service: str, rows: int) -> Iterator[str]:
    yield f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><{service}Response><returnArray>'
    yield f"<returnData><{service}>"
    for first in range(0, rows, BATCH):
        codes = (a_code(_ITEM, number) for number in range(first, min(first + BATCH, rows)))
        yield "".join(_row(code) for code in codes)
    yield f"</{service}></returnData></returnArray></{service}Response></s:Body></s:Envelope>"


def _row(code: ListedCode) -> str:
    told = f"<Item_Code>{code.code}</Item_Code><Item_Description>{code.name}</Item_Description>"
    return f"<response><Company_Code>{COMPANY}</Company_Code>{told}<Item_Category>PARTS</Item_Category></response>"


class Bare(PostgresTransactions):
    """A query in such a transaction as every one is."""

    async def rows(self, tenant_id: str, query: Select[Any]) -> None:
        async with self._connected("app.tenant", tenant_id) as connection:
            (await connection.execute(query)).mappings().all()


def a_code(kind: AliasKind, number: int) -> ListedCode:
    choose = Random(number)
    if kind is _CUSTOMER:
        place = choose.choice(_PLACES)
        name = f"{place} {choose.choice(_PLACES)} {choose.choice(_TRADES)} {choose.choice(_TRADES)}"
        return ListedCode(kind=kind, code=f"{place[:3].upper()}{number}", name=name, city="Oakland")
    part = choose.choice(_PARTS)
    name = f"{part} {choose.choice(_PARTS)} {choose.choice(_PARTS)} {choose.randint(1, 40)}in"
    return ListedCode(kind=kind, code=f"{part[:3].upper()}-{number}", name=name, unit="EA")


async def connected(runtime: Runtime) -> tuple[str, str]:
    login = PasswordLogin("bench", Secret("bench"))
    tenant = await runtime.use_cases.add_tenant(Tenant(id="", slug="bench", name="Bench"), login, check=False)
    wanted = Connection(
        id="new",
        tenant_id="new",
        slug="main",
        name="Spectrum",
        external_system="spectrum",
        endpoint=Endpoint.parse("https://spectrum.example.com"),
        company_code=COMPANY,
    )
    connection = await runtime.use_cases.add_connection(tenant.id, wanted, ConnectionSecrets(Secret("BENCH")))
    return tenant.id, connection.id


def fill(database_url: str, tenant_id: str, connection_id: str) -> None:
    """As a refresh stores them, but at once."""
    codes = [a_code(_CUSTOMER, number) for number in range(CUSTOMERS)] + [a_code(_ITEM, n) for n in range(ITEMS)]
    with psycopg.connect(database_url, autocommit=True) as database:
        database.execute("SET session_replication_role = replica")
        with database.cursor().copy(
            "COPY listed_codes (tenant_id, connection_id, kind, key, code, name, active, street, city, state,"
            " postal_code, phone, customer_code, site_code, unit, listed_from, words) FROM STDIN"
        ) as rows:
            for code in codes:
                kind, key = code.key
                told = (code.street, code.city, code.state, code.postal_code, code.phone, "", "", code.unit)
                words = f" {' '.join(words_in(code.code, code.name))} "
                whose = (tenant_id, connection_id, kind.value, key, code.code, code.name, True)
                rows.write_row((*whose, *told, "spectrum", words))
        database.execute(
            "INSERT INTO listed_words SELECT c.tenant_id, c.connection_id, c.kind, w.word, c.key, c.words"
            " FROM listed_codes c, regexp_split_to_table(btrim(c.words), ' ') AS w (word)"
        )
        database.execute("VACUUM ANALYZE")


def reading(runtime: Runtime, rows: int) -> Services:
    transactions = runtime.use_cases.look_up_codes._transactions
    return Services(replace(over(transactions), spectrum=ListingSpectrum(rows)))


@asynccontextmanager
async def search_opened(_: int) -> AsyncIterator[dict[str, Sides]]:
    async with AsyncExitStack() as stack:
        runtime, _settings = await stack.enter_async_context(installation())
        tenant_id, connection_id = await connected(runtime)
        await asyncio.to_thread(fill, runtime.database_url, tenant_id, connection_id)
        transactions = runtime.use_cases.look_up_codes._transactions
        engine = make_engine(runtime.database_url)
        stack.push_async_callback(engine.dispose)
        bare = Bare(engine, AesGcmVault(bytes(32)))

        async def floor(kind: AliasKind | None, text: str) -> None:
            """A page of the same table by its primary key."""
            ours = (
                listed_codes.c.tenant_id == tenant_id,
                listed_codes.c.connection_id == connection_id,
                listed_codes.c.kind == (kind or _ITEM).value,
                listed_codes.c.key >= text.lower()[:1],
            )
            await bare.rows(tenant_id, select(listed_codes).where(*ours).order_by(listed_codes.c.key).limit(50))

        async def ours(kind: AliasKind | None, text: str) -> None:
            async with transactions.begin(tenant_id) as t:
                await t.code_lists.search(connection_id, kind, text, limit=50)

        yield {"": Sides(partial(p95, floor), partial(p95, ours))}


async def p95(ask: Any) -> float:
    """The 95th percentile of the times of such questions, in milliseconds."""
    taken = []
    for number in range(SEARCHES):
        kind, text = ASKED[number % len(ASKED)]
        started = time.perf_counter()
        await ask(kind, text)
        taken.append((time.perf_counter() - started) * 1000)
    return quantiles(taken, n=20)[-1]


@asynccontextmanager
async def refresh_opened(_: int) -> AsyncIterator[dict[str, Sides]]:
    async with AsyncExitStack() as stack:
        measures = []
        for rows in (FEW_ITEMS, ITEMS):
            runtime, _settings = await stack.enter_async_context(installation())
            place = await connected(runtime)
            # One more: exactly so many hundreds look like Spectrum's limit of rows, and are asked for again.
            measures.append(partial(peak, reading(runtime, rows + 1), *place))
        yield {"": Sides(*measures)}


async def peak(services: Services, tenant_id: str, connection_id: str) -> float:
    """Megabytes that Python has at most while the lists are read."""
    gc.collect()
    await asyncio.sleep(0)
    tracemalloc.start()
    try:
        await services.refresh_lists(tenant_id, connection_id)
        return tracemalloc.get_traced_memory()[1] / 1_000_000
    finally:
        tracemalloc.stop()


def bytes_for_each_further(floor: float, ours: float) -> float:
    return (ours - floor) * 1_000_000 / (ITEMS - FEW_ITEMS)


SEARCH = Row(
    name="code_lists",
    what=f"a search in {CUSTOMERS:,} customers and {ITEMS:,} items, 95th percentile",
    floor="50 rows of the same table by its primary key, in such a transaction",
    unit="ms",
    open=search_opened,
    compare=ratio,
    goal=3,
    at_most=True,
    rounds=5,
    note="Twelve questions, from one letter to three words. The search has to stay below 50 ms, too.",
)
REFRESH = Row(
    name="code_refresh",
    what=f"peak memory for each further item while a list of {ITEMS:,} is read",
    floor="the same of 10,000 items",
    unit="MB",
    open=refresh_opened,
    compare=bytes_for_each_further,
    goal=40,
    at_most=True,
    shown="{:.0f} bytes",
    rounds=1,
    note="What grows are three times eight bytes and a little for each code that came: for the answer, the reading, and"
    " what the list lacks.",
)
ROWS = (SEARCH, REFRESH)
