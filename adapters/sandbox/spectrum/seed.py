"""The three initial companies of the sandbox Spectrum, for two tenants and three connections.

Company 101 and 102 belong to a fire-protection contractor, 103 to a second one. Some records cause refusals: inactive
sites, contracts that are not valid everywhere, a direct-cost type, sites without a default type or lead source.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.sandbox.spectrum.state import (
    Authorization,
    Company,
    Contract,
    Customer,
    Item,
    Site,
    SpectrumState,
    WorkOrderType,
)

AUTHORIZATION_IDS: Mapping[str, str] = {"101": "SANDBOX-101", "102": "SANDBOX-102", "103": "SANDBOX-103"}
"""The Authorization_ID of each company."""

NORTH_CUSTOMERS = {
    "HARVIEW": "Harborview Foods Inc",
    "CEDARG": "Cedar Grove Hospital",
    "MILLBRK": "Millbrook School District",
    "TRIPORT": "Triport Logistics",
    "OAKHALL": "Oak Hall Apartments",
}
NORTH_SITES = {
    "HV0001": Site(name="Harborview Foods - Plant 1", work_order_type="SVC", lead_source="CONTRACT"),
    "HV0002": Site(name="Harborview Foods - Plant 2", work_order_type="SVC", lead_source="CONTRACT"),
    "HV0003": Site(name="Harborview Foods - Cold Store", active=False, work_order_type="SVC"),
    "CG0001": Site(name="Cedar Grove Main Building", work_order_type="SVC"),
    "CG0002": Site(name="Cedar Grove Parking Deck"),
    "MB0001": Site(name="Millbrook High School", work_order_type="INSP"),
    "MB0002": Site(name="Millbrook Elementary", work_order_type="INSP"),
    "TP0001": Site(name="Triport Terminal A", work_order_type="SVC"),
    "TP0002": Site(name="Triport Terminal B"),
    "OH0001": Site(name="Oak Hall Tower 1", work_order_type="SVC"),
}
NORTH_CONTRACTS = {
    "HV-MSA-26": Contract(name="Harborview Master Service", sites=["HV0001", "HV0002"]),
    "CG-PM-26": Contract(name="Cedar Grove Maintenance", sites=["CG0001"]),
    "MB-INSP-26": Contract(name="Millbrook Inspections", sites=["MB0001", "MB0002"]),
}

WEST_CUSTOMERS = {"PACMILL": "Pacific Millwork", "SUNRIDGE": "Sunridge Senior Living", "DELMAR": "Del Mar Retail"}
WEST_SITES = {
    "PM0001": Site(name="Pacific Millwork Yard", work_order_type="SVC"),
    "PM0002": Site(name="Pacific Millwork Kiln House"),
    "SR0001": Site(name="Sunridge North Wing", work_order_type="PM"),
    "SR0002": Site(name="Sunridge South Wing", work_order_type="PM"),
    "DM0001": Site(name="Del Mar Anchor Store", work_order_type="SVC"),
    "DM0002": Site(name="Del Mar Food Court", active=False),
}
WEST_CONTRACTS = {"SR-PM-26": Contract(name="Sunridge Maintenance", sites=["SR0001", "SR0002"])}

LAKE_CUSTOMERS = {"GLACIER": "Glacier Bottling", "LAKEVIEW": "Lakeview Clinic", "NORDIC": "Nordic Furniture"}
LAKE_SITES = {
    "GL0001": Site(name="Glacier Bottling Line 1", work_order_type="SVC", lead_source="REFERRAL"),
    "GL0002": Site(name="Glacier Warehouse", work_order_type="SVC", lead_source="REFERRAL"),
    "LV0001": Site(name="Lakeview Clinic East", work_order_type="SVC", lead_source="WEB"),
    "LV0002": Site(name="Lakeview Clinic West", work_order_type="SVC"),
    "ND0001": Site(name="Nordic Furniture Showroom", work_order_type="SVC", lead_source="WEB"),
}
LAKE_CONTRACTS = {"GL-MSA-26": Contract(name="Glacier Master Service", sites=["GL0001"])}

WORK_ORDER_TYPES = {
    "SVC": WorkOrderType(),
    "PM": WorkOrderType(),
    "INSP": WorkOrderType(),
    "MISC": WorkOrderType(has_department=False),
    "JOBDC": WorkOrderType(direct_cost=True),
}
ITEMS = {
    "CV4G": Item(name="Check valve 4in grooved"),
    "PIPE4": Item(name="Pipe 4in sch 10", units=["FT"]),
    "SPRK-K56": Item(name="Sprinkler head K5.6"),
    "LIFT-D": Item(name="Scissor lift, day rate", units=["DY", "EA"]),
    "GAUGE-300": Item(name="Pressure gauge 300 psi"),
}
OTHER_CHARGES = {
    "SUB-CORE": "Core drilling by others",
    "FEE-TRIP": "Trip charge",
    "GC-PERMIT": "Permit handling",
    "MISC": "Miscellaneous",
}


def seeded_state() -> SpectrumState:
    """Return a new copy of the three companies, without work orders."""
    return SpectrumState(
        authorizations={code: Authorization(companies=[company]) for company, code in AUTHORIZATION_IDS.items()},
        companies={
            "101": _company("Fire protection, north", NORTH_CUSTOMERS, NORTH_SITES, NORTH_CONTRACTS),
            "102": _company("Fire protection, west", WEST_CUSTOMERS, WEST_SITES, WEST_CONTRACTS),
            "103": _company("Lake mechanical", LAKE_CUSTOMERS, LAKE_SITES, LAKE_CONTRACTS, lead_source_required=True),
        },
    )


def _company(
    name: str,
    customers: Mapping[str, str],
    sites: Mapping[str, Site],
    contracts: Mapping[str, Contract],
    *,
    lead_source_required: bool = False,
) -> Company:
    return Company(
        name=name,
        customers={code: Customer(name=customer) for code, customer in customers.items()},
        sites={code: site.model_copy() for code, site in sites.items()},
        contracts={code: contract.model_copy(deep=True) for code, contract in contracts.items()},
        work_order_types={code: kind.model_copy() for code, kind in WORK_ORDER_TYPES.items()},
        items={code: item.model_copy(deep=True) for code, item in ITEMS.items()},
        warehouses={"MAIN": "Main warehouse"},
        other_charges=dict(OTHER_CHARGES),
        lead_source_required=lead_source_required,
    )
