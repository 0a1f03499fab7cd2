"""The demonstration: starts everything in a folder, shows the tour, and keeps running until Ctrl-C."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

from rich.text import Text

from adapters.bootstrap.database import open_database
from adapters.bootstrap.demo.browser import open_page, somebody_looks
from adapters.bootstrap.demo.directions import Demo, tell
from adapters.bootstrap.demo.missing_codes import MissingCodes
from adapters.bootstrap.demo.tour import Tour
from adapters.bootstrap.demo.world import CARDINAL, demo_world
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


async def demonstrate(folder: Path, *, once: bool, port: int | None, browser: bool | None) -> None:
    """`folder` belongs to the demonstration. With `once` it ends after the tour. `browser`: whether to open the console
    in one; None leaves it to who looks."""
    settings = settings_of_demo(folder)
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
            async with runtime.working():
                scenes = await Tour(world, runtime.use_cases, data)()
            await MissingCodes(world, runtime.services, data)(scenes + 1)
            if once:
                data.print("\nWithout --once the demo keeps running, with a console that shows all these jobs.")
            else:
                await stack.enter_async_context(runtime.working())
                password, link = await _add_person(runtime)
                opened = somebody_looks() if browser is None else browser
                key = made.operator_key or ""
                tell(Demo(folder, world, address, key, OFFICE, password, f"{address}{link}", opened), data)
                if opened:
                    open_page(f"{address}{link}")
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


def settings_of_demo(folder: Path) -> Settings:
    """Settings independent of any configured installation, also written to the folder for other terminals."""
    networks = ", ".join(f'"{network}"' for network in _LOOPBACK)
    plugins = Path.cwd() / PLUGINS_FOLDER
    lines = (f"data_dir = {_quoted(folder)}", f"allowed_networks = [{networks}]", f"plugins_dir = {_quoted(plugins)}")
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


def _quoted(path: Path) -> str:
    """As TOML writes a text: any character may be in the name of a folder, also a quote."""
    return json.dumps(str(path), ensure_ascii=False)
