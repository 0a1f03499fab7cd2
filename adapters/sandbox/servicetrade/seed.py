"""The two initial accounts of the sandbox ServiceTrade, with forty jobs together. Some jobs fail on purpose.

Cardinal has two external systems (`spectrum` is Spectrum company 101, `spectrum_west` 102), Bluefin one (`spectrum`,
103). Bluefin's answers have the other shapes: compound jobs, empty lists, page counts as text.
"""

from __future__ import annotations

from decimal import Decimal

from adapters.sandbox.servicetrade.seed_jobs import (
    BLUEFIN_JOBS,
    CARDINAL_JOBS,
    COMPANIES,
    CONTRACTS,
    FIRST_DUE,
    HALF_A_DAY,
    LOCATIONS,
    SeededJob,
)
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
            COMPANIES["harborview"]: Company(name="Harborview Foods Inc", external_ids={"spectrum": "HARVIEW"}),
            COMPANIES["cedar grove"]: Company(name="Cedar Grove Hospital", external_ids={"spectrum": "CEDARG"}),
            COMPANIES["millbrook"]: Company(name="Millbrook School District", external_ids={"spectrum": "MILLBRK"}),
            COMPANIES["triport"]: Company(name="Triport Logistics", external_ids={"spectrum": "TRIPORT"}),
            COMPANIES["oak hall"]: Company(name="Oak Hall Apartments", external_ids={"spectrum": "OAKHALL"}),
            COMPANIES["pacific"]: Company(name="Pacific Millwork", external_ids={"spectrum_west": "PACMILL"}),
            COMPANIES["sunridge"]: Company(name="Sunridge Senior Living", external_ids={"spectrum_west": "SUNRIDGE"}),
            COMPANIES["del mar"]: Company(name="Del Mar Retail", external_ids={"spectrum_west": "DELMAR"}),
            COMPANIES["riverside"]: Company(name="Riverside Bakery"),
            COMPANIES["summit"]: Company(name="Summit Storage", external_ids={"spectrum": " "}),
            COMPANIES["old town"]: Company(name="Old Town Cinema", external_ids={"spectrum": "OLDTOWN"}),
        },
        locations={
            LOCATIONS[key]: Location(name=name, company=COMPANIES[company], external_ids=codes)
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
            CONTRACTS["harborview"]: Contract(name="Harborview Master Service", external_ids={"spectrum": "HV-MSA-26"}),
            CONTRACTS["cedar grove"]: Contract(name="Cedar Grove Maintenance", external_ids={"spectrum": "CG-PM-26"}),
            CONTRACTS["millbrook"]: Contract(name="Millbrook Inspections", external_ids={"spectrum": "MB-INSP-26"}),
            CONTRACTS["on call"]: Contract(name="Triport On Call"),
            CONTRACTS["sunridge"]: Contract(name="Sunridge Maintenance", external_ids={"spectrum_west": "SR-PM-26"}),
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
            COMPANIES["glacier"]: Company(name="Glacier Bottling", external_ids={"spectrum": "GLACIER"}),
            COMPANIES["lakeview"]: Company(name="Lakeview Clinic", external_ids={"spectrum": "LAKEVIEW"}),
            COMPANIES["nordic"]: Company(name="Nordic Furniture", external_ids={"spectrum": "NORDIC"}),
            COMPANIES["harbor cafe"]: Company(name="Harbor Cafe"),
        },
        locations={
            LOCATIONS[key]: Location(name=name, company=COMPANIES[company], external_ids=codes)
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
            CONTRACTS["glacier"]: Contract(name="Glacier Master Service", external_ids={"spectrum": "GL-MSA-26"}),
        },
        jobs=_as_stored(BLUEFIN_JOBS),
        next_id=2700000000000001,
    )


def _as_stored(jobs: tuple[SeededJob, ...]) -> dict[str, Job]:
    """Return the jobs by id. One job is due each half day."""
    return {
        seeded.id: Job(number=seeded.number, scheduled_date=FIRST_DUE + place * HALF_A_DAY, **seeded.fields)
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
