"""The services of the sandbox Spectrum that change nothing: its connection test, and the list of inventory items.

Source: as documented. Assumed: the connection test compares `Version` only after it has accepted the Authorization_ID.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.sandbox.spectrum.access import company_of
from adapters.sandbox.spectrum.envelope import Row
from adapters.sandbox.spectrum.state import SpectrumState
from core.model.work_orders.optional_fields import ITEMS_READ
from core.model.work_orders.spectrum_fields import CONNECTION_TEST


def connection_test(state: SpectrumState, values: Mapping[str, str]) -> list[Row]:
    """Return the one S row of a success."""
    if not values["Version"]:
        return [Row("M", "Version", "A value is required")]
    if state.settings.version not in ("", values["Version"]):
        return [Row("I", "Version", "Version does not match")]
    return [Row("S", "", "Successful")]


def inventory_items(state: SpectrumState, values: Mapping[str, str]) -> list[Row]:
    """Return the rows that refuse. Its items have no part numbers here, so a search for one finds none; and without
    that the list is refused, because this sandbox has no answer for it."""
    if company_of(state, values) not in state.companies:
        return [Row("I", "pCompany_Code", "Company does not exist")]
    if not values["pEDP_Part_Number"]:
        return [Row("M", "pEDP_Part_Number", "This sandbox searches by part number only")]
    return []


READS: Mapping[str, Callable[[SpectrumState, Mapping[str, str]], list[Row]]] = {
    CONNECTION_TEST: connection_test,
    ITEMS_READ: inventory_items,
}
