"""A distinct secret is planted wherever one exists, then everything is done that can be done, failures and crashes too;
afterwards no log, answer, page, table, comment or command line holds any of them, in whatever spelling."""

from __future__ import annotations

import asyncio
import base64
import html
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
from sqlalchemy import make_url

from adapters.outbound.vault.master_key import new_key
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.state import ServiceTradeState
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from adapters.sandbox.spectrum.state import Authorization
from tests.faults.support.canary_search import Search, canary, hits
from tests.faults.support.fixtures import add_completed_job
from tests.faults.support.hook import event_about
from tests.faults.support.ports import free_port
from tests.support.sealed_rows import stored_bytes

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
PASSWORD, AUTHORIZATION = "ServiceTrade password", "Authorization ID"
SYSTEMS = ["spectrum", "system_2"]
SETTLED_SECONDS = 30.0


EVERYBODY_TALKS = """
import logging

def talkative(logger, level):
    logger.level = logging.DEBUG
    logger.manager._clear_cache()

logging.Logger.setLevel = talkative
"""
"""Run before anything else by our processes: no library keeps quiet, though our own settings say so."""


class Tokens(list[str]):
    """Sessions and bearer tokens: in this process only the sandboxes make any."""

    def noting(self, make: Callable[[int], str]) -> Callable[[int], str]:
        def made(size: int) -> str:
            self.append(token := make(size))
            return token

        return made


@dataclass
class Stage:
    """The installation with its secrets and everything that came out of it: `sinks` by name."""

    servicetrade: ServiceTradeSandbox
    spectrum: SpectrumSandbox
    enhanced: SpectrumSandbox
    http: aiohttp.ClientSession
    database_url: str
    plain_url: str
    folder: Path
    search: Search
    port: int
    keys: tuple[bytes, ...]
    tokens: Tokens
    operator_key: str = ""
    sinks: dict[str, bytes] = field(default_factory=dict)
    command_lines: set[bytes] = field(default_factory=set)
    answers: int = 0

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("JOBFERRY_")}
        planted = self.search.planted
        return kept | {
            "PYTHONPATH": f"{self.folder / 'talkative'}{os.pathsep}{ROOT}",
            "PYTHONASYNCIODEBUG": "1",
            "JOBFERRY_LOG_LEVEL": "debug",
            "JOBFERRY_DATABASE_URL": self.database_url,
            "JOBFERRY_ALLOWED_NETWORKS": '["127.0.0.0/8"]',
            "JOBFERRY_ENCRYPTION_KEY": ",".join(base64.b64encode(key).decode() for key in self.keys),
            "JOBFERRY_DATA_DIR": str(self.folder / "data"),
            "JOBFERRY_RETRY_DELAYS": "[0.3]",
            "JOBFERRY_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "JOBFERRY_PORT": str(self.port),
            "PASSWORD": planted[PASSWORD],
            "CLIENT_SECRET": planted["ServiceTrade client secret"],
            "WRONG": planted["wrong password"],
            "AUTHORIZATION": planted[AUTHORIZATION],
            "ENHANCED_SECRET": planted["enhanced client secret"],
        }

    async def command(self, *arguments: str, code: int = 0, **environment: str) -> bytes:
        """Run `jobferry`; what it says becomes a sink, except what `init` says, which is there to be read."""
        process = await self._start(*arguments, **environment)
        out, err = await process.communicate()
        name = f"jobferry {' '.join(arguments)} #{len(self.sinks)}"
        self.sinks[f"{name}: stderr"] = err
        if arguments[0] != "init":
            self.sinks[f"{name}: stdout"] = out
        assert process.returncode == code, (arguments, out, err)
        return out

    async def _start(self, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "adapters.bootstrap",
            *arguments,
            cwd=self.folder,
            env=self.environment | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._look_at_command_lines()
        return process

    def _look_at_command_lines(self) -> None:
        """Everybody on the machine can read these: ours, those of our children, and the database's."""
        for one in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                self.command_lines.add(one.read_bytes())
            except OSError:
                continue  # it has just ended

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        with (self.folder / "out").open("ab") as out, (self.folder / "err").open("ab") as err:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "adapters.bootstrap",
                "serve",
                cwd=self.folder,
                env=self.environment,
                stdout=out,
                stderr=err,
            )
        try:
            async with asyncio.timeout(60):
                while not await self._answers():
                    assert process.returncode is None, (self.folder / "err").read_text()
                    await asyncio.sleep(0.05)
            self._look_at_command_lines()
            yield
            self._look_at_command_lines()
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()
            self.sinks["serve: stdout"] = (self.folder / "out").read_bytes()
            self.sinks["serve: stderr"] = (self.folder / "err").read_bytes()

    async def _answers(self) -> bool:
        try:
            async with self.http.get(f"http://127.0.0.1:{self.port}/livez") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def call(self, method: str, path: str, body: object = None, *, key: str | None = None) -> tuple[int, Any]:
        """Head and body of the answer become a sink."""
        headers = {"Authorization": f"Bearer {self.operator_key if key is None else key}"}
        address = f"http://127.0.0.1:{self.port}{path}"
        async with self.http.request(method, address, json=body, headers=headers) as answer:
            raw = await answer.read()
            self.answers += 1
            self.sinks[f"{method} {path.partition('/hooks/')[0]} #{self.answers}"] = raw + repr(answer.headers).encode()
            told = await answer.json(content_type=None) if "json" in answer.content_type else None
            return answer.status, told

    async def send(self, job_id: str, connection: str, tenant: str = "cardinal") -> Any:
        """Ask for a send and wait until it rests; the last answer, with the code as state if it was not taken on."""
        sends = f"/v1/tenants/{tenant}/sends"
        status, told = await self.call("POST", sends, {"job_id": job_id, "connection": connection, "items": "new_only"})
        if status != 202:
            return {"state": told["code"]}
        async with asyncio.timeout(SETTLED_SECONDS):
            while told["state"] in ("queued", "sending"):
                await asyncio.sleep(0.1)
                _, told = await self.call("GET", f"{sends}/{told['id']}")
        return told

    def add_job(self, number: int) -> str:
        state = self.servicetrade.state
        customer = state.add_company(**dict.fromkeys(SYSTEMS, "HARVIEW"))
        site = state.add_location(**dict.fromkeys(SYSTEMS, "HV0002"))
        return add_completed_job(state, number, customer=customer, site=site)


def planted_secrets() -> dict[str, str]:
    short = f"{secrets.token_hex(5)}<&'{secrets.token_hex(3)}"  # an Authorization ID has 20 characters at most
    names = (
        PASSWORD,
        "ServiceTrade client secret",
        "wrong password",
        "enhanced client secret",
        "database password",
        "wrong client secret",
    )
    return {name: canary() for name in names} | {AUTHORIZATION: short, "wrong Authorization ID": short[::-1]}


@pytest.fixture
async def stage(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    search, keys = Search(planted_secrets()), (new_key(), new_key())
    tokens = Tokens()
    for maker in ("token_hex", "token_urlsafe"):
        monkeypatch.setattr(secrets, maker, tokens.noting(getattr(secrets, maker)))
    for place, key in enumerate(keys):
        search.binary[f"encryption key {place}"] = key
        search.planted[f"encryption key {place} as text"] = base64.b64encode(key).decode()
    with_password = make_url(database_url).set(password=search.planted["database password"])
    state = ServiceTradeState(external_systems=SYSTEMS)
    state.login.password = search.planted[PASSWORD]
    state.login.client_secret = search.planted["ServiceTrade client secret"]
    async with (
        ServiceTradeSandbox.start(state=state) as servicetrade,
        SpectrumSandbox.start() as spectrum,
        SpectrumSandbox.start() as enhanced,
        aiohttp.ClientSession() as http,
    ):
        state.settings.call_ms = 0
        for system in (spectrum, enhanced):
            system.state.authorizations[search.planted[AUTHORIZATION]] = Authorization(companies=["101"])
        enhanced.state.settings.enhanced_auth = True
        enhanced.state.settings.client_secret = search.planted["enhanced client secret"]
        yield Stage(
            servicetrade,
            spectrum,
            enhanced,
            http,
            with_password.render_as_string(hide_password=False),
            database_url,
            tmp_path,
            search,
            free_port(),
            keys,
            tokens,
        )


def echoes(search: Search) -> Mapping[str, tuple[Fault, ...]]:
    """Remote systems that give back what they were told: in Spectrum's rows, and in pages of whatever stands before."""
    authorization = search.planted[AUTHORIZATION]
    page = f"<html><p>{authorization} {html.escape(authorization)}</p></html>"
    return {
        "spectrum": (
            Fault(FaultKind.ROWS, match="/ws/", text=f"E Authorization_ID not valid: {authorization}"),
            Fault(FaultKind.HTML, match="/ws/", text=page),
            Fault(FaultKind.APPLY_THEN_DROP, match="/ws/"),
            Fault(FaultKind.STATUS, match="/ws/", status=503),
        ),
        "servicetrade": (
            Fault(FaultKind.HTML, match="/api/job", text=f"<html><p>{search.planted[PASSWORD]}</p></html>"),
            Fault(FaultKind.STATUS, match="/api/job", status=500),
            Fault(FaultKind.DROP_BEFORE_APPLY, match="/api/job"),
        ),
    }


async def furnish(stage: Stage) -> None:
    """Two tenants, one for each kind of sign-in, and a connection with and one without enhanced authentication."""
    base = ("--base-url", stage.servicetrade.url)
    user = ("--username", stage.servicetrade.state.login.username)
    await stage.command("tenants", "add", "cardinal", "--name", "C", *base, *user, "--password-env", "WRONG", code=4)
    await stage.command("tenants", "add", "cardinal", "--name", "C", *base, *user, "--password-env", "PASSWORD")
    client = ("--client-id", stage.servicetrade.state.login.client_id, "--password-env", "CLIENT_SECRET")
    await stage.command("tenants", "add", "second", "--name", "S", *base, *client, "--json")
    common = ("--tenant", "cardinal", "--company-code", "101", "--authorization-id-env", "AUTHORIZATION")
    lead = ("--leading-character", "T")
    await stage.command(
        "connections",
        "add",
        "north",
        "--name",
        "N",
        "--external-system",
        "spectrum",
        "--endpoint-url",
        f"{stage.spectrum.url}/ws",
        *common,
        *lead,
    )
    await stage.command(
        "connections",
        "add",
        "south",
        "--name",
        "S",
        "--external-system",
        "system_2",
        "--leading-character",
        "S",
        "--endpoint-url",
        f"{stage.enhanced.url}/ws",
        *common,
        "--json",
        "--client-id",
        stage.enhanced.state.settings.client_id,
        "--client-secret-env",
        "ENHANCED_SECRET",
    )


async def go_through_everything(stage: Stage) -> list[str]:
    """Over the API: what works, what is refused, and what breaks. The states in which sends came to rest."""
    planted, states = stage.search.planted, []
    wrong_login = {"username": "u", "password": planted["wrong password"], "base_url": stage.servicetrade.url}
    for login in (wrong_login, wrong_login | {"client_secret": planted["wrong client secret"]}, planted[PASSWORD]):
        status, _ = await stage.call("POST", "/v1/tenants", {"slug": "no", "name": "N", "servicetrade": login})
        assert status >= 400
    connection = {
        "slug": "west",
        "name": "W",
        "external_system": "system_3",
        "endpoint_url": f"{stage.spectrum.url}/ws",
        "company_code": "101",
        "authorization_id": planted["wrong Authorization ID"],
    }
    status, _ = await stage.call("POST", "/v1/tenants/second/connections", connection)
    assert status == 422, "its test says that the Authorization ID is refused"
    status, told = await stage.call("POST", "/v1/tenants/second/connections", connection | {"check": False})
    assert status == 201, told
    for wrong in ({"authorization_id": planted[PASSWORD]}, {"enhanced_auth": planted[AUTHORIZATION]}, {"x": 1}):
        assert (await stage.call("POST", "/v1/tenants/second/connections", connection | wrong))[0] >= 400
    for path in ("/v1/tenants", "/v1/tenants/cardinal", "/v1/tenants/cardinal/connections", "/v1/tenants/no", "/"):
        await stage.call("GET", path)
    assert (await stage.call("GET", "/v1/tenants", key=planted[PASSWORD].encode("ascii", "ignore").decode()))[0] == 401
    for name in ("north", "south"):
        status, _ = await stage.call("POST", f"/v1/tenants/cardinal/connections/{name}/test")
        assert status == 200
    await stage.call("POST", "/v1/tenants/second/connections/west/test")
    status, told = await stage.call("POST", "/v1/tenants/cardinal/connections/south/rotate-secret")
    assert status == 200, told
    receivers = "/v1/tenants/cardinal/webhook-endpoints"
    status, told = await stage.call("POST", receivers, {"url": f"{stage.servicetrade.url}/heard"})
    assert status == 201, told
    planted["signing secret"] = told["secret"].removeprefix("whsec_")
    stage.sinks.popitem()  # the one answer that is there to show it
    await stage.call("POST", f"{receivers}/{told['id']}/test")
    await stage.call("GET", f"{receivers}/{told['id']}/deliveries")
    status, told = await stage.call("PUT", "/v1/tenants/cardinal/servicetrade-webhook")
    assert status == 200, told
    [hook] = stage.servicetrade.state.webhooks.values()
    address = hook.hook_url.partition(f":{stage.port}")[2]
    planted["webhook path"] = address.rpartition(".")[2]
    job_id = stage.add_job(810000)
    for path in (address, address[:-1], f"{address}/more"):
        await stage.call("POST", path, event_about(job_id), key="")
    for number, name in enumerate(("north", "south")):
        states.append((await stage.send(stage.add_job(810001 + number), name))["state"])
    for number, fault in enumerate(echoes(stage.search)["spectrum"]):
        for system, name in ((stage.spectrum, "north"), (stage.enhanced, "south")):
            system.faults.add(fault)
            states.append((await stage.send(stage.add_job(811000 + 10 * number + (name == "south")), name))["state"])
            system.faults.clear()
            await stage.call("POST", f"/v1/tenants/cardinal/connections/{name}/resume")
    for number, fault in enumerate(echoes(stage.search)["servicetrade"]):
        stage.servicetrade.faults.add(fault)
        states.append((await stage.send(stage.add_job(812000 + number), "north"))["state"])
        stage.servicetrade.faults.clear()
    await go_through_refusals(stage, states)
    for path in ("warnings", "sends", "doubts", "audit", "servicetrade-webhook"):
        assert (await stage.call("GET", f"/v1/tenants/cardinal/{path}"))[0] == 200
    return states


async def go_through_refusals(stage: Stage, states: list[str]) -> None:
    """Secrets that were right are so no more."""
    planted = stage.search.planted
    for system in (stage.spectrum, stage.enhanced):
        system.state.authorizations[planted[AUTHORIZATION]].active = False
    states.append((await stage.send(stage.add_job(813000), "north"))["state"])
    stage.enhanced.state.settings.secret_expired = True
    states.append((await stage.send(stage.add_job(813001), "south"))["state"])
    stage.servicetrade.state.login.password = "changed"
    stage.servicetrade.state.sessions.clear()
    states.append((await stage.send(stage.add_job(813002), "north"))["state"])
    stage.servicetrade.state.login.password = planted[PASSWORD]
    for system in (stage.spectrum, stage.enhanced):
        system.state.authorizations[planted[AUTHORIZATION]].active = True
    stage.enhanced.state.settings.secret_expired = False


async def crash(stage: Stage) -> None:
    """Errors that nobody foresaw, whose traceback shows statements with their parameters: columns are gone."""
    login = {"username": stage.servicetrade.state.login.username, "base_url": stage.servicetrade.url}
    login["password"] = stage.search.planted[PASSWORD]
    away = {"tenants": "login_kind", "connections": "client_id", "warnings": "code", "attempts": "answer"}
    with psycopg.connect(stage.plain_url, autocommit=True) as connection:
        columns = "SELECT 1 FROM information_schema.columns WHERE table_name = %s AND column_name = %s"
        there = {(t, c) for t, c in away.items() if connection.execute(columns, (t, c)).fetchone()}
        for table, column in there:
            connection.execute(f'ALTER TABLE {table} RENAME "{column}" TO gone'.encode())
        body = {"slug": "third", "name": "N", "servicetrade": login}
        assert (await stage.call("POST", "/v1/tenants", body))[0] == 500
        more = {
            "slug": "east",
            "name": "E",
            "external_system": "system_4",
            "endpoint_url": f"{stage.spectrum.url}/ws",
            "company_code": "101",
            "authorization_id": stage.search.planted[AUTHORIZATION],
            "enhanced_auth": {"client_id": "c", "client_secret": stage.search.planted["enhanced client secret"]},
        }
        assert (await stage.call("POST", "/v1/tenants/second/connections", more))[0] == 500
        user = ("--username", login["username"], "--password-env", "PASSWORD", "--base-url", login["base_url"])
        await stage.command("tenants", "add", "fourth", "--name", "F", *user, code=1)
        await stage.command("connections", "test", "north", "--tenant", "cardinal", code=1)
        for table, column in there:
            connection.execute(f'ALTER TABLE {table} RENAME gone TO "{column}"'.encode())


@pytest.mark.timeout(400)
async def test_no_secret_comes_out_anywhere(stage: Stage) -> None:
    (stage.folder / "talkative").mkdir()
    (stage.folder / "talkative" / "sitecustomize.py").write_text(EVERYBODY_TALKS)
    out = await stage.command("init", "--json")
    stage.operator_key = out.decode().partition('"operator_key": "')[2].partition('"')[0]
    assert stage.operator_key.startswith("jf_")
    stage.search.planted["operator key"] = stage.operator_key.removeprefix("jf_")
    await furnish(stage)
    async with stage.serving():
        states = await go_through_everything(stage)
        await stage.command("sends", "list", "--tenant", "cardinal")
        await stage.command("doctor", code=5)
        await stage.command("doctor", "--json", code=5)
        await stage.command("connections", "test", "south", "--tenant", "cardinal", code=4)
        await stage.command("connections", "show", "south", "--tenant", "cardinal", "--json")
        await stage.command("warnings", "list", "--tenant", "cardinal", "--json")
        await stage.command("secrets", "rotate", "--json")
        await crash(stage)
    wrong = stage.database_url.replace("jobferry", "nowhere") + "_gone"
    await stage.command("doctor", code=3, JOBFERRY_DATABASE_URL=wrong)
    await stage.command("tenants", "list", code=3, JOBFERRY_DATABASE_URL=wrong)
    cut = base64.b64encode(stage.keys[0]).decode()[:-3]
    await stage.command("tenants", "list", code=3, JOBFERRY_ENCRYPTION_KEY=cut)
    collect(stage)
    print(f"\n{len(stage.sinks)} sinks, {sum(map(len, stage.sinks.values()))} bytes, {sorted(states)}")
    assert b"Traceback" in stage.sinks["serve: stderr"], "the crashes left their tracebacks in the log"
    for library in (b"sqlalchemy", b"psycopg", b"Starting worker on", b"asyncio", b"aiohttp"):
        assert library in stage.sinks["serve: stderr"], f"{library!r} told nothing"
    assert {"sent", "needs_attention"} <= {*states}
    assert len(stage.tokens) > 6, "sessions and tokens of both systems were handed out"
    stage.search.planted |= {f"token {place}": token for place, token in enumerate(stage.tokens)}
    assert hits(stage.search, stage.sinks) == {}


def collect(stage: Stage) -> None:
    """What stands in the database, what was written to the remote systems to be read there, and the command lines."""
    stage.sinks["database"] = stored_bytes(stage.plain_url)
    stage.sinks["comments"] = repr([one.content for one in stage.servicetrade.state.comments.values()]).encode()
    assert stage.servicetrade.state.comments
    stage.sinks["jobs"] = repr(stage.servicetrade.state.jobs).encode()
    stage.sinks["work orders"] = repr([one.state.companies for one in (stage.spectrum, stage.enhanced)]).encode()
    stage.sinks["command lines"] = b"\n".join(stage.command_lines)
