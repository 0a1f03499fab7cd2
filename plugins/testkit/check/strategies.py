"""Strategies for hypothesis: jobs and items in which every optional field may be missing, empty, long or odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from core.model.planning.job import JobSnapshot, Party
from core.model.work_orders.item import DEFAULT_KINDS, JobItem
from plugins.testkit.check.constants import Constants
from plugins.testkit.samples import Sample, make_item, make_job

_TEXTS = ("", " ", "West", "repair", "urgent", "PO-77120", "Ü-Bahn \u2013 Süd", "x" * 300)
_NUMBERS = ("", "7", "104482", "1234567890")
_STATUSES = ("scheduled", "completed", "invoiced")


def jobs(constants: Constants, samples: Sequence[Sample]) -> st.SearchStrategy[JobSnapshot]:
    """Jobs with texts of the plugin's own, and the author's sample jobs with one field changed or none."""
    text = _text(constants)
    party = st.builds(Party, id=st.just("101"), name=text, external_id=st.none() | text)
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "number": st.none() | st.sampled_from((*_NUMBERS, *filter(str.isdigit, constants.texts))),
        "status": st.sampled_from(_STATUSES),
        "type": text,
        "name": text,
        "description": text,
        "customer_po": text,
        "customer": st.none() | party,
        "location": st.none() | party,
        "contract": st.none() | party,
        "external_id": st.none() | text,
        "office": st.none() | text,
        "service_line": st.none() | text,
        "tags": st.lists(text, max_size=3).map(tuple),
    }
    return st.builds(JobSnapshot, id=st.just("2412087334600705"), **drawn) | _near(
        [make_job(), *(sample.job for sample in samples)], drawn
    )


def items(constants: Constants, samples: Sequence[Sample]) -> st.SearchStrategy[JobItem]:
    """The same for items."""
    text = _text(constants)
    figure = st.none() | st.decimals(Decimal("-999999"), Decimal("999999"), places=4)
    if constants.figures:
        figure |= st.sampled_from(constants.figures)
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "name": text,
        "type": st.sampled_from(("", "rental", *DEFAULT_KINDS)),
        "quantity": figure,
        "cost": figure,
        "code": text,
        "external_id": st.none() | text,
        "source": text,
        "service_line": text,
    }
    return st.builds(JobItem, id=st.just("7001"), **drawn) | _near(
        [make_item(), *(item for sample in samples for item in sample.items)], drawn
    )


def _text(constants: Constants) -> st.SearchStrategy[str]:
    return st.sampled_from((*_TEXTS, *constants.texts)) | st.text(max_size=40)


def _near(plain: Sequence[Any], drawn: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """One of these as it is, or with one other value: rules with several conditions are met only from nearby."""
    changed = st.one_of(*(st.tuples(st.just(name), values) for name, values in drawn.items()))
    return st.builds(
        lambda one, change: replace(one, **dict([change])) if change else one,
        st.sampled_from(plain),
        st.none() | changed,
    )


def in_words(drawn: JobSnapshot | JobItem) -> str:
    """Describe how it differs from the complete sample of the test kit."""
    plain: Any = make_job() if isinstance(drawn, JobSnapshot) else make_item()
    odd = [f"{one.name}={getattr(drawn, one.name)!r}" for one in fields(plain) if _differs(drawn, plain, one.name)]
    return f"a {'job' if isinstance(drawn, JobSnapshot) else 'item'} with {', '.join(odd) or 'nothing special'}"[:400]


def _differs(drawn: Any, plain: Any, name: str) -> bool:
    return bool(getattr(drawn, name) != getattr(plain, name))
