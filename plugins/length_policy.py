"""Built-in rule, asked last: tidies text and, where the connection says so, cuts what is too long at a word."""

from __future__ import annotations

from collections.abc import Iterator

from core.model.catalogue import finding
from core.model.column_words import opening
from core.model.draft import Draft, DraftValue, FieldPatch, HeaderPatch
from core.model.finding import Finding, Severity
from core.model.work_order import CUSTOMER_PO, DESCRIPTION, FREE_TEXT, LENGTHS
from plugins.hookspecs import PluginInfo, hookimpl

_CUT = {DESCRIPTION: ("DESCRIPTION_TOO_LONG", "description"), CUSTOMER_PO: ("PO_TOO_LONG", "customer PO")}


@hookimpl
def plugin_info() -> PluginInfo:
    return PluginInfo("length_policy", "1", "Tidies text and keeps to Spectrum's lengths.")


@hookimpl
def map_work_order(draft: Draft) -> HeaderPatch:
    fields: list[FieldPatch] = []
    findings: list[Finding] = []
    for name, drafted in draft.fields.items():
        text, reasons = drafted.value, []
        for change in _changes(draft, name, drafted):
            text, reason, said = change
            reasons.append(reason)
            if said:
                findings.append(said)
        if text != drafted.value:
            why = "; ".join(filter(None, [drafted.origin.reason, *reasons]))
            fields.append(FieldPatch(name, text, why, drafted.origin.source))
    return HeaderPatch(tuple(fields), tuple(findings))


def _changes(draft: Draft, name: str, drafted: DraftValue) -> Iterator[tuple[str, str, Finding | None]]:
    """Each step as (text after it, reason, finding)."""
    text = drafted.value.strip()
    if name in FREE_TEXT:
        text = " ".join(text.split())
    if text != drafted.value:
        yield text, "white space tidied", None
    if name in FREE_TEXT and (dropped := {ch for ch in text if not ch.isprintable()}):
        text = " ".join("".join(ch for ch in text if ch not in dropped).split())
        message = f"{opening(name)} held {len(dropped)} kind(s) of control character, which were left out."
        yield text, "control characters left out", finding(
            "INVALID_CHARACTERS", message, severity=Severity.WARNING, field=name
        )
    limit = LENGTHS.get(name, len(text))
    if name in _CUT and len(text) > limit and draft.connection.long_text == "cut":
        code, noun = _CUT[name]
        short = cut_at_word(text, limit)
        message = f"The {noun} has {len(text)} characters; it was cut to {len(short)}, at a word."
        yield short, "cut at a word", finding(code, message, severity=Severity.WARNING, field=name)


def cut_at_word(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, ending at a word unless that would lose more than half."""
    if len(text) <= limit:
        return text
    end = text.rfind(" ", 0, limit + 1)
    return text[: end if end > limit // 2 else limit].rstrip()
