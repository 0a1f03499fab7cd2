"""The two initial accounts of the sandbox ServiceTrade, with forty jobs together. Some jobs fail on purpose.

Cardinal has two external systems (`spectrum` is Spectrum company 101, `spectrum_west` 102), Bluefin one (`spectrum`,
103). Bluefin's answers have the other shapes: compound jobs, empty lists, page counts as text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from adapters.sandbox.servicetrade.state import (
    Company,
    Contract,
    Job,
    JobItem,
    Location,
    Login,
    ServiceTradeState,
    Settings,
)

_FIRST = 2412087334600705
_STEP = 4096
_FIRST_DUE, _HALF_A_DAY = 1795698000, 43200


@dataclass(frozen=True, slots=True)
class SeededJob:
    """One job of the seed and its purpose. `fields` are the fields of Job that differ from its defaults."""

    id: str
    number: str | None
    shows: str
    fields: dict[str, Any] = field(default_factory=dict)


def _jobs(first: int, *rows: tuple[str | None, str, dict[str, Any]]) -> tuple[SeededJob, ...]:
    return tuple(
        SeededJob(str(first + place * _STEP), number, shows, fields)
        for place, (number, shows, fields) in enumerate(rows)
    )


def _at(customer: str | None, location: str | None, contract: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "customer": _COMPANIES[customer] if customer else None,
        "location": _LOCATIONS[location] if location else None,
        "contract": _CONTRACTS[contract] if contract else None,
        **fields,
    }


_COMPANIES = {
    "harborview": "2274011930042369",
    "cedar grove": "2274011930046465",
    "millbrook": "2274011930050561",
    "triport": "2274011930054657",
    "oak hall": "2274011930058753",
    "pacific": "2274011930062849",
    "sunridge": "2274011930066945",
    "del mar": "2274011930071041",
    "riverside": "2274011930075137",
    "summit": "2274011930079233",
    "old town": "2274011930083329",
    "glacier": "2274021930042369",
    "lakeview": "2274021930046465",
    "nordic": "2274021930050561",
    "harbor cafe": "2274021930054657",
}
_LOCATIONS = {
    "plant 1": "2274012005535745",
    "plant 2": "2274012005539841",
    "cold store": "2274012005543937",
    "dock 7": "2274012005548033",
    "main building": "2274012005552129",
    "parking deck": "2274012005556225",
    "high school": "2274012005560321",
    "elementary": "2274012005564417",
    "terminal a": "2274012005568513",
    "annex": "2274012005572609",
    "tower 1": "2274012005576705",
    "yard": "2274012005580801",
    "north wing": "2274012005584897",
    "anchor store": "2274012005588993",
    "food court": "2274012005593089",
    "line 1": "2274022005535745",
    "warehouse": "2274022005539841",
    "clinic east": "2274022005543937",
    "clinic west": "2274022005548033",
    "showroom": "2274022005552129",
    "pier": "2274022005556225",
}
_CONTRACTS = {
    "harborview": "2274013112835073",
    "cedar grove": "2274013112839169",
    "millbrook": "2274013112843265",
    "on call": "2274013112847361",
    "sunridge": "2274013112851457",
    "glacier": "2274023112835073",
}

_LONG_DESCRIPTION = (
    "Annual inspection of the wet system on all five floors: trip the main drain, read the gauges, exercise every "
    "control valve, check hangers and spare heads, clear the fire department connection, retest the backflow "
    "preventer, and hand the deficiency list to the building engineer before leaving the site that day."
)

CARDINAL_JOBS = _jobs(
    _FIRST,
    (
        "104482",
        "goes through: customer, site and contract are mapped",
        _at(
            "harborview",
            "plant 2",
            "harborview",
            status="completed",
            completed_on=1795180320,
            customer_po="PO-77120",
            description="Replace leaking 4in check valve on riser 2 and retest.",
            tags=["riser"],
        ),
    ),
    (
        "104483",
        "goes through: scheduled, with a contract",
        _at(
            "harborview", "plant 1", "harborview", customer_po="PO-77121", description="Add two heads in the mix room."
        ),
    ),
    (
        "104484",
        "goes through: another customer",
        _at(
            "cedar grove",
            "main building",
            "cedar grove",
            type="preventative_maintenance",
            description="Quarterly test of the pump.",
        ),
    ),
    (
        "104485",
        "goes through: an inspection",
        _at("millbrook", "high school", "millbrook", description="Annual sprinkler inspection.", type="inspection"),
    ),
    (
        "104486",
        "goes through: an inspection at a second site",
        _at("millbrook", "elementary", "millbrook", description="Annual sprinkler inspection.", type="inspection"),
    ),
    (
        "104487",
        "goes through: no contract",
        _at("triport", "terminal a", customer_po="TP-1009", description="Repair broken standpipe cap."),
    ),
    (
        "104488",
        "goes through: neither contract nor customer PO",
        _at("oak hall", "tower 1", description="Tenant reports a dripping head on floor 9."),
    ),
    (
        "104489",
        "customer not mapped: MAP_CUSTOMER_MISSING",
        _at("riverside", "terminal a", description="Hood suppression check."),
    ),
    (
        "104490",
        "site not mapped: MAP_SITE_MISSING",
        _at("harborview", "dock 7", "harborview", customer_po="PO-77140", description="Dry valve will not reset."),
    ),
    (
        "104491",
        "customer's external id is blank: MAP_EMPTY_VALUE",
        _at("summit", "terminal a", description="Replace tamper switch."),
    ),
    (
        "104492",
        "site's external id is blank: MAP_EMPTY_VALUE",
        _at("triport", "annex", description="Install signs at the control valves."),
    ),
    (
        "1044930001",
        "ten digits leave no room for a leading character: WO_NUMBER_TOO_LONG",
        _at("cedar grove", "main building", description="Imported from the former system."),
    ),
    (
        "104494",
        "description over 250 characters: cut with a warning or refused",
        _at("cedar grove", "main building", description=_LONG_DESCRIPTION),
    ),
    (
        "104495",
        "customer PO over 25 characters: cut with a warning or refused",
        _at(
            "millbrook", "high school", customer_po="MILLBROOK SCHOOL DISTRICT 2026-0417", description="Replace gauge."
        ),
    ),
    (
        "104496",
        "Spectrum does not know the customer code: ERP_CUSTOMER_UNKNOWN",
        _at("old town", "terminal a", description="Relocate a horn strobe."),
    ),
    (
        "104497",
        "the site is inactive in Spectrum: ERP_SITE_UNKNOWN_OR_INACTIVE",
        _at("harborview", "cold store", description="Freezer zone: replace dry heads."),
    ),
    (
        "104498",
        "contract not mapped: goes through without, with a warning",
        _at("triport", "terminal a", "on call", description="Night call, alarm on zone 3."),
    ),
    (
        "104499",
        "contract of another customer's sites: ERP_CONTRACT_INVALID",
        _at("cedar grove", "main building", "harborview", description="Flush the underground main."),
    ),
    (
        "104500",
        "control and non-ASCII characters in description and PO",
        _at(
            "oak hall",
            "tower 1",
            customer_po="PO\u201377\u0007",
            description="Caf\u00e9 \u201cZo\u00eb\u201d:\tpr\u00fcfen \u2013 valve\u0000 N\u00ba 7 \U0001f525\r\n"
            "second line\u001b",
        ),
    ),
    (
        None,
        "no job number: JOB_NUMBER_MISSING",
        _at("harborview", "plant 1", status="new", description="Draft, not numbered yet."),
    ),
    ("104502", "no customer: CUSTOMER_MISSING", _at(None, "plant 1", description="Walk-through before the quote.")),
    ("104503", "no location: SITE_MISSING", _at("harborview", None, description="Consulting by telephone.")),
    (
        "104504",
        "site without a default type: WO_TYPE_REQUIRED unless the connection has one",
        _at("cedar grove", "parking deck", description="Dry system leaks air."),
    ),
    (
        "104505",
        "canceled, so that no list shows it unasked",
        _at("triport", "terminal a", status="canceled", description="Called off by the customer."),
    ),
    (
        "104506",
        "goes through on spectrum_west",
        _at("pacific", "yard", customer_po="PM-551", description="Replace hydrant cap."),
    ),
    (
        "104507",
        "goes through on spectrum_west, with a contract",
        _at("sunridge", "north wing", "sunridge", description="Test the kitchen system."),
    ),
    (
        "104508",
        "goes through on spectrum_west, invoiced already",
        _at("del mar", "anchor store", status="invoiced", completed_on=1795080000, description="Replace two heads."),
    ),
    (
        "104509",
        "on spectrum_west the site is inactive: ERP_SITE_UNKNOWN_OR_INACTIVE",
        _at("del mar", "food court", description="Hood suppression check."),
    ),
)

BLUEFIN_JOBS = _jobs(
    _FIRST + 10_000_000_000,
    (
        "2201",
        "goes through: customer, site and contract are mapped",
        _at("glacier", "line 1", "glacier", customer_po="GB-88", description="Rebuild the backflow preventer."),
    ),
    ("2202", "goes through: no contract", _at("glacier", "warehouse", description="Replace pressure switch.")),
    (
        "2203",
        "goes through: completed",
        _at("lakeview", "clinic east", status="completed", completed_on=1795170000, description="Annual inspection."),
    ),
    ("2204", "goes through: scheduled", _at("nordic", "showroom", customer_po="ND-4", description="Move three heads.")),
    (
        "2205",
        "Spectrum demands a lead source: LEAD_SOURCE_REQUIRED unless the connection has one",
        _at("lakeview", "clinic west", description="Replace smoke detector."),
    ),
    ("2206", "customer not mapped: MAP_CUSTOMER_MISSING", _at("harbor cafe", "showroom", description="Hood check.")),
    ("2207", "site not mapped: MAP_SITE_MISSING", _at("nordic", "pier", description="Dry hydrant inspection.")),
    ("2208", "neither description nor customer PO", _at("glacier", "warehouse")),
    (
        "2209",
        "goes through: closed",
        _at("glacier", "line 1", "glacier", status="closed", completed_on=1795100000, description="Replace gauge."),
    ),
    ("2210", "goes through: still bidding", _at("nordic", "showroom", status="bidding", description="Quote, floor 2.")),
    (
        "2211",
        "goes through: completed, invoice pending",
        _at("lakeview", "clinic east", status="pending_invoice", completed_on=1795160000, description="Spare heads."),
    ),
    (
        "104482",
        "has the number of a job in the other account, which is another Spectrum company",
        _at("glacier", "warehouse", description="Imported with its old number."),
    ),
)


def _id(jobs: tuple[SeededJob, ...], number: str | None) -> str:
    return next(job.id for job in jobs if job.number == number)


FIRST_JOB_ID = _id(CARDINAL_JOBS, "104482")
UNMAPPED_CUSTOMER_JOB_ID = _id(CARDINAL_JOBS, "104489")
FAILING_JOB_ID = UNMAPPED_SITE_JOB_ID = _id(CARDINAL_JOBS, "104490")
BLANK_CUSTOMER_JOB_ID = _id(CARDINAL_JOBS, "104491")
BLANK_SITE_JOB_ID = _id(CARDINAL_JOBS, "104492")
TEN_DIGIT_JOB_ID = _id(CARDINAL_JOBS, "1044930001")
LONG_DESCRIPTION_JOB_ID = _id(CARDINAL_JOBS, "104494")
LONG_PO_JOB_ID = _id(CARDINAL_JOBS, "104495")
UNKNOWN_CUSTOMER_JOB_ID = _id(CARDINAL_JOBS, "104496")
INACTIVE_SITE_JOB_ID = _id(CARDINAL_JOBS, "104497")
UNMAPPED_CONTRACT_JOB_ID = _id(CARDINAL_JOBS, "104498")
WRONG_CONTRACT_JOB_ID = _id(CARDINAL_JOBS, "104499")
ODD_CHARACTERS_JOB_ID = _id(CARDINAL_JOBS, "104500")
NO_NUMBER_JOB_ID = _id(CARDINAL_JOBS, None)
NO_CUSTOMER_JOB_ID = _id(CARDINAL_JOBS, "104502")
NO_LOCATION_JOB_ID = _id(CARDINAL_JOBS, "104503")
NO_TYPE_JOB_ID = _id(CARDINAL_JOBS, "104504")
WEST_JOB_ID = _id(CARDINAL_JOBS, "104506")
BLUEFIN_JOB_ID = _id(BLUEFIN_JOBS, "2201")


def cardinal_state() -> ServiceTradeState:
    """Return a new copy of the first account: twenty-eight jobs, the first one with job items of every kind."""
    state = ServiceTradeState(
        name="Cardinal Fire & Mechanical",
        external_systems=["spectrum", "spectrum_west"],
        companies={
            _COMPANIES["harborview"]: Company(name="Harborview Foods Inc", external_ids={"spectrum": "HARVIEW"}),
            _COMPANIES["cedar grove"]: Company(name="Cedar Grove Hospital", external_ids={"spectrum": "CEDARG"}),
            _COMPANIES["millbrook"]: Company(name="Millbrook School District", external_ids={"spectrum": "MILLBRK"}),
            _COMPANIES["triport"]: Company(name="Triport Logistics", external_ids={"spectrum": "TRIPORT"}),
            _COMPANIES["oak hall"]: Company(name="Oak Hall Apartments", external_ids={"spectrum": "OAKHALL"}),
            _COMPANIES["pacific"]: Company(name="Pacific Millwork", external_ids={"spectrum_west": "PACMILL"}),
            _COMPANIES["sunridge"]: Company(name="Sunridge Senior Living", external_ids={"spectrum_west": "SUNRIDGE"}),
            _COMPANIES["del mar"]: Company(name="Del Mar Retail", external_ids={"spectrum_west": "DELMAR"}),
            _COMPANIES["riverside"]: Company(name="Riverside Bakery"),
            _COMPANIES["summit"]: Company(name="Summit Storage", external_ids={"spectrum": " "}),
            _COMPANIES["old town"]: Company(name="Old Town Cinema", external_ids={"spectrum": "OLDTOWN"}),
        },
        locations={
            _LOCATIONS[key]: Location(name=name, company=_COMPANIES[company], external_ids=codes)
            for key, name, company, codes in (
                ("plant 1", "Harborview Foods - Plant 1", "harborview", {"spectrum": "HV0001"}),
                ("plant 2", "Harborview Foods - Plant 2", "harborview", {"spectrum": "HV0002"}),
                ("cold store", "Harborview Foods - Cold Store", "harborview", {"spectrum": "HV0003"}),
                ("dock 7", "Harborview Foods - Dock 7", "harborview", {}),
                ("main building", "Cedar Grove Main Building", "cedar grove", {"spectrum": "CG0001"}),
                ("parking deck", "Cedar Grove Parking Deck", "cedar grove", {"spectrum": "CG0002"}),
                ("high school", "Millbrook High School", "millbrook", {"spectrum": "MB0001"}),
                ("elementary", "Millbrook Elementary", "millbrook", {"spectrum": "MB0002"}),
                ("terminal a", "Triport Terminal A", "triport", {"spectrum": "TP0001"}),
                ("annex", "Triport Annex", "triport", {"spectrum": "  "}),
                ("tower 1", "Oak Hall Tower 1", "oak hall", {"spectrum": "OH0001"}),
                ("yard", "Pacific Millwork Yard", "pacific", {"spectrum_west": "PM0001"}),
                ("north wing", "Sunridge North Wing", "sunridge", {"spectrum_west": "SR0001"}),
                ("anchor store", "Del Mar Anchor Store", "del mar", {"spectrum_west": "DM0001"}),
                ("food court", "Del Mar Food Court", "del mar", {"spectrum_west": "DM0002"}),
            )
        },
        contracts={
            _CONTRACTS["harborview"]: Contract(
                name="Harborview Master Service", external_ids={"spectrum": "HV-MSA-26"}
            ),
            _CONTRACTS["cedar grove"]: Contract(name="Cedar Grove Maintenance", external_ids={"spectrum": "CG-PM-26"}),
            _CONTRACTS["millbrook"]: Contract(name="Millbrook Inspections", external_ids={"spectrum": "MB-INSP-26"}),
            _CONTRACTS["on call"]: Contract(name="Triport On Call"),
            _CONTRACTS["sunridge"]: Contract(name="Sunridge Maintenance", external_ids={"spectrum_west": "SR-PM-26"}),
        },
        jobs=_as_stored(CARDINAL_JOBS),
    )
    for item in _first_job_items():
        state.job_items[state.take_id()] = item
    return state


def bluefin_state() -> ServiceTradeState:
    """Return a new copy of the second account: twelve jobs, in the other shapes of ServiceTrade's answers."""
    return ServiceTradeState(
        name="Bluefin Mechanical",
        settings=Settings(job_shape="compound", empty_external_ids="array", total_pages="string"),
        login=Login(username="integration@bluefin.example", client_id="bluefin-client"),
        external_systems=["spectrum"],
        companies={
            _COMPANIES["glacier"]: Company(name="Glacier Bottling", external_ids={"spectrum": "GLACIER"}),
            _COMPANIES["lakeview"]: Company(name="Lakeview Clinic", external_ids={"spectrum": "LAKEVIEW"}),
            _COMPANIES["nordic"]: Company(name="Nordic Furniture", external_ids={"spectrum": "NORDIC"}),
            _COMPANIES["harbor cafe"]: Company(name="Harbor Cafe"),
        },
        locations={
            _LOCATIONS[key]: Location(name=name, company=_COMPANIES[company], external_ids=codes)
            for key, name, company, codes in (
                ("line 1", "Glacier Bottling Line 1", "glacier", {"spectrum": "GL0001"}),
                ("warehouse", "Glacier Warehouse", "glacier", {"spectrum": "GL0002"}),
                ("clinic east", "Lakeview Clinic East", "lakeview", {"spectrum": "LV0001"}),
                ("clinic west", "Lakeview Clinic West", "lakeview", {"spectrum": "LV0002"}),
                ("showroom", "Nordic Furniture Showroom", "nordic", {"spectrum": "ND0001"}),
                ("pier", "Nordic Furniture Pier", "nordic", {}),
            )
        },
        contracts={
            _CONTRACTS["glacier"]: Contract(name="Glacier Master Service", external_ids={"spectrum": "GL-MSA-26"}),
        },
        jobs=_as_stored(BLUEFIN_JOBS),
        next_id=2700000000000001,
    )


def _as_stored(jobs: tuple[SeededJob, ...]) -> dict[str, Job]:
    """Return the jobs by id. One job is due each half day."""
    return {
        seeded.id: Job(number=seeded.number, scheduled_date=_FIRST_DUE + place * _HALF_A_DAY, **seeded.fields)
        for place, seeded in enumerate(jobs)
    }


def _first_job_items() -> list[JobItem]:
    return [
        JobItem(
            job=FIRST_JOB_ID,
            name=name,
            kind=kind,
            code=code,
            quantity=Decimal(quantity),
            cost=Decimal(cost) if cost else None,
            library_external_ids={"spectrum": mapped} if mapped else {},
        )
        for name, kind, code, quantity, cost, mapped in (
            ("Labor - Regular", "labor", "LAB-REG", "3.5", "42.00", "LABOR"),
            ("Labor - Overtime", "labor", "LAB-OT", "1.25", "63.00", "LABOR"),
            ("Check valve 4in grooved", "part", "CV-4G", "1", "412.85", "CV4G"),
            ("Pipe, 4in sch 10", "material", "PIPE-4S10", "12.5", "9.40", "PIPE4"),
            ("Scissor lift rental", "equipment", "LIFT-D", "1", "185.00", None),
            ("Valve retest", "inspection", "INSP-RT", "1", "0.00", None),
            ("Core drilling by others", "subcontractor", "SUB-CORE", "1", "300.00", None),
            ("Trip charge", "fee", "FEE-TRIP", "1", "0.00", None),
            ("Permit handling", "general conditions", "GC-PERMIT", "1", "75.00", None),
            ("Sealant, field purchase", "other", None, "2", None, None),
        )
    ]
