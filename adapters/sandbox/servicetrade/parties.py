"""Records of the sandbox ServiceTrade that have a Spectrum code as their external id."""

from __future__ import annotations

from pydantic import Field

from adapters.sandbox.controlled_state import Record


class _Party(Record):
    """A company or a location. Lists may hold stubs of them only (`Settings.listed_as_stubs`)."""

    name: str
    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    phone: str = ""
    status: str = "active"
    external_ids: dict[str, str] = Field(default_factory=dict)


class Company(_Party):
    """`customer`: false for a mere vendor."""

    customer: bool = True


class Location(_Party):
    """`company` is an id, '' for none."""

    company: str = ""


class Contract(Record):
    """`company` and `locations` are ids."""

    name: str
    company: str = ""
    number: str = ""
    status: str = "active"
    locations: list[str] = Field(default_factory=list)
    external_ids: dict[str, str] = Field(default_factory=dict)


class LibraryItem(Record):
    """`generic` stands for anything that is not in the library."""

    name: str
    type: str = "part"
    code: str = ""
    generic: bool = False
    external_ids: dict[str, str] = Field(default_factory=dict)
