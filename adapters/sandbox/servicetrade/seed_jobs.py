"""The jobs of the sandbox ServiceTrade, forty in two accounts, with the companies and places that they name.

Some jobs fail on purpose: `shows` says what each is for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_FIRST = 2412087334600705
_STEP = 4096
FIRST_DUE, HALF_A_DAY = 1795698000, 43200


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
        "customer": COMPANIES[customer] if customer else None,
        "location": LOCATIONS[location] if location else None,
        "contract": CONTRACTS[contract] if contract else None,
        **fields,
    }


COMPANIES = {
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
LOCATIONS = {
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
CONTRACTS = {
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
