"""The Spectrum services in use, as the SOAP adapter calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.model.work_orders.item import ItemKind
from core.model.work_orders.optional_fields import WRITE_USER_FIELDS
from core.model.work_orders.spectrum_field import SpectrumField
from core.model.work_orders.spectrum_fields import HEADER, LINES, SPECTRUM_FIELDS

NEEDED = (HEADER, LINES[ItemKind.MATERIAL], LINES[ItemKind.OTHER_CHARGE])
"""The services that an Authorization ID must be allowed to call for every connection, in the order of a send."""


@dataclass(frozen=True, slots=True)
class Service:
    """One web service. Its name is also its only method; `fields` are in the order of the request."""

    name: str
    fields: tuple[SpectrumField, ...]

    @property
    def elements(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @property
    def answer(self) -> str:
        """The name of the element that wraps the answer."""
        return f"{self.name}Response"


SERVICES: Mapping[str, Service] = {name: Service(name, fields) for name, fields in SPECTRUM_FIELDS.items()}

SPELLINGS: Mapping[str, tuple[str, ...]] = {WRITE_USER_FIELDS: (WRITE_USER_FIELDS, "UpdateWokOrderHeader_UDF")}
"""Names under which a service may be deployed. The documentation prints the WSDL of this one without an `r`, and its
method with it; which of them an installation has is not documented."""
