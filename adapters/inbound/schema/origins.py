"""Where a value comes from, as the API shows it."""

from __future__ import annotations

from adapters.inbound.schema.schema_base import Output
from core.model.shared.origin import Origin


class OriginOut(Output):
    source: str
    rule: str
    version: str
    reason: str

    @classmethod
    def of(cls, origin: Origin) -> OriginOut:
        return cls(source=origin.source, rule=origin.rule, version=origin.version, reason=origin.reason)
