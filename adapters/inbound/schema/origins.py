"""Where a value comes from, as the API shows it."""

from __future__ import annotations

from adapters.inbound.schema.schema_base import Output


class OriginOut(Output):
    source: str
    rule: str
    version: str
    reason: str
