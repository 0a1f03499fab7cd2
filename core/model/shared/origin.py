"""Where a value of a plan comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from."""

    source: str
    """What it was made of: `job.customerPo`, `mapping.customer`, `setting.lead_source`, or `rule`."""
    rule: str = "core"
    """The rule that decided it."""
    version: str = ""
    """The rule's version; '' for Jobferry's core."""
    reason: str = ""
    """Why, in the rule's words; '' if the source says it all."""
