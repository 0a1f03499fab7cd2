"""The refusals of the sandbox Spectrum: all problems of a write at once, at most one per column.

Source: Spectrum Data Exchange documentation; the texts of the answers are our own. Not simulated: job work orders
(every job is unknown) and code tables such as zones, priorities, taxes and terms (every code is accepted).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from adapters.sandbox.spectrum.envelope import Row
from adapters.sandbox.spectrum.field_check import problem_of
from adapters.sandbox.spectrum.state import Company, WorkOrder
from core.model.work_orders.spectrum_fields import SPECTRUM_FIELDS

_Known = TypeVar("_Known")


class Problems:
    """Collects rows for one call, starting with the format errors of its values and the missing ones."""

    def __init__(self, service: str, values: Mapping[str, str]) -> None:
        self.values = values
        self._rows: dict[str, Row] = {}
        for field in SPECTRUM_FIELDS[service]:
            if (value := values[field.name]) and (wrong := problem_of(field, value)):
                self.invalid(field.name, wrong)
        self.require(*(field.name for field in SPECTRUM_FIELDS[service] if field.required is True))

    @property
    def rows(self) -> list[Row]:
        return list(self._rows.values())

    def invalid(self, column: str, text: str) -> None:
        self._rows.setdefault(column, Row("I", column, text))

    def error(self, column: str, text: str) -> None:
        self._rows.setdefault(column, Row("E", column, text))

    def require(self, *columns: str) -> None:
        for column in columns:
            if not self.values[column]:
                self._rows.setdefault(column, Row("M", column, "A value is required"))

    def look_up(self, column: str, table: Mapping[str, _Known], what: str) -> _Known | None:
        """The record that the column names. A value that `table` lacks becomes an I row; an empty one is fine."""
        value = self.values[column]
        if value and value not in table:
            self.invalid(column, f"{what} does not exist")
        return table.get(value)


def header_problems(company: Company, values: Mapping[str, str]) -> list[Row]:
    """Return all problems that stop WorkOrderHeader from creating or changing the work order."""
    found = Problems("WorkOrderHeader", values)
    order = company.work_orders.get(values["WO_Number"])
    _judge_site(found, company)
    _judge_customer(found, company)
    _judge_contract(found, company)
    _judge_type(found, company)
    if values["Cost_Center"] and values["Cost_Center"] not in company.cost_centers:
        found.invalid("Cost_Center", "Cost center is not valid for this site and customer")
    if order is None:
        _judge_creation(found, company)
    _judge_openness(found, company, order)
    return found.rows


def _judge_site(found: Problems, company: Company) -> None:
    if found.values["WO_Reference_Code"] == "J":
        found.invalid("WO_Job_Number", "Job does not exist")
        return
    site = found.look_up("WO_Job_Number", company.sites, "Site")
    if site and not site.active:
        found.invalid("WO_Job_Number", "Site is not active")


def _judge_customer(found: Problems, company: Company) -> None:
    customer = found.look_up("Bill_Customer_Code", company.customers, "Customer")
    if customer and not customer.active:
        found.invalid("Bill_Customer_Code", "Customer is not active")


def _judge_contract(found: Problems, company: Company) -> None:
    contract = found.look_up("Contract_Number", company.contracts, "Contract")
    if contract and found.values["WO_Job_Number"] not in contract.sites:
        found.invalid("Contract_Number", "Contract is not valid for this site")


def _judge_type(found: Problems, company: Company) -> None:
    kind = found.look_up("WO_Job_Division", company.work_order_types, "Work order type")
    if kind and kind.direct_cost:
        found.invalid("WO_Job_Division", "A direct-cost type cannot be used for a site work order")


def _judge_creation(found: Problems, company: Company) -> None:
    found.require("Bill_Customer_Code")
    if found.values["WO_Job_Number"] not in company.sites:
        return
    stored = with_defaults(company, found.values)
    if not stored["WO_Job_Division"]:
        found.require("WO_Job_Division")
    kind = company.work_order_types.get(stored["WO_Job_Division"])
    if kind and not kind.has_department:
        found.require("GL_Department")
    if company.lead_source_required and not stored["Lead_Source"]:
        found.require("Lead_Source")


def _judge_openness(found: Problems, company: Company, order: WorkOrder | None) -> None:
    if order and order.completed:
        found.error("WO_Number", "Work order is completed and cannot be changed")
    if not company.period_open:
        found.error("Processing_Date", "Processing date is outside the open period")


def with_defaults(company: Company, values: Mapping[str, str]) -> dict[str, str]:
    """Return the values of a new work order, with the defaults of its site."""
    stored = dict(values)
    if site := company.sites.get(values["WO_Job_Number"]):
        stored["WO_Job_Division"] = stored["WO_Job_Division"] or site.work_order_type
        stored["Lead_Source"] = stored["Lead_Source"] or site.lead_source
    return stored


def material_problems(company: Company, values: Mapping[str, str]) -> list[Row]:
    """Return all problems that stop AddWOMaterialCost from adding the line. A leading `!` marks a non-stock item."""
    found = Problems("AddWOMaterialCost", values)
    _judge_order_of_line(found, company)
    if values["Item_Code"].startswith("!"):
        return found.rows
    item = found.look_up("Item_Code", company.items, "Item")
    if item and values["Unit_Of_Measure"] not in ("", *item.units):
        found.invalid("Unit_Of_Measure", "Unit of measure is not valid for this item")
    found.look_up("Warehouse_Code", company.warehouses, "Warehouse")
    for column in ("Unit_Cost", "Item_Description"):
        if values[column]:
            found.invalid(column, "Only allowed for a non-stock item")
    return found.rows


def charge_problems(company: Company, values: Mapping[str, str]) -> list[Row]:
    """Return all problems that stop AddWOOtherCharges from adding the line."""
    found = Problems("AddWOOtherCharges", values)
    _judge_order_of_line(found, company)
    found.look_up("Other_Cost_Item", company.other_charges, "Other charge")
    return found.rows


def task_problems(company: Company, values: Mapping[str, str]) -> list[Row]:
    """Return all problems that stop AddWOTask from adding the task: work order and task must exist, the quantity is a
    whole number of 1 to 999, and only a task that is not T+M has a price [doc]."""
    found = Problems("AddWOTask", values)
    found.look_up("WO_Number", company.work_orders, "Work order")
    _judge_openness(found, company, company.work_orders.get(values["WO_Number"]))
    task = found.look_up("Work_Task", company.tasks, "Work task")
    if values["Quantity"] and not (values["Quantity"].isdecimal() and int(values["Quantity"]) > 0):
        found.invalid("Quantity", "Quantity must be a positive whole number")
    if task and task.price_type == "T+M" and values["Task_Price"]:
        found.invalid("Task_Price", "Not allowed for a task with the price type T+M")
    return found.rows


def _judge_order_of_line(found: Problems, company: Company) -> None:
    found.look_up("WO_Number", company.work_orders, "Work order")
    if company.site_equipment_required:
        found.require("WO_Site_Equipment")
    _judge_openness(found, company, company.work_orders.get(found.values["WO_Number"]))
