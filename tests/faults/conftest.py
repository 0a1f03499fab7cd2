"""The yard of a test. With many faults only the figures are printed: thousands of expected warnings would bury them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.bootstrap.log import configure_log
from tests.faults.yard import Yard, open_yard


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("JOBFERRY_FAULTS") == "full":
        configure_log("error")


@pytest.fixture
async def yard(database_url: str, tmp_path: Path) -> AsyncIterator[Yard]:
    async with open_yard(database_url, tmp_path) as yard:
        yield yard
