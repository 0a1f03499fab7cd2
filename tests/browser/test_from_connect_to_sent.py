"""From "connect" to a sent job on a running installation, with the clicks counted: 200 companies and 400 locations have
no code. Server and worker are those of `jobferry serve`, on PostgreSQL; both remote systems are behind sockets."""

from __future__ import annotations

import csv
import io
import os
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from adapters.bootstrap.initialisation import initialise
from adapters.bootstrap.load_settings import load_settings
from adapters.bootstrap.runtime import open_runtime
from adapters.bootstrap.web_app import open_http_server
from adapters.sandbox.servicetrade.parties import Company, Location
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.state import ServiceTradeState
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from adapters.sandbox.spectrum.seed import AUTHORIZATION_IDS
from adapters.sandbox.spectrum.state import Customer, Site
from core.model.access.person import Role
from core.model.mappings.suggestion import RecordToMap
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.services.wiring import UseCases
from tests.browser.test_console_pages import ANN, comes_to, signed_in
from tests.browser.test_counted_journeys import Clicks
from tests.browser.test_suggested_codes import MOST_CLICKS, Made, made_companies, made_locations
from tests.support.browser_scene import person

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
FULL = os.environ.get("FAULTS") == "full"
COMPANY, JOBS = "101", 20
PATIENCE = 180_000
"""Milliseconds that the page may take until a worker is done, on a machine that does other work too."""


@dataclass
class Office:
    """A new tenant without a connection. `broken` holds what a script of a page stumbled over."""

    url: str
    use_cases: UseCases
    service_trade: ServiceTradeSandbox
    spectrum: SpectrumSandbox
    companies: list[Made]
    locations: list[Made]
    broken: list[Exception] = field(default_factory=list)

    def without_a_code(self) -> int:
        """How many of ServiceTrade's records have no external id."""
        state = self.service_trade.state
        records = (*state.companies.values(), *state.locations.values())
        return sum("spectrum" not in one.external_ids for one in records)

    def sites_file(self) -> bytes:
        """As the Spectrum administrator exports it."""
        file = io.StringIO()
        out = csv.writer(file)
        out.writerow(["Site Number", "Site Name", "Address", "City", "State", "Zip Code", "Customer"])
        for one in self.locations:
            listed = one.listed
            assert listed
            place = (listed.street, listed.city, listed.state, listed.postal_code)
            out.writerow([listed.code, listed.name, *place, listed.customer_code])
        return file.getvalue().encode()


@pytest_asyncio.fixture(loop_scope="session")
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    settings = load_settings({"data_dir": tmp_path, "database_url": database_url, "allowed_networks": ["127.0.0.0/8"]})
    await initialise(settings)
    async with (
        ServiceTradeSandbox.start(state=ServiceTradeState()) as servicetrade,
        SpectrumSandbox.start() as erp,
        open_runtime(settings) as runtime,
        open_http_server(runtime, "127.0.0.1", 0) as url,
        runtime.working(),
    ):
        companies = list(made_companies())
        locations = list(made_locations(companies))
        office = Office(url, runtime.use_cases, servicetrade, erp, companies, locations)
        _fill_service_trade(office)
        _fill_spectrum(office)
        login = servicetrade.state.login
        tenant = Tenant(id="", slug="cardinal", name="Cardinal Fire Protection", base_url=servicetrade.url)
        await runtime.use_cases.add_tenant(tenant, PasswordLogin(login.username, Secret(login.password)))
        await person(office, ANN, Role.ADMINISTRATOR)
        yield office
        assert office.broken == [], "a script stumbled, or wanted what the policy forbids"


def _place(one: RecordToMap) -> dict[str, Any]:
    names = ("name", "street", "city", "state", "postal_code", "phone")
    return {name: getattr(one, name) for name in names}


def _fill_service_trade(office: Office) -> None:
    state = office.service_trade.state
    for made in office.companies:
        state.companies[made.record.id] = Company(**_place(made.record))
    for made in office.locations:
        state.locations[made.record.id] = Location(**_place(made.record), company=made.record.customer_id)
    every = len(office.locations) // JOBS
    for number, made in enumerate(office.locations[::every]):
        state.add_job(
            str(300_000 + number),
            customer=made.record.customer_id,
            location=made.record.id,
            scheduled_date=1_795_698_000 + number * 3600,
        )


def _fill_spectrum(office: Office) -> None:
    company = office.spectrum.state.companies[COMPANY]
    for made in office.companies:
        listed = made.listed
        assert listed
        company.customers[listed.code] = Customer(
            name=listed.name,
            address_1=listed.street,
            city=listed.city,
            state=listed.state,
            zip_code=listed.postal_code,
            phone=listed.phone,
        )
    for made in office.locations:
        assert made.listed
        company.sites[made.listed.code] = Site(name=made.listed.name, work_order_type="SVC")


@pytest.mark.parametrize("script", [True, False] if FULL else [True])
async def test_from_connect_to_a_sent_job_in_a_few_clicks(browser: Browser, office: Office, script: bool) -> None:
    assert office.without_a_code() == 600
    page = await signed_in(browser, office, script=script)
    hand, began = Clicks(page), time.monotonic()

    await hand.click(page.get_by_role("link", name="Add the Spectrum company"))
    await page.get_by_label("Short name").fill("main")
    await page.get_by_role("textbox", name="Name (required)", exact=True).fill("Spectrum")
    await page.get_by_label("External system in ServiceTrade").fill("spectrum")
    await page.get_by_label("Web Services URL").fill(office.spectrum.url)
    await page.get_by_label("Company code").fill(COMPANY)
    await page.get_by_label("Authorization ID").fill(AUTHORIZATION_IDS[COMPANY])
    await page.get_by_label("Leading character").fill("T")
    await hand.click(page.get_by_role("button", name="Add the connection"))
    await hand.click(page.get_by_role("button", name="Test it"))
    await expect(page.get_by_text("The test is finished.")).to_be_visible()

    await hand.click(page.get_by_role("link", name="Spectrum's lists of codes"))
    customers = page.get_by_role("row", name="Customers")
    await expect(customers).to_contain_text("complete", timeout=PATIENCE)
    await expect(customers).to_contain_text(str(len(office.spectrum.state.companies[COMPANY].customers)))
    read = time.monotonic() - began
    file = page.get_by_label("File that Spectrum exported")
    hand.made += 1  # the field is clicked to choose the file
    await file.set_input_files({"name": "sites.csv", "mimeType": "text/csv", "buffer": office.sites_file()})
    await hand.click(page.get_by_role("button", name="Show what it would change"))
    await expect(page.get_by_text("Sites: 400 new, 0 changed, 0 removed, 0 unchanged.")).to_be_visible()
    await hand.click(page.get_by_role("button", name="Import the file"))
    await expect(page.get_by_text("The file is imported.")).to_be_visible()
    imported = time.monotonic() - began

    await hand.click(page.get_by_role("button", name="Find codes for all records without one"))
    await expect(page.get_by_role("button", name="Set all 600 codes that are ticked")).to_be_visible(timeout=PATIENCE)
    found = time.monotonic() - began
    await hand.click(page.get_by_role("button", name="Set all 600 codes that are ticked"))
    following = page.get_by_role("link", name="See which upcoming jobs can be sent")
    await expect(following).to_be_visible(timeout=PATIENCE)
    assert office.without_a_code() == 0
    done = time.monotonic() - began

    await hand.click(following)
    await expect(page.get_by_text(f"All {JOBS} upcoming jobs have what they need.")).to_be_visible(timeout=PATIENCE)
    await hand.click(page.get_by_role("link", name="See what would be sent of the first one, job 300000"))
    await hand.click(page.get_by_role("button", name=re.compile("^Send Job to Spectrum")))
    await comes_to(page, "Work order T300000 is in Spectrum")
    seconds = time.monotonic() - began

    assert [*office.spectrum.state.companies[COMPANY].work_orders] == ["T300000"]
    right = {made.record.id: made.listed.code for made in (*office.companies, *office.locations) if made.listed}
    state = office.service_trade.state
    written = {key: one.external_ids["spectrum"] for key, one in (*state.companies.items(), *state.locations.items())}
    assert written == right
    print(
        f"600 records, one sent: {hand.made} clicks; {read:.1f} s to read, {imported:.1f} s to imported,"
        f" {found:.1f} s to found, {done:.1f} s to all set, {seconds:.1f} s to sent"
    )
    assert hand.made <= MOST_CLICKS
