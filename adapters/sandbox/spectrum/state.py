"""The state of the sandbox Spectrum: companies with their customers, sites and work orders, and the allowed callers.

Codes are trimmed here; Spectrum right-justifies them in its answers. Everything is plain data: the control port shows
it as JSON, and accepts a whole state (PUT) or a JSON merge patch (PATCH: null removes an entry). If a patch changes
fields of a work order, its history records them as typed by a person on Spectrum's screen.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal, get_args

from pydantic import Field

from adapters.sandbox.controlled_state import ControlledState, Record, merged
from core.model.work_orders.annotation import USER_FIELDS

KEY_LENGTH = 24
ServiceName = Literal[
    "WorkOrderHeader",
    "AddWOMaterialCost",
    "AddWOOtherCharges",
    "AddWOTask",
    "WSTestConnection",
    "GetCustomers",
    "GetInventoryItems",
    "WOHeaderNotes",
    "UpdateWorkOrderHeader_UDF",
    "AddWOSiteAddress",
    "AddCustomer",
    "UpdateCustomer",
]
LineService = Literal["AddWOMaterialCost", "AddWOOtherCharges", "AddWOTask"]
ALL_SERVICES: tuple[ServiceName, ...] = get_args(ServiceName)
LINE_SERVICES: tuple[LineService, ...] = get_args(LineService)


class Customer(Record):
    """`phone` is that of the first contact."""

    name: str = ""
    active: bool = True
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    phone: str = ""


class Site(Record):
    """`work_order_type` and `lead_source` are the site's defaults, '' for none; `customer` is its customer's code."""

    name: str = ""
    active: bool = True
    work_order_type: str = ""
    lead_source: str = ""
    customer: str = ""
    address_1: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""


class Contract(Record):
    """A service contract, valid on the listed sites."""

    sites: list[str]
    name: str = ""


class WorkOrderType(Record):
    """Direct-cost types serve job work orders, the others site work orders."""

    direct_cost: bool = False
    has_department: bool = True


class Item(Record):
    """An inventory item with its allowed units; the first is the one it is sold in."""

    name: str = ""
    category: str = ""
    discontinued: bool = False
    units: list[str] = Field(default_factory=lambda: ["EA"])


class Task(Record):
    """A work order task. One with the price type T+M takes no price of its own."""

    name: str = ""
    price_type: Literal["F", "T+M"] = "F"


class Change(Record):
    """One write to a work order: its source (`web_service` or `screen`) and the new values."""

    at: datetime
    by: Literal["web_service", "screen"]
    fields: dict[str, str]


class StoredDocument(Record):
    """A document without its content."""

    type: str
    description: str
    bytes: int
    sha256: str


class WorkOrder(Record):
    """`fields` holds the stored fields without empty ones. A completed order accepts no more writes. `notes` maps
    topics to their texts, `user_fields` UDF1 to UDF20 to their values."""

    fields: dict[str, str] = Field(default_factory=dict)
    completed: bool = False
    locked: bool = False
    history: list[Change] = Field(default_factory=list)
    notes: dict[str, str] = Field(default_factory=dict)
    user_fields: dict[str, str] = Field(default_factory=dict)
    documents: dict[str, StoredDocument] = Field(default_factory=dict)

    def write(self, values: dict[str, str], by: Literal["web_service", "screen"]) -> None:
        self.fields.update(values)
        self.history.append(Change(at=datetime.now(UTC), by=by, fields=values))


class PostedLine(Record):
    """One cost line or task. Lines are only added."""

    system_key: str
    at: datetime
    fields: dict[str, str]


class NewRecord(Record):
    """One call of a service for sites or customers that was applied."""

    service: str
    at: datetime
    fields: dict[str, str]


class Company(Record):
    """One company. `warehouses` and `other_charges` map code to name; the switches are installation choices."""

    name: str = ""
    customers: dict[str, Customer] = Field(default_factory=dict)
    sites: dict[str, Site] = Field(default_factory=dict)
    contracts: dict[str, Contract] = Field(default_factory=dict)
    work_order_types: dict[str, WorkOrderType] = Field(default_factory=dict)
    items: dict[str, Item] = Field(default_factory=dict)
    warehouses: dict[str, str] = Field(default_factory=dict)
    other_charges: dict[str, str] = Field(default_factory=dict)
    tasks: dict[str, Task] = Field(default_factory=dict)
    lead_source_required: bool = False
    site_equipment_required: bool = False
    cost_centers: list[str] = Field(default_factory=list)
    note_topics: list[str] = Field(default_factory=lambda: ["JOBFERRY"])
    period_open: bool = True
    processing_dates_set: bool = True
    next_number: int = 50001
    work_orders: dict[str, WorkOrder] = Field(default_factory=dict)
    material: list[PostedLine] = Field(default_factory=list)
    charges: list[PostedLine] = Field(default_factory=list)
    new_records: list[NewRecord] = Field(default_factory=list)
    task_lines: list[PostedLine] = Field(default_factory=list)

    def ledger(self, service: LineService) -> list[PostedLine]:
        """Return the lines that the service adds to."""
        return {"AddWOMaterialCost": self.material, "AddWOOtherCharges": self.charges, "AddWOTask": self.task_lines}[
            service
        ]

    def take_number(self) -> str:
        """Return the next free work order number."""
        while str(self.next_number) in self.work_orders:
            self.next_number += 1
        return str(self.next_number)

    def open_work_order(self, number: str) -> WorkOrder:
        return self.work_orders.setdefault(number, WorkOrder())

    def post(self, ledger: list[PostedLine], fields: dict[str, str]) -> PostedLine:
        """Append a line with a new System_Key of 24 characters that no line has, even after a deletion."""
        keys = (line.system_key for service in LINE_SERVICES for line in self.ledger(service))
        taken = [int(one) for one in keys if one.isdecimal()]
        key = f"{max(taken, default=0) + 1:0{KEY_LENGTH}d}"
        ledger.append(line := PostedLine(system_key=key, at=datetime.now(UTC), fields=fields))
        return line


class Authorization(Record):
    """The rights of an Authorization_ID. The first company is its default. `user_fields` are those that are mapped for
    it, which UpdateWorkOrderHeader_UDF may write."""

    companies: list[str] = Field(min_length=1)
    services: list[ServiceName] = Field(default_factory=lambda: list(ALL_SERVICES))
    user_fields: list[str] = Field(default_factory=lambda: list(USER_FIELDS))
    active: bool = True


class GuidUse(Record):
    """The use of a GUID. It belongs to the Authorization_ID that used it first, and expires if it is not used."""

    authorization: str
    last_used: datetime


class Settings(Record):
    """The behaviour of this installation where the documentation says nothing or leaves a choice.

    `success`: nothing inside returnData, or G rows. `enhanced_auth`: every call needs a Bearer token.
    `secret_expired`: the token endpoint answers 401. `max_concurrent`: more parallel writes get a server fault (0 = no
    limit). `images`: documents are taken. `misspelt`: the service of user-defined fields is deployed as the
    documentation prints its WSDL. `version`: the one that the connection test accepts ('' = any). `fault_status`: the
    HTTP status of SOAP faults. `guid_hours`: the lifetime of an unused GUID. `row_limit`: a list has at most so many
    rows, and a W row if there are more (0 = no limit).
    """

    success: Literal["empty", "rows"] = "empty"
    version: str = ""
    services: list[ServiceName] = Field(default_factory=lambda: list(ALL_SERVICES))
    enhanced_auth: bool = False
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - known to everybody, protects nothing
    secret_expired: bool = False
    self_rotation: bool = True
    token_seconds: int = 3600
    guid_hours: float = 24
    max_concurrent: int = 0
    misspelt: bool = False
    images: bool = True
    fault_status: int = 500
    row_limit: int = 500


class SpectrumState(ControlledState):
    """The whole installation. `most_writes_at_once` is the highest number of parallel writes, by company."""

    settings: Settings = Field(default_factory=Settings)
    authorizations: dict[str, Authorization] = Field(default_factory=dict)
    companies: dict[str, Company] = Field(default_factory=dict)
    guids: dict[str, GuidUse] = Field(default_factory=dict)
    most_writes_at_once: dict[str, int] = Field(default_factory=dict)

    def work_order(self, company: str, number: str) -> WorkOrder:
        """Return a work order. Raises KeyError if there is none."""
        return self.companies[company].work_orders[number]

    def lines_of(self, company: str, number: str) -> list[tuple[LineService, PostedLine]]:
        """Return the cost lines and tasks of a work order in posting order, each with the service that added it."""
        kept = self.companies[company]
        lines = [(service, line) for service in LINE_SERVICES for line in kept.ledger(service)]
        found = [line for line in lines if line[1].fields.get("WO_Number") == number]
        return sorted(found, key=lambda line: line[1].system_key)

    def note_guid(self, guid: str, authorization: str, at: datetime) -> None:
        self.guids[guid] = GuidUse(authorization=authorization, last_used=at)

    def alter(self, changes: dict[str, Any]) -> None:
        """The same, with changed fields of a work order in its history."""
        altered = self._validated(merged(self.to_json(), changes))
        for company, kept in self.companies.items():
            for number, order in kept.work_orders.items():
                self._note_screen_edit(order, altered, company, number)
        self._become(altered)

    def _note_screen_edit(self, order: WorkOrder, altered: SpectrumState, company: str, number: str) -> None:
        try:
            after = altered.work_order(company, number)
        except KeyError:
            return
        names = order.fields.keys() | after.fields.keys()
        typed = {name: after.fields.get(name, "") for name in names}
        if typed := {name: value for name, value in typed.items() if order.fields.get(name, "") != value}:
            after.history.append(Change(at=datetime.now(UTC), by="screen", fields=typed))
