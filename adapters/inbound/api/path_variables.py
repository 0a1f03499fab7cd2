"""The variables in the paths of the API: what each names, with an example."""

from __future__ import annotations

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"{(\w+)}")
VARIABLES: Mapping[str, tuple[str, str]] = {
    "tenant": ("Short name of the tenant.", "cardinal"),
    "connection": ("Short name of the connection.", "main"),
    "job_id": (
        "ServiceTrade's id of the job: the number in the job's address in ServiceTrade.",
        "2412087334600705",
    ),
    "send_id": ("Id of the send, as the request for it answered.", "snd_01KJPV4V00EXAMPLE0000000S1"),
    "batch_id": ("Id of the batch, as the request for it answered.", "bat_01KJPV4V00EXAMPLE0000000B1"),
    "annotation_id": ("Id of the note or document, as the list of them shows it.", "ann_3f1c0a9d5b7e42860c1d9e8f7a"),
    "line_id": ("Id of the cost line, as the list of doubts shows it.", "lin_01KJPV4V00EXAMPLE0000000L1"),
    "alias_id": ("Id of the alias, as the list of aliases shows it.", "als_01KJPV4V00EXAMPLE0000000A1"),
    "key_id": ("Id of the key, as the list of keys shows it.", "key_01KJPV4V00EXAMPLE0000000K1"),
    "endpoint_id": ("Id of the webhook endpoint, as the list of endpoints shows it.", "whe_01KJPV4V00EXAMPLE0000000E1"),
    "recipient_id": ("Id of the recipient, as the list of recipients shows it.", "rcp_01KJPV4V00EXAMPLE0000000R1"),
    "creation_id": ("Id of the creation, as the request for it answered.", "crn_01KJPV4V00EXAMPLE0000000C1"),
    "reconciliation_id": (
        "Id of the reconciliation, as the request for it answered.",
        "rec_01KJPV4V00EXAMPLE0000000X1",
    ),
    "warning_id": ("Id of the warning, as the list of warnings shows it.", "wrn_01KJPV4V00EXAMPLE0000000W1"),
    "plugin": ("Name of the plugin, as the list of plugins shows it.", "po_required"),
}


def variables_in(path: str) -> list[str]:
    """The names in a path, in their order."""
    return _VARIABLE.findall(path)


def example_path(path: str) -> str:
    """The path with the examples in place of its variables."""
    return _VARIABLE.sub(lambda found: VARIABLES[found.group(1)][1], path)
