"""What a newcomer needs of a simulated system: its credentials, and commands that change it, break it and mend it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from adapters.sandbox.spectrum.seed import AUTHORIZATION_IDS

Sandbox = ServiceTradeSandbox | SpectrumSandbox


def credentials(sandbox: Sandbox) -> Mapping[str, str]:
    """What the system accepts, by name. Everybody may know these: they protect nothing."""
    if isinstance(sandbox, ServiceTradeSandbox):
        return sandbox.state.login.model_dump()
    found = {f"authorization_id of company {code}": secret for code, secret in AUTHORIZATION_IDS.items()}
    settings = sandbox.state.settings
    if settings.enhanced_auth:
        found |= {"client_id": settings.client_id, "client_secret": settings.client_secret}
    return found


def commands(sandbox: Sandbox) -> tuple[tuple[str, str], ...]:
    """Pairs of what a command does, and the command."""
    control = sandbox.control_url
    down = {"kind": "status", "status": 503, "times": -1}
    if isinstance(sandbox, SpectrumSandbox):
        lost = {"kind": "apply_then_drop", "match": "AddWOMaterialCost"}
        return (
            ("See what it holds", f"curl -s {control}/state"),
            ("Make it fail until you mend it", _sent("POST", f"{control}/faults", down)),
            ("Lose the answer to the next material line", _sent("POST", f"{control}/faults", lost)),
            ("Mend it", f"curl -s -X DELETE {control}/faults"),
            ("See the calls that it received", f"curl -s '{control}/requests?wait=0'"),
        )
    job = {"jobs": {FIRST_JOB_ID: {"customer_po": "PO-9000"}}}
    number = sandbox.state.jobs[FIRST_JOB_ID].number if FIRST_JOB_ID in sandbox.state.jobs else FIRST_JOB_ID
    return (
        ("See what it holds", f"curl -s {control}/state"),
        (f"Change job {number}", _sent("PATCH", f"{control}/state", job)),
        ("Make it fail until you mend it", _sent("POST", f"{control}/faults", down)),
        ("Mend it", f"curl -s -X DELETE {control}/faults"),
    )


def _sent(method: str, address: str, document: Mapping[str, Any]) -> str:
    return f"curl -s -o /dev/null -X {method} {address} -d '{json.dumps(document)}'"
