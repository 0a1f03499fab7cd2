"""Sample jobs, items and connections for tests. They are complete; any field can be changed by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.planning.job import JobSnapshot, Party
from core.model.work_orders.item import JobItem

_JOB = JobSnapshot(
    id="2412087334600705",
    number="104482",
    status="scheduled",
    type="repair",
    name="Riser 2",
    description="Replace leaking check valve on riser 2 and retest.",
    customer_po="PO-77120",
    customer=Party(id="101", name="Harborview Foods", external_id="HARVIEW"),
    location=Party(id="102", name="Plant 2", external_id="HV0002"),
    contract=Party(id="103", name="Master Service", external_id="HV-MSA-26"),
    office="Main",
    service_line="Sprinkler",
)
_ITEM = JobItem(
    id="7001",
    name="Pressure gauge 300 psi",
    type="part",
    quantity=Decimal("2"),
    cost=Decimal("18.40"),
    code="GAUGE-300",
)
_CONNECTION = Connection(
    id="con_test",
    tenant_id="ten_test",
    slug="test",
    name="Spectrum",
    external_system="spectrum",
    endpoint=Endpoint.parse("https://spectrum.example.com"),
    company_code="101",
    leading_character="T",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A job with its items, as stored in a file."""

    job: JobSnapshot
    items: tuple[JobItem, ...] = ()


_SAMPLE = TypeAdapter(Sample)


def make_job(**fields: Any) -> JobSnapshot:
    """Return a mapped job. `fields` are fields of JobSnapshot: `make_job(office="West", customer_po="")`."""
    return replace(_JOB, **fields)


def make_item(**fields: Any) -> JobItem:
    """Return a part with code, quantity and cost. `fields` are fields of JobItem. Figures are Decimal or text."""
    for name in ("quantity", "cost"):
        if isinstance(fields.get(name), str | int):
            fields[name] = Decimal(fields[name])
    return replace(_ITEM, **fields)


def make_connection(**fields: Any) -> Connection:
    """Return a connection with the leading character T. `fields` are fields of Connection."""
    return replace(_CONNECTION, **fields)


def load_job(file: Path) -> Sample:
    """Return a job from a JSON file such as `jobferry plugins new` writes: `{"job": {...}, "items": [...]}`.
    Raises ValueError, which names every wrong field."""
    try:
        return _SAMPLE.validate_json(file.read_bytes())
    except ValidationError as error:
        said = "; ".join(f"{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ValueError(f"{file} is not a sample job: {said}") from error


def sample_json(sample: Sample) -> bytes:
    """Return the JSON that `load_job` reads."""
    return _SAMPLE.dump_json(sample, indent=2) + b"\n"
