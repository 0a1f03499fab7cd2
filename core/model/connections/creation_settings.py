"""Settings of a connection for new sites and customers in Spectrum. All of it is off unless somebody switches it on:
ServiceTrade's own integration creates neither."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.model.connections.optional_settings import OptionalSettings
from core.model.shared.setting import is_code, setting

NEW_RECORDS = "New sites and customers"
_TERMS, _TAX_CODE = 1, 15
"""Lengths of Terms_Code and Sales_Tax_Code of AddCustomer."""


class NewCode(StrEnum):
    """Which code is proposed for a new record. Whoever confirms the record can type another one."""

    NAME = "name"
    """The letters and digits of its name"""
    NUMBER = "number"
    """One more than the highest number that is known here as a code"""
    NONE = "none"
    """No proposal"""


_PROPOSALS = {
    "name": "The letters and digits of its name",
    "number": "The next number after the highest that is known here",
    "none": "Nothing: it is typed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationSettings(OptionalSettings):
    """`new_customer_terms` and `new_customer_tax_code` are proposed in the preview; a person can change both there."""

    create_sites: bool = setting(
        False,
        title="Sites may be created in Spectrum",
        group=NEW_RECORDS,
        help="From a location in ServiceTrade, with the service AddWOSiteAddress, after somebody has confirmed every"
        " field. A send never does that by itself.",
    )
    create_customers: bool = setting(
        False,
        title="Customers may be created or changed in Spectrum",
        group=NEW_RECORDS,
        help="From a company in ServiceTrade, with the services AddCustomer and UpdateCustomer. The second one is"
        " new in Spectrum 2025 R2. Somebody confirms every field of each; a send never does that by itself.",
    )
    new_site_code: NewCode = setting(
        NewCode.NAME,
        title="Proposed code of a new site",
        group=NEW_RECORDS,
        words=_PROPOSALS,
    )
    new_customer_code: NewCode = setting(
        NewCode.NAME,
        title="Proposed code of a new customer",
        group=NEW_RECORDS,
        words=_PROPOSALS,
    )
    new_customer_terms: str = setting(
        "",
        title="Terms code of a new customer",
        group=NEW_RECORDS,
        help="Spectrum requires one. It is proposed in the preview of every new customer.",
        valid=is_code(_TERMS),
        rule=f"at most {_TERMS} character",
        example="1",
    )
    new_customer_tax_code: str = setting(
        "",
        title="Sales tax code of a new customer",
        group=NEW_RECORDS,
        help="Spectrum requires one. It is proposed in the preview of every new customer.",
        valid=is_code(_TAX_CODE),
        rule=f"at most {_TAX_CODE} characters",
        example="NC",
    )
