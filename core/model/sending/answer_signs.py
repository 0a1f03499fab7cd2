"""Recognise an answer row of Spectrum by its code, its column and words of its text.

The first sign that fits wins, so certain words come before columns, and columns before uncertain words.
Sources: the documented answer codes and columns of the services; the words are inferred and compared loosely.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core.model.sending.answer import AnswerRow
from core.model.work_orders.column_words import folded


@dataclass(frozen=True, slots=True)
class Sign:
    """`entry` is a catalogue code. Empty `codes` or `columns` mean any; `words` is a pattern for the plain text."""

    entry: str
    codes: str = ""
    columns: frozenset[str] = field(default_factory=frozenset)
    words: str = ""

    def fits(self, row: AnswerRow) -> bool:
        return (
            (not self.codes or code_of(row) in set(self.codes))
            and (not self.columns or folded(row.column) in self.columns)
            and (not self.words or re.search(self.words, _plain(row.text)) is not None)
        )


def code_of(row: AnswerRow) -> str:
    """The answer code, trimmed and in capital letters; a documented code is one letter."""
    return row.code.strip().upper()


def recognise(row: AnswerRow) -> str:
    """The catalogue code of one refusing row; SPECTRUM_REFUSED if no sign fits."""
    return next((sign.entry for sign in SIGNS if sign.fits(row)), "SPECTRUM_REFUSED")


def says_not_set_up(text: str) -> bool:
    """Whether a text of an answer or a fault says that Spectrum's installation was never finished."""
    return re.search(_NOT_SET_UP, _plain(text)) is not None


def _plain(text: str) -> str:
    """Lower-case words with single spaces, so that punctuation and the spelling `G/L` do not matter."""
    return re.sub(r"[^a-z0-9]+", " ", text[:_READ].lower().replace("g/l", "gl")).strip()


def _columns(*names: str) -> frozenset[str]:
    return frozenset(folded(name) for name in names)


_READ = 2000
"""How many characters of a text are checked, so that a hostile answer cannot slow the patterns down."""

_NOT_SET_UP = (
    r"\bprocessing dates? (has |have |is |are |was |were )?"
    r"(not (yet )?(been )?(set|defined|entered)|never|missing|blank)\b"
    r"|\binstallation\b.* not (yet )?(been )?(saved|set up|completed)\b"
)

_NOT_THERE = r"\bnot (found|exist|on file|active)|\b(unknown|inactive)\b"
_IN_USE = r"\b(already|exists?|duplicates?|in use|on file|taken)\b"
_FINISHED = r"\b(completed|closed|billed|invoiced|(be|been) reopened)\b"

SIGNS: tuple[Sign, ...] = (
    Sign("GUID_EXPIRED", words=r"\btime ?out\b.*\boccurr"),
    Sign("RECORD_LOCKED", words=r"\block(ed|ing)\b"),
    Sign("AUTH_NOT_AUTHORIZED", columns=_columns("Authorization_ID")),
    Sign("AUTH_NOT_AUTHORIZED", "A", columns=_columns("Company_Code")),
    Sign("AUTH_NOT_AUTHORIZED", "A", words=r"\b(un)?authori[sz]"),
    Sign("INVALID_CHARACTERS", words=r"\b(invalid|illegal|special) character"),
    Sign("PROCESSING_DATES_UNSET", words=_NOT_SET_UP),
    Sign("ERP_CUSTOMER_UNKNOWN", "IE", _columns("Customer_Code", "Site_Customer_Code"), _NOT_THERE),
    Sign("CREATE_CODE_TAKEN", "IE", _columns("Customer_Code", "Site_ID"), _IN_USE),
    Sign("ERP_CUSTOMER_UNKNOWN", "I", _columns("Bill_Customer_Code", "Site_Customer_Code")),
    Sign("ERP_SITE_UNKNOWN_OR_INACTIVE", "I", _columns("WO_Job_Number")),
    Sign("ERP_CONTRACT_INVALID", "I", _columns("Contract_Number", "SC_Contract")),
    Sign("WO_TYPE_REQUIRED", "M", _columns("WO_Job_Division")),
    Sign("WO_TYPE_WRONG_KIND", "I", _columns("WO_Job_Division")),
    Sign("LEAD_SOURCE_REQUIRED", "M", _columns("Lead_Source")),
    Sign("GL_DEPARTMENT_REQUIRED", "M", _columns("GL_Department")),
    Sign("ITEM_CODE_UNKNOWN", "I", _columns("Item_Code")),
    Sign("TASK_CODE_UNKNOWN", "I", _columns("Work_Task")),
    Sign("CHARGE_CODE_UNKNOWN", "I", _columns("Other_Cost_Item")),
    Sign("WAREHOUSE_INVALID", "IM", _columns("Warehouse_Code")),
    Sign("UOM_INVALID", "I", _columns("Unit_Of_Measure")),
    Sign("SITE_EQUIPMENT_REQUIRED", "M", _columns("WO_Site_Equipment", "Component_Number")),
    Sign("PHASE_COST_TYPE", "IM", _columns("Phase_Code", "Cost_Type")),
    Sign("COST_CENTER_MISMATCH", "I", _columns("Cost_Center")),
    Sign("PERIOD_CLOSED", words=r"\b(processing|gl) date|\bperiod\b"),
    Sign("GL_ACCOUNT_UNRESOLVED", words=r"\b(gl|general ledger) account\b"),
    Sign("WO_COMPLETED_OR_BILLED", columns=_columns("WO_Number"), words=_FINISHED),
    Sign("WO_COMPLETED_OR_BILLED", words=rf"\border\b.*{_FINISHED}"),
    Sign("WO_NOT_FOUND_FOR_ITEMS", "I", _columns("WO_Number"), r"\bnot (found|exist|on file)|\bunknown\b"),
)
