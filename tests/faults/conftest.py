"""With many faults, only the figures are printed: thousands of expected warnings would bury them."""

from __future__ import annotations

import os

import pytest

from adapters.bootstrap.log import configure_log


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("JOBFERRY_FAULTS") == "full":
        configure_log("error")
