"""Makes listed codes of the rows of GetCustomers and GetInventoryItems.

Source: the columns as documented for both services, and their codes, which Spectrum right-justifies. `N` as an item's
status and "Not Used" as a customer's are not explained, so nobody knows whether such a code is accepted.
"""

from __future__ import annotations

from adapters.outbound.spectrum.lists.rows import Cells
from core.model.mappings.alias import LONGEST_CODE, AliasKind
from core.model.mappings.listed_code import ListedCode

LONGEST_TEXT = 100
"""Characters of a name or of a part of an address. The longest documented column has 35."""
_CODE = {AliasKind.CUSTOMER: "customer_code", AliasKind.ITEM: "item_code"}
_CUSTOMER_STATUS = {"active": True, "inactive": False}
_ITEM_STATUS = {"a": True, "d": False}


class NotACode(ValueError):
    """The row has no code that Spectrum can have, or it is another company's."""


def code_of(kind: AliasKind, company: str, row: Cells) -> ListedCode | None:
    """The code of a row, None for a row without any text. Raises NotACode."""
    told = {name: _clean(text) for name, text in row.items() if not name.startswith("error_")}
    if not any(told.values()):
        return None
    code, of = told.get(_CODE[kind], ""), told.get("company_code", "")
    if not code or len(code) > LONGEST_CODE[kind] or (of and of.casefold() != company.casefold()):
        raise NotACode
    return _customer(code, told) if kind is AliasKind.CUSTOMER else _item(code, told)


def category_of(row: Cells) -> str:
    return _clean(row.get("item_category", ""))


def _customer(code: str, told: Cells) -> ListedCode:
    lines = (told.get("address_1", ""), told.get("address_2", ""))
    return ListedCode(
        kind=AliasKind.CUSTOMER,
        code=code,
        name=told.get("name", ""),
        active=_CUSTOMER_STATUS.get(told.get("status", "").lower()),
        street=", ".join(line for line in lines if line),
        city=told.get("city", ""),
        state=told.get("state", ""),
        postal_code=told.get("zip_code", ""),
        phone=told.get("phone_number", ""),
    )


def _item(code: str, told: Cells) -> ListedCode:
    return ListedCode(
        kind=AliasKind.ITEM,
        code=code,
        name=told.get("item_description", ""),
        active=_ITEM_STATUS.get(told.get("status_discontinue_flag", "").lower()),
        unit=told.get("sell_unit_of_measure", "") or told.get("purchase_unit_of_measure", ""),
    )


def _clean(text: str) -> str:
    """Text on one line, without signs that cannot be seen."""
    seen = text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)
    return seen.strip()[:LONGEST_TEXT].rstrip()
