"""Searches for Spectrum codes and their records for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.model.mappings.alias import AliasKind
from core.model.mappings.suggested_record import Grade, SuggestedRecord, SuggestionSearch
from core.model.mappings.suggestion import RecordToMap, Suggestion

AT = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
CLEAR = Suggestion(code="HARVIEW", name="Harborview Foods Inc", score=98, reasons=("same name",), clear=True)
ALIKE = Suggestion(code="HARBOR", name="Harbor Food LLC", score=71, reasons=("nearly the same name",))


def a_search(**changes: Any) -> SuggestionSearch:
    fields: dict[str, Any] = {
        "connection_id": "con_1",
        "company_code": "101",
        "external_system": "spectrum",
        "requested_by": "ann",
        "started_at": AT,
    }
    return SuggestionSearch(**fields | changes)


def a_record(number: int = 1, *, name: str = "", kind: AliasKind = AliasKind.CUSTOMER, **changes: Any) -> RecordToMap:
    return RecordToMap(kind=kind, id=str(number), name=name or f"Harborview {number:03}", **changes)


def suggested(
    number: int = 1, *found: Suggestion, record: RecordToMap | None = None, **changes: Any
) -> SuggestedRecord:
    """Compared in search 1, with these suggestions and the clear one ticked."""
    clear = bool(found) and found[0].clear
    fields: dict[str, Any] = {
        "record": record or a_record(number),
        "matched": 1,
        "version": 1,
        "suggestions": found,
        "grade": Grade.CLEAR if clear else Grade.DOUBTFUL if found else Grade.NOTHING,
        "code": found[0].code if clear else "",
    }
    return SuggestedRecord(**fields | changes)
