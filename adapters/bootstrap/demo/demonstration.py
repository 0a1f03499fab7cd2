"""The demonstration: starts everything in a folder, shows the tour, and keeps running until Ctrl-C."""

from __future__ import annotations

import secrets
import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

from rich.rule import Rule
from rich.text import Text

from adapters.bootstrap.database import open_database
from adapters.bootstrap.demo.tour import Tour
from adapters.bootstrap.demo.world import CARDINAL, NORTH, DemoWorld, demo_world
from adapters.bootstrap.initialisation import initialise
from adapters.bootstrap.runtime import Runtime, open_runtime
from adapters.bootstrap.settings import DEFAULT_HOST, DEFAULT_PORT, FILE, PLUGINS_FOLDER, Settings
from adapters.bootstrap.signals import stop_signals
from adapters.bootstrap.web_app import open_http_server
from adapters.inbound.cli.views.output import data
from core.model.access.caller import Caller
from core.model.access.person import Role
from core.model.shared.errors import OperatorMends

OFFICE = "dana@cardinal.example"
_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


async def demonstrate(folder: Path, *, once: bool, port: int | None) -> None:
    """`folder` is empty at first and belongs to the demonstration. With `once` it ends after the tour."""
    settings = _settings(folder)
    data.print(
        Text.assemble(
            ("Jobferry demo", "bold cyan"),
            "\nTwo companies, each with its ServiceTrade account and its Spectrum, simulated on this machine."
            "\nNothing outside this machine is touched, and everything is removed at the end.",
        )
    )
    with stop_signals() as stop:
        async with AsyncExitStack() as stack:
            world = await stack.enter_async_context(demo_world())
            await stack.enter_async_context(open_database(settings, create=True))
            made = await initialise(settings)
            runtime = await stack.enter_async_context(open_runtime(settings))
            await world.introduce(runtime.use_cases)
            address = await stack.enter_async_context(_site(runtime, port))
            await stack.enter_async_context(runtime.working())
            await Tour(world, runtime.use_cases, data)()
            password, link = await _add_person(runtime)
            _tell_where(settings, world, address, made.operator_key or "", password, link, once=once)
            if not once:
                await stop.wait()
    data.print("Everything is stopped and removed.")


async def _add_person(runtime: Runtime) -> tuple[str, str]:
    """Add a person at the first company. Returns the password, and the path that signs this person in; valid once, for
    ten minutes."""
    tenant = await runtime.use_cases.find_tenant(CARDINAL)
    people, password = runtime.use_cases.manage_people, secrets.token_urlsafe(12)
    await people.add(tenant.id, OFFICE, "Dana", Role.ADMINISTRATOR, by=Caller(who="demo"))
    await people.set_password(tenant.id, OFFICE, password, by=Caller(who="demo"))
    made = await runtime.use_cases.sign_in.make_link(tenant.id, OFFICE, by=Caller(who="demo"))
    return password, made.url


@asynccontextmanager
async def _site(runtime: Runtime, port: int | None) -> AsyncIterator[str]:
    """Serve on the usual port, or on a free one if that is taken and the user named none."""
    async with AsyncExitStack() as stack:
        try:
            usual = DEFAULT_PORT if port is None else port
            address = await stack.enter_async_context(open_http_server(runtime, DEFAULT_HOST, usual))
        except OperatorMends:
            if port is not None:
                raise
            address = await stack.enter_async_context(open_http_server(runtime, DEFAULT_HOST, 0))
        yield address


def _tell_where(
    settings: Settings,
    world: DemoWorld,
    address: str,
    operator_key: str,
    password: str,
    link: str,
    *,
    once: bool,
) -> None:
    data.print()
    data.print(Rule(Text(" Look for yourself ", "bold"), align="left", style="cyan"))
    if once:
        data.print("Without --once the demo keeps running, with a console that shows all these jobs.")
        return
    data.print("The console, as the office uses it: look at a job, send it, fix what failed. Open this link:")
    data.print(Text(f"  {address}{link}", "bold cyan underline"), soft_wrap=True)
    data.print(
        f"It works once, for ten minutes. Later sign in at {address} as {OFFICE} with {password}.", soft_wrap=True
    )
    beside = Path(sys.executable).with_name("jobferry")
    jobferry = str(beside) if shutil.which("jobferry") is None and beside.exists() else "jobferry"
    data.print("\nThe command line, in another terminal:")
    data.print(f"  cd {shlex.quote(str(settings.data_dir))}", soft_wrap=True)
    for command in (
        f"warnings list --tenant {CARDINAL}",
        f"jobs preview 104484 --by-number --tenant {CARDINAL} --connection {NORTH}",
        "doctor",
    ):
        data.print(f"  {shlex.quote(jobferry)} {command}", soft_wrap=True)
    data.print("\nThe HTTP API, with the operator key of this demo:")
    sends = f"{address}/v1/tenants/{CARDINAL}/sends"
    data.print(f"  curl -H 'Authorization: Bearer {operator_key}' {sends}", soft_wrap=True)
    data.print("\nThe simulated systems, whose state you can read and change:")
    for name, system in (("ServiceTrade", world.cardinal), ("Spectrum", world.own_spectrum)):
        data.print(f"  curl {system.control_url}/state   # {name}", soft_wrap=True)
    data.print("\nCtrl-C ends it.", style="bold")


def _settings(folder: Path) -> Settings:
    """Settings independent of any configured installation, also written to the folder for other terminals."""
    networks = ", ".join(f'"{network}"' for network in _LOOPBACK)
    plugins = Path.cwd() / PLUGINS_FOLDER
    lines = (f"data_dir = '{folder}'", f"allowed_networks = [{networks}]", f"plugins_dir = '{plugins}'")
    (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Settings(
        data_dir=folder,
        plugins_dir=plugins,
        database_url=None,
        encryption_key=None,
        encryption_key_file=None,
        oidc_issuer=None,
        public_url=None,
        mode="self-hosted",
        allowed_networks=_LOOPBACK,
        retry_delays=(2, 5, 15, 60),
    )
