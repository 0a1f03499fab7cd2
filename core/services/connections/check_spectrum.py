"""Test a connection's address and secrets before they are stored. Nothing is written."""

from __future__ import annotations

from core.model.connections.connection import Connection, ConnectionSecrets, SpectrumTarget
from core.model.sending.answer import CheckState
from core.model.shared.errors import FieldError, TenantMends
from ports.spectrum import Spectrum


async def check_spectrum(spectrum: Spectrum, connection: Connection, secrets: ConnectionSecrets) -> None:
    """Raises TenantMends (CONNECTION_CHECK_FAILED), with what failed and its fix."""
    steps = spectrum.examine(SpectrumTarget.of(connection, secrets))
    failed = [step async for step in steps if step.state is CheckState.FAILED]
    if failed:
        raise TenantMends(
            f"Spectrum could not be reached with these settings, so nothing was stored: {failed[0].detail}",
            code="CONNECTION_CHECK_FAILED",
            fix=" ".join((*failed[0].fix, "Or store it without this check.")),
            errors=[FieldError(f"/{step.name}", step.detail) for step in failed],
        )
