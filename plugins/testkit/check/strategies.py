"""Strategies for hypothesis: jobs and items in which every optional field may be missing, empty, long or odd."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from core.model.planning.job import JobSnapshot, Party
from core.model.work_orders.item import DEFAULT_KINDS, JobItem
from plugins.testkit.samples import make_item, make_job

_TEXT = st.one_of(
    st.sampled_from(["", " ", "West", "repair", "urgent", "PO-77120", "Ü-Bahn \u2013 Süd", "x" * 300]),
    st.text(max_size=40),
)
_PARTY = st.builds(Party, id=st.just("101"), name=_TEXT, external_id=st.none() | _TEXT)
_FIGURE = st.none() | st.decimals(Decimal("-999999"), Decimal("999999"), places=4)

JOBS = st.builds(
    JobSnapshot,
    id=st.just("2412087334600705"),
    number=st.none() | st.sampled_from(["", "7", "104482", "1234567890"]),
    status=st.sampled_from(["scheduled", "completed", "invoiced"]),
    type=_TEXT,
    name=_TEXT,
    description=_TEXT,
    customer_po=_TEXT,
    customer=st.none() | _PARTY,
    location=st.none() | _PARTY,
    contract=st.none() | _PARTY,
    external_id=st.none() | _TEXT,
    office=st.none() | _TEXT,
    service_line=st.none() | _TEXT,
    tags=st.lists(_TEXT, max_size=3).map(tuple),
)
ITEMS = st.builds(
    JobItem,
    id=st.just("7001"),
    name=_TEXT,
    type=st.sampled_from(["", "rental", *DEFAULT_KINDS]),
    quantity=_FIGURE,
    cost=_FIGURE,
    code=_TEXT,
    external_id=st.none() | _TEXT,
    source=_TEXT,
    service_line=_TEXT,
)


def in_words(drawn: JobSnapshot | JobItem) -> str:
    """Describe how it differs from the complete sample of the test kit."""
    plain: Any = make_job() if isinstance(drawn, JobSnapshot) else make_item()
    odd = [f"{one.name}={getattr(drawn, one.name)!r}" for one in fields(plain) if _differs(drawn, plain, one.name)]
    return f"a {'job' if isinstance(drawn, JobSnapshot) else 'item'} with {', '.join(odd) or 'nothing special'}"[:400]


def _differs(drawn: Any, plain: Any, name: str) -> bool:
    return bool(getattr(drawn, name) != getattr(plain, name))
