"""The calls to Spectrum that sending needs. Failures of the other side are outcomes, not exceptions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from core.model.connections.client_secret import NewSecret, NotRotated
from core.model.connections.connection import SpectrumTarget
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import EVERYTHING, ListQuestion, ListRead, TakeCodes
from core.model.sending.answer import Exchange, NotSent
from core.model.shared.check_step import CheckStep
from core.model.work_orders.item import ItemKind


class Spectrum(Protocol):
    @abstractmethod
    async def write_header(
        self, target: SpectrumTarget, fields: Mapping[str, str], *, leave_by: float | None
    ) -> Exchange:
        """Create or change the work order `fields['WO_Number']` (service WorkOrderHeader).

        `fields` maps header fields to text, without Authorization_ID and GUID; every other declared element is sent
        empty. It is one POST on a new connection, within one total deadline. After a "time-out" answer to the GUID, or
        a 401 to our token, the call is repeated once with a new one, which the explicit number makes safe; the outcome
        then covers both calls. Nothing leaves once `Clock.boot_seconds` has reached `leave_by` (None: no limit), as in
        `add_line`. Raises ValueError for an unknown field or a blank number.
        """
        ...

    @abstractmethod
    async def add_line(
        self, target: SpectrumTarget, kind: ItemKind, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        """Add one cost line to the work order `fields['WO_Number']` (AddWOMaterialCost or AddWOOtherCharges).

        Spectrum adds a line for every call and lines cannot be read back, so this is one POST on a new connection that
        is never repeated: no new GUID after a time-out answer, no second try after a 401 (the token is dropped, so that
        the next line signs in again). Right before the first byte leaves, `Clock.boot_seconds` is compared with
        `leave_by`; once that is reached, the outcome is NotSent (GATE_CLOSED). `fields` as in `write_header`. Raises
        ValueError for an unknown field, a blank number, or a kind that is no line.
        """
        ...

    @abstractmethod
    async def add_record(
        self, target: SpectrumTarget, service: str, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        """Add one record through a service that adds one for every call, such as AddWOTask, AddWOSiteAddress or
        AddCustomer (see `core.model.work_orders.optional_fields`). It is never repeated; everything else as in
        `add_line`. Raises ValueError for an unknown service or field, and for a blank number of a work order."""
        ...

    @abstractmethod
    async def write_record(
        self, target: SpectrumTarget, service: str, fields: Mapping[str, str], *, leave_by: float | None
    ) -> Exchange:
        """Write fields of an existing record through a service that changes nothing if it is called again, such as
        UpdateWorkOrderHeader_UDF. It may be repeated once; everything else as in `write_header`."""
        ...

    @abstractmethod
    async def read_list(
        self, target: SpectrumTarget, kind: AliasKind, take: TakeCodes, question: ListQuestion = EVERYTHING
    ) -> ListRead:
        """Read the codes of a kind by one question, in bounded memory: `take` gets them in batches while they come.

        Changes nothing in Spectrum. At most three readings of an endpoint run at a time, the next one waits. What comes
        is trimmed and of foreign origin. The failures of the other side are in the result, codes that came before a
        failure have been handed over. What `take` raises ends the reading and is raised.
        """
        ...

    @abstractmethod
    async def add_document(
        self, target: SpectrumTarget, fields: Mapping[str, str], content: bytes, *, leave_by: float
    ) -> Exchange:
        """Add a document to the work order `fields['WO_Number']` (REST service workOrders/images). A blank Document_ID
        adds one on every call, so it is never repeated; everything else as in `add_line`. Accepted returns the new id
        as `Document_ID`. The evidence holds no content, only its length and SHA-256. Raises ValueError for a blank
        number."""
        ...

    @abstractmethod
    async def sign_in(self, target: SpectrumTarget) -> NotSent | None:
        """Fetch a new token with the target's client secret; None if that worked. Never raises."""
        ...

    @abstractmethod
    async def rotate_secret(self, target: SpectrumTarget) -> NewSecret | NotRotated:
        """Make Spectrum issue a new client secret. The present one may become invalid at once. Never raises."""
        ...

    @abstractmethod
    def examine(self, target: SpectrumTarget, optional: Sequence[str] = ()) -> AsyncIterator[CheckStep]:
        """Test a connection without writing: DNS, TLS, token, services and their elements, the Authorization ID, the
        company and the right to read each list, as far as calls that change nothing show them. `optional` are services
        that the settings switch on, beside those of every send. Yields each step as soon as its result is known. Never
        raises."""
        ...
