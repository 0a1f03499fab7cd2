"""The harness of a test. With many faults only the figures are printed, not thousands of expected warnings."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.bootstrap.log import configure_log
from tests.faults.support.worker_harness import WorkerHarness, open_harness


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("FAULTS") == "full":
        configure_log("error")


@pytest.fixture
async def harness(database_url: str, tmp_path: Path) -> AsyncIterator[WorkerHarness]:
    async with open_harness(database_url, tmp_path) as harness:
        yield harness
