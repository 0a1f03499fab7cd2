"""The two initial accounts of the sandbox ServiceTrade, with forty jobs together. Some jobs fail on purpose.

Cardinal has two external systems (`spectrum` is Spectrum company 101, `spectrum_west` 102), Bluefin one (`spectrum`,
103). Bluefin's answers have the other shapes: compound jobs, empty lists, page counts as text. Some of Cardinal's
companies, locations and library items have no code yet; Spectrum knows most of them under a name that is alike.

seed.json holds their records by the names that they have for each other (a job's by its number, '' for none), without
their ids. `shows` says what a job is for; all other members are fields of the state's records.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from adapters.sandbox.servicetrade.parties import Company, Contract, LibraryItem, Location
from adapters.sandbox.servicetrade.state import Job, JobItem, ServiceTradeState

_SEED: dict[str, dict[str, Any]] = json.loads(
    files("adapters.sandbox.servicetrade").joinpath("seed.json").read_text("utf-8")
)
_FIRST_IDS = {
    "companies": 2274011930042369,
    "locations": 2274012005535745,
    "contracts": 2274013112835073,
    "library": 2274014220134401,
    "jobs": 2412087334600705,
}
_NEXT_ID, _NEXT_ACCOUNT = 4096, 10_000_000_000
_FIRST_DUE, _HALF_A_DAY = 1795698000, 43200


def _ids(account: str, kind: str) -> dict[str, str]:
    """Return the ids of an account's records by their names in the seed."""
    first = _FIRST_IDS[kind] + list(_SEED).index(account) * _NEXT_ACCOUNT
    return {name: str(first + place * _NEXT_ID) for place, name in enumerate(_SEED[account].get(kind, ()))}


@dataclass(frozen=True, slots=True)
class SeededJob:
    """One job of the seed and its purpose. `fields` are the fields of Job that differ from its defaults."""

    id: str
    number: str | None
    shows: str
    fields: dict[str, Any]


def _jobs(account: str) -> tuple[SeededJob, ...]:
    named = {
        "customer": _ids(account, "companies"),
        "location": _ids(account, "locations"),
        "contract": _ids(account, "contracts"),
    }
    jobs = []
    for number, job_id in _ids(account, "jobs").items():
        row = _SEED[account]["jobs"][number]
        fields = {name: named[name][value] if name in named else value for name, value in row.items()}
        jobs.append(SeededJob(job_id, number or None, fields.pop("shows"), fields))
    return tuple(jobs)


CARDINAL_JOBS, BLUEFIN_JOBS = _jobs("cardinal"), _jobs("bluefin")

_CARDINAL, _BLUEFIN = _ids("cardinal", "jobs"), _ids("bluefin", "jobs")
FIRST_JOB_ID = _CARDINAL["104482"]
UNMAPPED_CUSTOMER_JOB_ID = _CARDINAL["104489"]
FAILING_JOB_ID = UNMAPPED_SITE_JOB_ID = _CARDINAL["104490"]
BLANK_CUSTOMER_JOB_ID = _CARDINAL["104491"]
BLANK_SITE_JOB_ID = _CARDINAL["104492"]
TEN_DIGIT_JOB_ID = _CARDINAL["1044930001"]
LONG_DESCRIPTION_JOB_ID = _CARDINAL["104494"]
LONG_PO_JOB_ID = _CARDINAL["104495"]
UNKNOWN_CUSTOMER_JOB_ID = _CARDINAL["104496"]
INACTIVE_SITE_JOB_ID = _CARDINAL["104497"]
UNMAPPED_CONTRACT_JOB_ID = _CARDINAL["104498"]
WRONG_CONTRACT_JOB_ID = _CARDINAL["104499"]
ODD_CHARACTERS_JOB_ID = _CARDINAL["104500"]
NO_NUMBER_JOB_ID = _CARDINAL[""]
NO_CUSTOMER_JOB_ID = _CARDINAL["104502"]
NO_LOCATION_JOB_ID = _CARDINAL["104503"]
NO_TYPE_JOB_ID = _CARDINAL["104504"]
WEST_JOB_ID = _CARDINAL["104506"]
BLUEFIN_JOB_ID = _BLUEFIN["2201"]


def cardinal_state() -> ServiceTradeState:
    """Return a new copy of the first account: twenty-eight jobs, the first one with job items of every kind."""
    state = _state("cardinal", CARDINAL_JOBS)
    for item in _SEED["cardinal"]["items"]:
        state.job_items[state.take_id()] = JobItem(job=FIRST_JOB_ID, **item)
    return state


def bluefin_state() -> ServiceTradeState:
    """Return a new copy of the second account: twelve jobs, in the other shapes of ServiceTrade's answers."""
    return _state("bluefin", BLUEFIN_JOBS)


def _state(account: str, jobs: tuple[SeededJob, ...]) -> ServiceTradeState:
    """One job is due each half day."""
    seed, companies = _SEED[account], _ids(account, "companies")
    sites, contracts = _ids(account, "locations"), _ids(account, "contracts")
    library = _ids(account, "library")
    return ServiceTradeState(
        **seed["state"],
        companies={companies[name]: Company(**row) for name, row in seed["companies"].items()},
        locations={
            sites[name]: Location(**{**row, "company": companies[row["company"]]})
            for name, row in seed["locations"].items()
        },
        contracts={contracts[name]: Contract(**row) for name, row in seed["contracts"].items()},
        library_items={library[name]: LibraryItem(**row) for name, row in seed.get("library", {}).items()},
        jobs={
            job.id: Job(number=job.number, scheduled_date=_FIRST_DUE + place * _HALF_A_DAY, **job.fields)
            for place, job in enumerate(jobs)
        },
    )
