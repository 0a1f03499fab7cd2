"""New sites and customers in the sandbox Spectrum, and changes of customers.

Source: the fields and rules of AddWOSiteAddress, AddCustomer and UpdateCustomer as documented: a site code has no
duplicates, a customer code is unique. Not documented, and assumed: the texts of the refusals; that UpdateCustomer
refuses an unknown customer and leaves alone what is empty. Every terms and tax code is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.sandbox.spectrum.envelope import Row
from adapters.sandbox.spectrum.rules import Problems
from adapters.sandbox.spectrum.state import Company, Customer, NewRecord, Site
from core.model.creations.states import postal_code_of
from core.model.work_orders.optional_fields import ADD_CUSTOMER, ADD_SITE, UPDATE_CUSTOMER

_CODE = re.compile(r"^[A-Z0-9]+$", re.ASCII)
_COLUMNS = {
    "name": "Name",
    "address_1": "Address_1",
    "address_2": "Address_2",
    "city": "City",
    "state": "State",
    "zip_code": "Zip_Code",
    "phone": "Phone",
}
_SITE_COLUMNS = {
    "name": "Site_Name",
    "work_order_type": "WO_Type",
    "customer": "Site_Customer_Code",
    "address_1": "Site_Address1",
    "city": "Site_City",
    "state": "Site_State",
    "zip_code": "Site_Zip_Code",
}


def new_site_problems(company: Company, values: Mapping[str, str]) -> list[Row]:
    found = Problems(ADD_SITE, values)
    if values["Site_ID"] in company.sites:
        found.invalid("Site_ID", "Site already exists")
    customer = found.look_up("Site_Customer_Code", company.customers, "Customer")
    if customer and not customer.active:
        found.invalid("Site_Customer_Code", "Customer is not active")
    _judge_state(found, "Site_State")
    return found.rows


def new_customer_problems(company: Company, values: Mapping[str, str]) -> list[Row]:
    found = Problems(ADD_CUSTOMER, values)
    _judge_customer_code(found)
    if values["Customer_Code"] in company.customers:
        found.invalid("Customer_Code", "Customer code already exists")
    _judge_state(found, "State")
    return found.rows


def changed_customer_problems(company: Company, values: Mapping[str, str]) -> list[Row]:
    found = Problems(UPDATE_CUSTOMER, values)
    _judge_customer_code(found)
    found.look_up("Customer_Code", company.customers, "Customer")
    _judge_state(found, "State")
    return found.rows


def add_site(company: Company, values: Mapping[str, str]) -> Row:
    company.sites[values["Site_ID"]] = Site.model_validate(
        {name: values[column] for name, column in _SITE_COLUMNS.items()}
    )
    return _noted(company, ADD_SITE, "Site_ID", values)


def add_customer(company: Company, values: Mapping[str, str]) -> Row:
    company.customers[values["Customer_Code"]] = Customer.model_validate(
        {name: values[column] for name, column in _COLUMNS.items()}
    )
    return _noted(company, ADD_CUSTOMER, "Customer_Code", values)


def change_customer(company: Company, values: Mapping[str, str]) -> Row:
    present = company.customers[values["Customer_Code"]]
    changes = {name: values[column] for name, column in _COLUMNS.items() if values[column]}
    company.customers[values["Customer_Code"]] = present.model_copy(update=changes)
    return _noted(company, UPDATE_CUSTOMER, "Customer_Code", values)


@dataclass(frozen=True, slots=True)
class NewRecordService:
    """`problems` are what stops a call, `make` is what it does."""

    problems: Callable[[Company, Mapping[str, str]], list[Row]]
    make: Callable[[Company, Mapping[str, str]], Row]


NEW_RECORDS: Mapping[str, NewRecordService] = {
    ADD_SITE: NewRecordService(new_site_problems, add_site),
    ADD_CUSTOMER: NewRecordService(new_customer_problems, add_customer),
    UPDATE_CUSTOMER: NewRecordService(changed_customer_problems, change_customer),
}


def _judge_customer_code(found: Problems) -> None:
    code = found.values["Customer_Code"]
    if code and not _CODE.match(code):
        found.invalid("Customer_Code", "Use capital letters and digits without symbols")


def _judge_state(found: Problems, column: str) -> None:
    value = found.values[column]
    if value and postal_code_of(value) != value:
        found.invalid(column, "State is not valid")


def _noted(company: Company, service: str, column: str, values: Mapping[str, str]) -> Row:
    filled = {name: text for name, text in values.items() if text}
    company.new_records.append(NewRecord(service=service, at=datetime.now(UTC), fields=filled))
    return Row("G", column, values[column].rjust(10))
