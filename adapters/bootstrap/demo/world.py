"""The demo's simulated systems: two ServiceTrade accounts and two Spectrum installations on this machine.

Cardinal sends to two companies of a Spectrum in its own network; Bluefin to a hosted one, over https with a private
certificate authority and enhanced authentication.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.seed import bluefin_state, cardinal_state
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from adapters.sandbox.spectrum.seed import AUTHORIZATION_IDS, seeded_state
from adapters.sandbox.spectrum.state import Customer
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.shared.secret import Secret
from core.model.tenants.tenant import ClientLogin, PasswordLogin, Tenant
from core.services.wiring import UseCases

CARDINAL, BLUEFIN = "cardinal", "bluefin"
NORTH, WEST, LAKE = "north", "west", "lake"
COMPANIES = {NORTH: "101", WEST: "102", LAKE: "103"}
UNMAPPED_CODE, UNMAPPED_NAME = "RIVERBK", "Riverside Bakery"
"""A customer of company 101 whose code is missing in ServiceTrade."""


@dataclass(frozen=True, slots=True)
class DemoWorld:
    cardinal: ServiceTradeSandbox
    bluefin: ServiceTradeSandbox
    own_spectrum: SpectrumSandbox
    hosted_spectrum: SpectrumSandbox

    async def introduce(self, use_cases: UseCases) -> None:
        """Add both tenants and their three connections, as an operator would."""
        login, client = self.cardinal.state.login, self.bluefin.state.login
        password = PasswordLogin(login.username, Secret(login.password))
        cardinal = await use_cases.add_tenant(
            Tenant(id="", slug=CARDINAL, name=self.cardinal.state.name, base_url=self.cardinal.url), password
        )
        credentials = ClientLogin(client.client_id, Secret(client.client_secret))
        bluefin = await use_cases.add_tenant(
            Tenant(id="", slug=BLUEFIN, name=self.bluefin.state.name, base_url=self.bluefin.url), credentials
        )
        for tenant, slug, name, system in (
            (cardinal, NORTH, "Spectrum North", "spectrum"),
            (cardinal, WEST, "Spectrum West", "spectrum_west"),
            (bluefin, LAKE, "Spectrum Lake", "spectrum"),
        ):
            connection, secrets = self._connection(slug, name, system)
            await use_cases.add_connection(tenant.id, connection, secrets)

    def _connection(self, slug: str, name: str, system: str) -> tuple[Connection, ConnectionSecrets]:
        spectrum = self.hosted_spectrum if slug == LAKE else self.own_spectrum
        settings = spectrum.state.settings
        connection = Connection(
            id="",
            tenant_id="",
            slug=slug,
            name=name,
            external_system=system,
            endpoint=Endpoint.parse(spectrum.url),
            company_code=COMPANIES[slug],
            leading_character="T",
            ca_certificate=spectrum.ca_certificate,
        )
        authorization = Secret(AUTHORIZATION_IDS[COMPANIES[slug]])
        if not settings.enhanced_auth:
            return connection, ConnectionSecrets(authorization)
        return connection, ConnectionSecrets(authorization, settings.client_id, Secret(settings.client_secret))

    def map_customer(self) -> None:
        """Enter the missing code, as the ServiceTrade administrator does after Jobferry names it."""
        companies = self.cardinal.state.companies.values()
        next(one for one in companies if one.name == UNMAPPED_NAME).external_ids["spectrum"] = UNMAPPED_CODE

    def file_of_sites(self, slug: str) -> bytes:
        """The sites of a connection's company as CSV, as Spectrum's administrator exports them."""
        spectrum, file = self.hosted_spectrum if slug == LAKE else self.own_spectrum, io.StringIO()
        rows = csv.writer(file)
        rows.writerow(("Site", "Name", "Status", "Address", "City", "State", "Zip", "Customer"))
        for code, one in spectrum.state.companies[COMPANIES[slug]].sites.items():
            status = "Active" if one.active else "Inactive"
            rows.writerow((code, one.name, status, one.address_1, one.city, one.state, one.zip_code, one.customer))
        return file.getvalue().encode()


@asynccontextmanager
async def demo_world() -> AsyncIterator[DemoWorld]:
    """Start the four simulated systems on free ports of this machine."""
    own, hosted = seeded_state(), seeded_state()
    own.companies[COMPANIES[NORTH]].customers[UNMAPPED_CODE] = Customer(name=UNMAPPED_NAME)
    hosted.settings.enhanced_auth = True
    async with AsyncExitStack() as stack:
        yield DemoWorld(
            cardinal=await stack.enter_async_context(ServiceTradeSandbox.start(state=cardinal_state())),
            bluefin=await stack.enter_async_context(ServiceTradeSandbox.start(state=bluefin_state())),
            own_spectrum=await stack.enter_async_context(SpectrumSandbox.start(state=own)),
            hosted_spectrum=await stack.enter_async_context(SpectrumSandbox.start(state=hosted, tls="valid")),
        )
