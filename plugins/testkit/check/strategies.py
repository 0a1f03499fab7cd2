"""Strategies for hypothesis: jobs and items in which every optional field may be missing, empty, long or odd. The first
that each one tries, and the one to which it shrinks a failure, is the complete sample of the test kit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
_PARTIES = ("customer", "location", "contract")
_Any = st.SearchStrategy[Any]


def jobs(constants: Constants, samples: Sequence[Sample]) -> st.SearchStrategy[JobSnapshot]:
    """Jobs with texts of the plugin's own, and the author's sample jobs with one field changed or none."""
    text = _text(constants)
    party = _party(text)
    drawn: dict[str, _Any] = {
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

    def likely(name: str, near: Constants) -> _Any | None:
        if not near.texts:
            return None
        one = st.sampled_from(near.texts)
        if name in _PARTIES:
            return _party(one)
        return st.lists(one, max_size=2).map(tuple) if name == "tags" else one

    plain = [make_job(), *(sample.job for sample in samples)]
    return (
        _near(plain, drawn)
        | _likely(plain, drawn, constants, likely)
        | st.builds(JobSnapshot, id=st.just("2412087334600705"), **drawn)
    )


def items(constants: Constants, samples: Sequence[Sample]) -> st.SearchStrategy[JobItem]:
    """The same for items."""
    text = _text(constants)
    figure = st.none() | st.decimals(Decimal("-999999"), Decimal("999999"), places=4)
    if constants.figures:
        figure |= st.sampled_from(constants.figures)
    drawn: dict[str, _Any] = {
        "name": text,
        "type": st.sampled_from(("", "rental", *DEFAULT_KINDS)),
        "quantity": figure,
        "cost": figure,
        "code": text,
        "external_id": st.none() | text,
        "alias_code": text,
        "source": text,
        "service_line": text,
    }

    def likely(name: str, near: Constants) -> _Any | None:
        values = near.figures if name in ("quantity", "cost") else near.texts
        return st.sampled_from(values) if values else None

    plain = [make_item(), *(item for sample in samples for item in sample.items)]
    return (
        _near(plain, drawn) | _likely(plain, drawn, constants, likely) | st.builds(JobItem, id=st.just("7001"), **drawn)
    )


def _text(constants: Constants) -> st.SearchStrategy[str]:
    return st.sampled_from((*_TEXTS, *constants.texts)) | st.text(max_size=40)


def _party(text: st.SearchStrategy[str]) -> st.SearchStrategy[Party]:
    return st.builds(Party, id=st.just("101"), name=text, external_id=st.none() | text)


def _near(plain: Sequence[Any], drawn: Mapping[str, _Any]) -> _Any:
    """One of these as it is, or with one other value."""
    changed = st.one_of(*(st.tuples(st.just(name), values) for name, values in drawn.items()))
    return st.builds(
        lambda one, change: replace(one, **dict([change])) if change else one,
        st.sampled_from(plain),
        st.none() | changed,
    )


def _likely(
    plain: Sequence[Any],
    drawn: Mapping[str, _Any],
    constants: Constants,
    likely: Callable[[str, Constants], _Any | None],
) -> _Any:
    """One of these, each field that the plugin reads as it is or with a constant from near there: so a rule with
    several conditions is met too."""
    read = {name: likely(name, near) for name, near in constants.near.items() if name in drawn}
    chosen = {name: st.none() | values.map(lambda one: (one,)) for name, values in read.items() if values}
    return st.builds(
        lambda one, changes: replace(one, **{name: value[0] for name, value in changes.items() if value}),
        st.sampled_from(plain),
        st.fixed_dictionaries(chosen),
    )


def in_words(drawn: JobSnapshot | JobItem) -> str:
    """Describe how it differs from the complete sample of the test kit."""
    what = "a job" if isinstance(drawn, JobSnapshot) else "an item"
    plain: Any = make_job() if isinstance(drawn, JobSnapshot) else make_item()
    odd = [f"{one.name}={getattr(drawn, one.name)!r}" for one in fields(plain) if _differs(drawn, plain, one.name)]
    return f"{what} with {', '.join(odd)}"[:400] if odd else f"{what} with nothing special"


def _differs(drawn: Any, plain: Any, name: str) -> bool:
    return bool(getattr(drawn, name) != getattr(plain, name))
