"""A cost line as stored in Spectrum, if a plugin of the connection can read it (`posted_lines`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.model.work_orders.item import ItemKind


@dataclass(frozen=True, slots=True)
class StoredLine:
    """`kind` is material or other charge, `key` the line's key in Spectrum, another one for each line of a kind.
    `fields` are texts by Spectrum's element names, as in `map_line`; one that is missing counts as empty. `stored_at`
    is when Spectrum stored the line, with a time zone, or None if not known.

    Raises ValueError for values of other types: a line that was read wrongly must not count as evidence.
    """

    kind: ItemKind
    key: str
    fields: Mapping[str, str]
    stored_at: datetime | None = None

    def __post_init__(self) -> None:
        rules = {
            "kind: ItemKind.MATERIAL or OTHER_CHARGE": self.kind in (ItemKind.MATERIAL, ItemKind.OTHER_CHARGE),
            "key: a text": isinstance(self.key, str),
            "fields: texts by name": isinstance(self.fields, Mapping)
            and all(isinstance(one, str) for pair in self.fields.items() for one in pair),
            "stored_at: a datetime with a time zone, or None": self.stored_at is None
            or (isinstance(self.stored_at, datetime) and self.stored_at.utcoffset() is not None),
        }
        if broken := [rule for rule, kept in rules.items() if not kept]:
            raise ValueError(f"a StoredLine needs {'; '.join(broken)}")
