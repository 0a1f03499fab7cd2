"""Where a value of a plan comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """`source` is for example `job.customerPo`, `mapping.customer` or `setting.lead_source`. `rule` set the value."""

    source: str
    rule: str = "core"
    version: str = ""
    reason: str = ""
