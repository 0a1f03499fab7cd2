"""New sites where workers are killed and paused: confirmed, looked at, and counted in Spectrum."""

from __future__ import annotations

from dataclasses import replace

from core.model.creations.creation import Creation, CreationKind
from core.services.creations.request_creation import CreationRequest
from tests.faults.support.worker_harness import WorkerHarness

SERVICE = "AddWOSiteAddress"


async def allow_sites(harness: WorkerHarness) -> None:
    await harness.use_cases.change_connection(
        harness.tenant_id,
        "main",
        lambda one, secrets: (replace(one, create_sites=True), secrets),
        version=None,
        by="ann",
        check=False,
    )


async def confirm(harness: WorkerHarness, location: str, code: str) -> Creation:
    fields = {"Site_ID": code, "Site_Name": code}
    request = CreationRequest(
        connection="main", kind=CreationKind.SITE, record_id=location, fields=fields, requested_by="ann"
    )
    return await harness.use_cases.request_creation(harness.tenant_id, request)


async def show(harness: WorkerHarness, creation: Creation) -> Creation:
    return (await harness.use_cases.manage_creations.show(harness.tenant_id, creation.id)).creation


def calls(harness: WorkerHarness) -> int:
    return sum(call.path.endswith(SERVICE) for call in harness.spectrum.requests.calls)


def sites_with(harness: WorkerHarness, code: str) -> int:
    """How often Spectrum was made to hold this site."""
    made = harness.spectrum.state.companies["101"].new_records
    return sum(one.fields["Site_ID"] == code for one in made)
