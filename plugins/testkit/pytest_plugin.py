"""The test kit's fixtures. The first fixture loads the kit, so that other tests do not wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from core.model.connections.connection import Connection
    from core.model.planning.job import JobSnapshot
    from core.model.work_orders.item import JobItem
    from core.model.work_orders.stored_line import StoredLine
    from plugins.testkit import Preview, Sample, SandboxSystems, Sent


@pytest.fixture
def make_job() -> Callable[..., JobSnapshot]:
    """`make_job(office="West")`: a mapped job with some fields changed."""
    return _kit().make_job  # type: ignore[no-any-return]


@pytest.fixture
def make_item() -> Callable[..., JobItem]:
    """`make_item(type="fee", cost="65")`: an item of a job with some fields changed."""
    return _kit().make_item  # type: ignore[no-any-return]


@pytest.fixture
def make_connection() -> Callable[..., Connection]:
    """`make_connection(leading_character="")`: a connection with some settings changed."""
    return _kit().make_connection  # type: ignore[no-any-return]


@pytest.fixture
def load_job() -> Callable[..., Sample]:
    """`load_job(Path(...))`: a job with its items from a file."""
    return _kit().load_job  # type: ignore[no-any-return]


@pytest.fixture
def preview() -> Callable[..., Preview]:
    """`preview(RULE, make_job(), config={...})`: what a send would write."""
    return _kit().preview  # type: ignore[no-any-return]


@pytest.fixture
def send() -> Callable[..., Sent]:
    """`send(RULE, make_job(), [make_item()])`: what Spectrum and the job hold afterwards."""
    return _kit().send  # type: ignore[no-any-return]


@pytest.fixture
def posted_lines() -> Callable[..., Sequence[StoredLine] | None]:
    """`posted_lines(PLUGIN, "T104482", config={...})`: the cost lines that the plugin reads in Spectrum."""
    return _kit().posted_lines  # type: ignore[no-any-return]


@pytest.fixture
def sandbox_systems() -> Iterator[SandboxSystems]:
    """The simulated ServiceTrade and Spectrum on sockets of this machine."""
    with _kit().sandbox_systems() as systems:
        yield systems


def _kit() -> Any:
    from plugins import testkit  # noqa: PLC0415 - see above

    return testkit
