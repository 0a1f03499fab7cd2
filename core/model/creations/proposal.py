"""What is proposed for a new record: the values of ServiceTrade's record in Spectrum's forms, and a code.

A value that is changed for its form says how. Nothing is shortened: what is too long stays whole and is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.model.connections.creation_settings import CreationSettings, NewCode
from core.model.creations.creation import CODE_FIELD, CreationKind
from core.model.creations.states import postal_code_of
from core.model.mappings.alias import LONGEST_CODE
from core.model.mappings.suggestion import RecordToMap

_SETTING = "setting of the connection"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A value for a field. `origin` is where it is from, `note` how it differs from that, '' if it does not."""

    value: str
    origin: str
    note: str = ""


def proposed_values(
    kind: CreationKind, record: RecordToMap, settings: CreationSettings, *, code: Proposed, customer_code: str = ""
) -> Mapping[str, Proposed]:
    """The values for the fields that anything is known for. `customer_code` is the code of a location's company."""
    what = "location" if kind is CreationKind.SITE else "company"
    phone = Proposed(re.sub(r"\D", "", record.phone, flags=re.ASCII), f"{what}.phone", _digits_note(record.phone))
    address = {
        "street": _plain(record.street, f"{what}.address.street"),
        "city": _plain(record.city, f"{what}.address.city"),
        "state": _state(record.state, f"{what}.address.state"),
        "zip": _plain(record.postal_code, f"{what}.address.postalCode"),
    }
    found = {CODE_FIELD[kind]: code}
    if kind is CreationKind.SITE:
        found |= {
            "Site_Name": _without_commas(record.name, "location.name"),
            "Site_Address1": address["street"],
            "Site_City": address["city"],
            "Site_State": address["state"],
            "Site_Zip_Code": address["zip"],
            "Site_Phone1": phone,
            "Site_Customer_Code": Proposed(customer_code, "code of its company"),
        }
    else:
        found |= {
            "Name": _without_commas(record.name, "company.name"),
            "Address_1": address["street"],
            "City": address["city"],
            "State": address["state"],
            "Zip_Code": address["zip"],
            "Phone": phone,
        }
    if kind is CreationKind.CUSTOMER:
        found |= {
            "Terms_Code": Proposed(settings.new_customer_terms, _SETTING),
            "Sales_Tax_Code": Proposed(settings.new_customer_tax_code, _SETTING),
        }
    return {name: one for name, one in found.items() if one.value or name == CODE_FIELD[kind]}


def code_rule(kind: CreationKind, settings: CreationSettings) -> NewCode:
    return settings.new_site_code if kind is CreationKind.SITE else settings.new_customer_code


def proposed_code(kind: CreationKind, name: str, settings: CreationSettings, highest: int) -> Proposed:
    """The code that the connection's rule proposes. `highest` is the highest number that is known as a code."""
    rule = code_rule(kind, settings)
    longest = LONGEST_CODE[kind.of]
    if rule is NewCode.NUMBER:
        number = str(highest + 1)
        return Proposed(number if len(number) <= longest else "", "the next number after the highest known here")
    if rule is NewCode.NAME:
        letters = re.sub(r"[^A-Z0-9]", "", name.upper(), flags=re.ASCII)
        return Proposed(letters[:longest], "the letters and digits of its name")
    return Proposed("", "typed")


def _plain(text: str, origin: str) -> Proposed:
    tidy = " ".join(text.split())
    return Proposed(tidy, origin, "on one line" if "\n" in text.strip() else "")


def _without_commas(text: str, origin: str) -> Proposed:
    tidy = " ".join(text.replace(",", " ").split())
    return Proposed(tidy, origin, "without its commas, which Spectrum does not take" if "," in text else "")


def _digits_note(phone: str) -> str:
    return "its digits only" if re.sub(r"\D", "", phone, flags=re.ASCII) != phone.strip() else ""


def _state(text: str, origin: str) -> Proposed:
    tidy = " ".join(text.split())
    code = postal_code_of(tidy)
    return Proposed(code or tidy, origin, f"the postal code of {tidy}" if code and code != tidy else "")


def origin_words(origin: str) -> str:
    """Where a value is from in words, such as `the location's name` for `location.name`."""
    owner, dot, part = origin.partition(".")
    if not dot or owner not in ("company", "location"):
        return origin
    named = part.rpartition(".")[2]
    return f"the {owner}'s {'postal code' if named == 'postalCode' else named}"
