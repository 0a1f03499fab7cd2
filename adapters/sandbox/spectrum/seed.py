"""The three initial companies of the sandbox Spectrum, for two tenants and three connections.

Company 101 and 102 belong to a fire-protection contractor, 103 to a second one. Some records cause refusals: inactive
sites, contracts that are not valid everywhere, a direct-cost type, sites without a default type or lead source.
seed.json holds what each company has of its own, and what every company has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

from adapters.sandbox.spectrum.state import SpectrumState

_SEED = json.loads(files("adapters.sandbox.spectrum").joinpath("seed.json").read_text("utf-8"))
AUTHORIZATION_IDS: Mapping[str, str] = {code: f"SANDBOX-{code}" for code in _SEED["companies"]}
"""The Authorization_ID of each company."""


def seeded_state() -> SpectrumState:
    """Return a new copy of the three companies, without work orders."""
    return SpectrumState.model_validate(
        {
            "authorizations": {code: {"companies": [company]} for company, code in AUTHORIZATION_IDS.items()},
            "companies": {code: {**_SEED["every_company"], **company} for code, company in _SEED["companies"].items()},
        }
    )
