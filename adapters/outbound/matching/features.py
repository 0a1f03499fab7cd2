"""What is compared of a record and of a code: read once, in one spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.outbound.matching.names import Name, name_of
from adapters.outbound.matching.places import Place, phone_of, place_of
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import RecordToMap

_NOT_CODE = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Features:
    """`code` is the code, or a record's own code or number, without punctuation."""

    name: Name
    place: Place
    phone: str
    code: str


def of_record(record: RecordToMap, customer_words: frozenset[str] = frozenset()) -> Features:
    own = record.own_code if record.kind is AliasKind.ITEM else record.number
    return Features(
        name_of(record.name, without=customer_words),
        place_of(record.street, record.city, record.state, record.postal_code),
        phone_of(record.phone),
        bare_code(own),
    )


def of_code(code: ListedCode, customer_words: frozenset[str] = frozenset()) -> Features:
    return Features(
        name_of(code.name, without=customer_words),
        place_of(code.street, code.city, code.state, code.postal_code),
        phone_of(code.phone),
        bare_code(code.code),
    )


def bare_code(text: str) -> str:
    return _NOT_CODE.sub("", text.upper())
