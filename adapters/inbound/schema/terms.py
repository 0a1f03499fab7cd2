"""What several messages name: each with its description, example and format, so that all of them say the same of it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints

from adapters.inbound.schema.schema_base import MomentIn, Text


def eg(value: Any) -> Any:
    """The example of a field."""
    return Field(examples=[value])


def _term(description: str, example: Any) -> Any:
    return Field(description=description, examples=[example])


_CONNECTION = _term(
    "Short name of the connection, chosen when it was added. It stands in addresses and never changes.", "main"
)
_KEY_END = _term("When the key ends, in UTC. Null: never.", "2027-03-02T09:00:00Z")
_MAPPED = _term("ServiceTrade's id of the company, location or contract: digits, as text.", "40718")

Url = Annotated[str, Field(json_schema_extra={"format": "uri"})]
ConnectionName = Annotated[str, _CONNECTION]
ConnectionNameIn = Annotated[Text, _CONNECTION]
JobIdOut = Annotated[
    str,
    _term("ServiceTrade's id of the job, as text: the number in the job's address there.", "2412087334600705"),
]
KeyEnd = Annotated[AwareDatetime, _KEY_END]
KeyEndIn = Annotated[MomentIn, _KEY_END]
MappedId = Annotated[str, _MAPPED]
MappedIdIn = Annotated[Text, _MAPPED]
MappedName = Annotated[
    str, _term("The record's name in ServiceTrade, for people. '' if nobody gave it.", "Harborview Foods")
]
SpectrumCode = Annotated[
    str, _term("The record's code in Spectrum, in capital letters as Spectrum keeps it.", "HARVIEW")
]
JobNumber = Annotated[
    str, _term("The job number that people see in ServiceTrade. Null while Jobferry has not read the job.", "104482")
]
WorkOrderNumber = Annotated[
    str,
    _term(
        "Spectrum's number of the work order, at most 10 characters: usually the connection's leading character and the"
        " job number.",
        "T104482",
    ),
]
CustomerName = Annotated[str, _term("The customer's name in ServiceTrade.", "Harborview Foods")]
SEND_ID = _term("Id of a send, given by Jobferry.", "snd_01KJPV4V00EXAMPLE0000000S1")
SendId = Annotated[str, SEND_ID]
BatchId = Annotated[str, _term("Id of the batch, given by Jobferry.", "bat_01KJPV4V00EXAMPLE0000000B1")]
LineId = Annotated[str, _term("Id of a cost line in Jobferry's ledger.", "lin_01KJPV4V00EXAMPLE0000000L1")]
ItemId = Annotated[str, _term("ServiceTrade's id of the job item, as text.", "2412087334600991")]
ItemName = Annotated[str, _term("The item's name in ServiceTrade.", "Check valve 2 in")]
Code = Annotated[
    str,
    _term("Stable code for programs. The page /problems/CODE says what it means and what to do.", "MAP_SITE_MISSING"),
]
Sentence = Annotated[str, _term("The same in one sentence for people.", "The job's site has no Spectrum code.")]
Steps = Annotated[
    list[str],
    _term(
        "What to do, step by step, true in the present state. Empty if nothing has to be done.",
        ["Give the site its Spectrum code, and send the job again."],
    ),
]
By = Annotated[
    str,
    _term(
        "Who did it: `key:NAME` for a tenant's key, `operator:NAME` for an operator's, a person's e-mail address, or"
        " the part of Jobferry that acted by itself.",
        "key:billing export",
    ),
]
_PLAN_HASH = _term(
    "Fingerprint of the plan: fields, lines and choices. It changes when anything that would be written changes.",
    "903f4b652a9a7c2aae3bcfb396c77bddf5578475dd779e418d71fefe4559bfb9",
)
PlanHash = Annotated[str, _PLAN_HASH]
PlanHashIn = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), _PLAN_HASH]
PluginName = Annotated[str, _term("Name of the plugin, as the list of plugins shows it.", "po_required")]
PluginVersion = Annotated[str, _term("Version of the plugin, as its author wrote it.", "1")]
