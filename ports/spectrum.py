"""Spectrum, as far as sending needs it. Calls never raise for what the other side does: the outcome says it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from core.model.connections.client_secret import NewSecret, NotRotated
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import CheckStep, Exchange, NotSent
from core.model.work_orders.item import ItemKind


class Spectrum(Protocol):
    @abstractmethod
    async def write_header(
        self, target: SpectrumTarget, fields: Mapping[str, str], *, leave_by: float | None
    ) -> Exchange:
        """Create or change the work order `fields['WO_Number']` (service WorkOrderHeader).

        `fields` maps header field to text, without Authorization_ID and GUID; every other declared element is sent
        empty. One POST on a fresh connection, within one total deadline. A "time-out" answer to the GUID, or a 401 to
        our token, is repeated once with a new one, which the explicit number makes safe; the outcome then speaks of
        both calls. Nothing leaves once `Clock.boot_seconds` has reached `leave_by` (None: no limit), as in `add_line`.
        Raises ValueError for an unknown field or a blank number.
        """
        ...

    @abstractmethod
    async def add_line(
        self, target: SpectrumTarget, kind: ItemKind, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        """Add one cost line to the work order `fields['WO_Number']` (AddWOMaterialCost or AddWOOtherCharges).

        Spectrum adds a line for every call and none can be read back, so this is one POST on a fresh connection and
        nothing in here ever repeats it: no new GUID after a time-out answer, no second try after a 401 (the token is
        forgotten, so that the next line signs in anew). Right before the first byte leaves, `Clock.boot_seconds` is
        held against `leave_by`; from then on it is too late and the outcome is NotSent (GATE_CLOSED). `fields` as in
        `write_header`. Raises ValueError for an unknown field, a blank number, or a kind that is no line.
        """
        ...

    @abstractmethod
    async def sign_in(self, target: SpectrumTarget) -> NotSent | None:
        """Fetch a new token with the target's client secret; None if that worked. Never raises."""
        ...

    @abstractmethod
    async def rotate_secret(self, target: SpectrumTarget) -> NewSecret | NotRotated:
        """Let Spectrum make a new client secret. It may void the present one at once. Never raises."""
        ...

    @abstractmethod
    def examine(self, target: SpectrumTarget) -> AsyncIterator[CheckStep]:
        """Look at a connection without writing: DNS, TLS, token, services and their elements, each as it is known.
        Never raises."""
        ...
