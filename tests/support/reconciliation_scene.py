"""Reconciliations and their jobs for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.model.reconciliation.entry import Difference, Entry, Kind, ReconciledJob, Sums
from core.model.reconciliation.run import ListedJob, Reconciliation

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def a_run(**changes: Any) -> Reconciliation:
    fields: dict[str, Any] = {
        "id": "rec_1",
        "tenant_id": "ten_1",
        "first_day": date(2026, 11, 22),
        "last_day": date(2026, 11, 22),
        "since": AT - timedelta(days=1),
        "until": AT,
        "requested_by": "ann",
        "created_at": AT,
    }
    return Reconciliation(**fields | changes)


def a_listed_job(number: int = 1, **changes: Any) -> ListedJob:
    fields: dict[str, Any] = {"id": str(number), "completed_on": AT, "updated": AT}
    return ListedJob(**fields | changes)


def a_reconciled_job(number: int = 1, *kinds: Kind, connection: str = "main-1", **changes: Any) -> ReconciledJob:
    """A job with one difference of each kind, and 2 pieces and 45.50 posted."""
    differences = tuple(Difference(kind=kind, message=f"It is {kind.value}.", fix="Look at it.") for kind in kinds)
    sums = Sums(posted_quantity=Decimal(2), posted_amount=Decimal("45.50"), open_quantity=Decimal(-1))
    entry = Entry(connection=connection, work_order_number=f"T{number}", differences=differences, sums=sums)
    fields: dict[str, Any] = {
        "job_id": str(number),
        "completed_on": AT,
        "updated": AT,
        "checked_at": AT + timedelta(hours=1),
        "number": f"10{number}",
        "customer": "Harborview",
        "entries": (entry,),
    }
    return ReconciledJob(**fields | changes)
