"""Where a value of a plan comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """`source` is such as `job.customerPo`, `mapping.customer` or `setting.lead_source`; then the rule that put it
    there, with its version and reason."""

    source: str
    rule: str = "core"
    version: str = ""
    reason: str = ""
