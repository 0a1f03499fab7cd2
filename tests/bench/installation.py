"""An installation on the embedded database, with tenants whose remote systems are the benchmark's sandboxes."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.bootstrap.initialisation import initialise
from adapters.bootstrap.load_settings import load_settings
from adapters.bootstrap.runtime import Runtime, open_runtime
from adapters.bootstrap.settings import Settings
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from tests.bench.bare_send import Systems
from tests.bench.sandboxes import AUTHORIZATION, COMPANY, system


@dataclass(frozen=True, slots=True)
class Place:
    """Where a send goes: a connection of a tenant."""

    tenant_id: str
    slug: str


@asynccontextmanager
async def installation(**settings: object) -> AsyncIterator[tuple[Runtime, Settings]]:
    """Removed at the end, with its database."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        own: dict[str, object] = {
            "data_dir": folder / "data",
            "allowed_networks": ["127.0.0.0/8"],
            "spectrum_calls_at_once": 1000,  # one sandbox serves all; the scripts beside it have no limit either
        }
        loaded = load_settings({**own, **settings})
        await initialise(loaded)
        async with open_runtime(loaded) as runtime:
            yield runtime, loaded


async def add_tenants(runtime: Runtime, at: Systems, tenants: int, connections: int) -> list[Place]:
    """So many tenants with so many connections each, all to the same Spectrum company. Every job must be sent over one
    connection only, so that no number is taken twice."""
    return [
        place for number in range(tenants) for place in await add_tenant(runtime, at, f"bench-{number}", connections)
    ]


async def add_tenant(runtime: Runtime, at: Systems, slug: str, connections: int, **settings: object) -> list[Place]:
    return await add_tenant_to(runtime, at, slug, [at.spectrum_url] * connections, **settings)


async def add_tenant_to(
    runtime: Runtime, at: Systems, slug: str, spectrum_urls: Sequence[str], **settings: object
) -> list[Place]:
    """A tenant with a connection to each of these addresses. `settings` are those of its connections."""
    login = PasswordLogin(at.username, Secret(at.password))
    wanted = Tenant(id="", slug=slug, name="Bench", base_url=at.servicetrade_url)
    tenant = await runtime.use_cases.add_tenant(wanted, login)
    places = []
    for number, url in enumerate(spectrum_urls):
        connection = Connection(
            id="new",
            tenant_id="new",
            slug=f"spectrum-{number}",
            name=f"Spectrum {number}",
            external_system=system(number),
            endpoint=Endpoint.parse(url),
            company_code=COMPANY,
        )
        connection = replace(connection, **settings)  # type: ignore[arg-type]
        secrets = ConnectionSecrets(Secret(AUTHORIZATION))
        added = await runtime.use_cases.add_connection(tenant.id, connection, secrets)
        places.append(Place(tenant.id, added.slug))
    return places
