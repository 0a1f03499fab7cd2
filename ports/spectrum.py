"""Spectrum, as far as sending needs it. Calls never raise for what the other side does: the outcome says it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol

from core.model.answer import CheckStep, Exchange
from core.model.connection import SpectrumTarget


class Spectrum(Protocol):
    @abstractmethod
    async def write_header(self, target: SpectrumTarget, fields: Mapping[str, str]) -> Exchange:
        """Create or change the work order `fields['WO_Number']` (service WorkOrderHeader).

        `fields` maps header field to text, without Authorization_ID and GUID; every other declared element is sent
        empty. One POST on a fresh connection, within one total deadline. A "time-out" answer to the GUID is repeated
        once with a new one, which the explicit number makes safe. Raises ValueError for an unknown field or a blank
        number.
        """
        ...

    @abstractmethod
    async def examine(self, target: SpectrumTarget) -> Sequence[CheckStep]:
        """Look at a connection without writing: DNS, TLS, token, services and their elements. Never raises."""
        ...
