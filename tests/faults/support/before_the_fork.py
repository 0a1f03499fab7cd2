"""Loaded once, before any process of these tests is forked."""

from __future__ import annotations

import tests.faults.support.crash_worker
import tests.faults.support.rotation_process
import tests.faults.support.serve_process  # noqa: F401
from adapters.outbound.spectrum.envelope import prepare
from adapters.outbound.spectrum.services import SERVICES

prepare(SERVICES)
