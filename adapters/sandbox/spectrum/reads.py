"""The services of the sandbox Spectrum that change nothing: its connection test, and the lists of customers and items.

Source: parameters and columns as documented; codes are right-justified, other texts padded. Assumed: the connection
test compares `Version` only after it has accepted the Authorization_ID; in a text parameter `*` stands for any text;
rows come in the order of their codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import islice

from adapters.sandbox.spectrum.access import company_of
from adapters.sandbox.spectrum.envelope import AnyRow, Row
from adapters.sandbox.spectrum.field_check import problem_of
from adapters.sandbox.spectrum.state import Customer, Item, SpectrumState
from core.model.work_orders.optional_fields import CUSTOMERS_READ, ITEMS_READ
from core.model.work_orders.spectrum_fields import CONNECTION_TEST, SPECTRUM_FIELDS


def connection_test(state: SpectrumState, values: Mapping[str, str]) -> Sequence[AnyRow]:
    """Return the one S row of a success."""
    if not values["Version"]:
        return [Row("M", "Version", "A value is required")]
    if state.settings.version not in ("", values["Version"]):
        return [Row("I", "Version", "Version does not match")]
    return [Row("S", "", "Successful")]


def customers(state: SpectrumState, values: Mapping[str, str]) -> Sequence[AnyRow]:
    """The customers of a company: active ones, or with pStatus I or ALL also inactive ones."""
    if refusals := _refusals(state, CUSTOMERS_READ, values, {"pStatus": ("", "I", "ALL")}):
        return refusals
    company = company_of(state, values)
    found = (
        _customer(company, code, one)
        for code, one in sorted(state.companies[company].customers.items())
        if one.active or values["pStatus"]
    )
    return _limited(state, found)


def inventory_items(state: SpectrumState, values: Mapping[str, str]) -> Sequence[AnyRow]:
    """The items of a company, narrowed by category, description and status. They have no part numbers, vendors and cost
    centers here, so a search for one finds none."""
    if refusals := _refusals(state, ITEMS_READ, values, {"pStatus_Discontinue_Flag": ("", "A", "D", "N")}):
        return refusals
    if any(values[name] for name in ("pEDP_Part_Number", "pVendor_Part_Number", "pPrimary_Vendor", "pCost_Center")):
        return []
    company = company_of(state, values)
    found = (
        _item(company, code, one)
        for code, one in sorted(state.companies[company].items.items())
        if _matches(one.category, values["pItem_Category"])
        and _matches(one.name, values["pItem_Description"])
        and values["pStatus_Discontinue_Flag"] in ("", _flag(one))
    )
    return _limited(state, found)


def _refusals(
    state: SpectrumState, service: str, values: Mapping[str, str], choices: Mapping[str, tuple[str, ...]]
) -> Sequence[AnyRow]:
    if company_of(state, values) not in state.companies:
        return [Row("I", "pCompany_Code", "Company does not exist")]
    wrong = {
        field.name: problem
        for field in SPECTRUM_FIELDS[service]
        if (value := values[field.name]) and field.name not in choices and (problem := problem_of(field, value))
    }
    wrong |= {name: f"Use {', '.join(given)}" for name, given in choices.items() if values[name] not in given}
    return [Row("I", name, text) for name, text in wrong.items()]


def _limited(state: SpectrumState, found: Iterator[AnyRow]) -> Sequence[AnyRow]:
    limit = state.settings.row_limit
    rows = list(islice(found, limit or None))
    if next(found, None) is not None:
        rows.append(Row("W", "", f"Only the first {limit} rows are returned; narrow the selection"))
    return rows


def _matches(text: str, wanted: str) -> bool:
    return not wanted or fnmatchcase(text.upper(), wanted.upper().replace("[", "[[]").replace("?", "[?]"))


def _customer(company: str, code: str, one: Customer) -> Mapping[str, str]:
    return {
        "Company_Code": company.rjust(3),
        "Customer_Code": code.rjust(10),
        "Name": one.name.ljust(30),
        "Address_1": one.address_1.ljust(30),
        "Address_2": one.address_2.ljust(30),
        "City": one.city.ljust(25),
        "State": one.state.ljust(2),
        "Zip_Code": one.zip_code.ljust(10),
        "First_Name": "",
        "Last_Name": "",
        "Phone_Number": one.phone,
        "Email1": "",
        "Price_Level_Material": "1",
        "Taxable_Flag": "No Default",
        "Status": "Active" if one.active else "Inactive",
    }


def _item(company: str, code: str, one: Item) -> Mapping[str, str]:
    unit = one.units[0] if one.units else ""
    return {
        "Company_Code": company.rjust(3),
        "Item_Code": code.rjust(15),
        "Item_Description": one.name.ljust(35),
        "Standard_Cost": "0.00",
        "Purchase_Unit_Of_Measure": unit,
        "Unit_Of_Measure_Conversion": "1",
        "Price_List1": "0.00",
        "Sell_Unit_Of_Measure": unit,
        "Item_Category": one.category.rjust(4),
        "Status_Discontinue_Flag": _flag(one),
        "Date_Discontinued": "",
    }


def _flag(one: Item) -> str:
    return "D" if one.discontinued else "A"


READS: Mapping[str, Callable[[SpectrumState, Mapping[str, str]], Sequence[AnyRow]]] = {
    CONNECTION_TEST: connection_test,
    CUSTOMERS_READ: customers,
    ITEMS_READ: inventory_items,
}
