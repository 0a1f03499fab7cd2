"""Built-in rule that runs last: cleans text and, if the connection allows it, cuts text that is too long at a word."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from core.model.catalogue import finding
from core.model.planning.annotate import beginning
from core.model.planning.draft import Draft, DraftValue, FieldPatch, HeaderPatch, LineDraft, LinePatch
from core.model.shared.finding import Finding, Severity
from core.model.shared.text import code_points, composed, cut_at_word, hidden_in, without
from core.model.work_orders.annotation import NOTE_LENGTH, NOTE_TEXT
from core.model.work_orders.column_words import in_words, opening
from core.model.work_orders.cost_line import LINE_LENGTHS, TEXTS
from core.model.work_orders.work_order import CUSTOMER_PO, DESCRIPTION, FREE_TEXT, LENGTHS
from plugins.built_in.long_description import noted_description
from plugins.hookspecs import PluginInfo, hookimpl

_CUT = {DESCRIPTION: ("DESCRIPTION_TOO_LONG", "description"), CUSTOMER_PO: ("PO_TOO_LONG", "customer PO")}

_Cut = tuple[int, str, str]
"""Length, code of the finding, name of the text."""


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("length_policy", "1", "Cleans text and applies Spectrum's lengths.")


@hookimpl
def map_work_order(draft: Draft) -> HeaderPatch:
    cut = draft.connection.long_text == "cut"
    cuts = {name: (LENGTHS[name], *_CUT[name]) for name in _CUT} if cut else {}
    if not draft.connection.note_topic:
        return HeaderPatch(*_tidied(draft.fields, FREE_TEXT, cuts))
    by_rule = bool(draft.value(NOTE_TEXT).strip())
    if by_rule and cut:
        cuts |= {NOTE_TEXT: (NOTE_LENGTH - len(beginning(draft)), "NOTE_TOO_LONG", "text for the note")}
    fields, findings = _tidied(draft.fields, {*FREE_TEXT, NOTE_TEXT}, cuts if by_rule else _without_description(cuts))
    if by_rule:
        return HeaderPatch(fields, findings)
    text = next((one.value for one in fields if one.field == DESCRIPTION), draft.value(DESCRIPTION))
    noted, said = noted_description(text, draft, cut=cut)
    written = {one.field for one in noted}
    return HeaderPatch((*(one for one in fields if one.field not in written), *noted), (*findings, *said))


def _without_description(cuts: Mapping[str, _Cut]) -> Mapping[str, _Cut]:
    return {name: cut for name, cut in cuts.items() if name != DESCRIPTION}


@hookimpl
def map_line(draft: LineDraft) -> LinePatch | None:
    if draft.kind is None or draft.kind not in LINE_LENGTHS:
        return None
    lengths = {name: limit for name, limit in LINE_LENGTHS[draft.kind].items() if name in TEXTS}
    cut = draft.connection.long_text == "cut"
    cuts = {name: (limit, "FIELD_LENGTH_OTHER", in_words(name)[4:]) for name, limit in lengths.items() if cut}
    fields, findings = _tidied(draft.fields, TEXTS, cuts)
    return LinePatch(fields=fields, findings=tuple(replace(found, severity=Severity.INFO) for found in findings))


def _tidied(
    drafted: Mapping[str, DraftValue], free: Collection[str], cuts: Mapping[str, _Cut]
) -> tuple[tuple[FieldPatch, ...], tuple[Finding, ...]]:
    """Return patches and findings. `free` are the free-text fields, `cuts` the fields that are cut to a length."""
    fields: list[FieldPatch] = []
    findings: list[Finding] = []
    for name, value in drafted.items():
        text, reasons = value.value, []
        for change in _changes(name, value.value, free=name in free, cut=cuts.get(name)):
            text, reason, said = change
            reasons.append(reason)
            if said:
                findings.append(said)
        if text != value.value:
            why = "; ".join(filter(None, [value.origin.reason, *reasons]))
            fields.append(FieldPatch(name, text, why, value.origin.source))
    return tuple(fields), tuple(findings)


def _changes(name: str, given: str, *, free: bool, cut: _Cut | None) -> Iterator[tuple[str, str, Finding | None]]:
    """Yield each step as (text after it, reason, finding)."""
    text = given.strip()
    if free:
        text = " ".join(text.split())
    if text != given:
        yield text, "extra white space removed", None
    if free and (hidden := hidden_in(text)):
        text = without(hidden, text)
        message = f"{opening(name)} contained invisible characters ({code_points(hidden)}); it is sent without them."
        yield (
            text,
            "invisible characters removed",
            finding("INVALID_CHARACTERS", message, severity=Severity.WARNING, field=name),
        )
    # Only now, because an accent may have stood behind an invisible character.
    if (whole := composed(text)) != text:
        text = whole
        yield text, "letters and accents joined", None
    if cut and len(text) > cut[0]:
        limit, code, noun = cut
        short = cut_at_word(text, limit)
        message = f"The {noun} has {len(text)} characters; it was cut to {len(short)}, at a word."
        yield short, "cut at a word", finding(code, message, severity=Severity.WARNING, field=name)
