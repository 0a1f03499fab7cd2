"""Posts to Teams and Slack, as their incoming webhooks take them.

Source: Microsoft, "Create incoming webhooks with Workflows for Microsoft Teams" and the schema of Adaptive Cards 1.4;
Slack, "Sending messages using incoming webhooks" and "Block Kit". Texts of other systems stand only where neither of
them reads markup: in text runs, and in blocks of plain text.
"""

from __future__ import annotations

import json
from typing import Any

from core.model.notifications.content import Content, Section

_LONGEST_BLOCK = 2900
_LONGEST_HEADER = 150


def teams_post(content: Content, base: str) -> bytes:
    """An Adaptive Card. `base` is the public address of this installation, '' for posts without links."""
    body: list[dict[str, Any]] = [_runs(content.subject, weight="bolder", size="medium")]
    body += [_runs(line) for line in content.lead]
    for section in content.sections:
        body.append({**_runs(section.title, weight="bolder"), "spacing": "medium"})
        body += [_runs(line) for line in _lines(section)]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _no_macros(content.subject),
        "body": body,
    }
    if base and content.path:
        card["actions"] = [{"type": "Action.OpenUrl", "title": content.path_words, "url": base + content.path}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return json.dumps({"type": "message", "attachments": [attachment]}).encode()


def slack_post(content: Content, base: str) -> bytes:
    """A message of blocks. `text` is what a notification shows, and the only part that Slack reads as markup."""
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain_text(content.subject, _LONGEST_HEADER)}]
    blocks.append({"type": "section", "text": _plain_text("\n".join(content.lead), _LONGEST_BLOCK)})
    for section in content.sections:
        lines = "\n".join((f"{section.title}:", *_lines(section)))
        blocks.append({"type": "section", "text": _plain_text(lines, _LONGEST_BLOCK)})
    if base and content.path:
        link = f"<{_escaped(base + content.path)}|{_escaped(content.path_words)}>"
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": link, "verbatim": True}})
    return json.dumps({"text": _escaped(content.subject), "blocks": blocks}).encode()


def _lines(section: Section) -> list[str]:
    signs = (f"{number}." if section.numbered else "-" for number in range(1, len(section.rows) + 1))
    lines = [f"{sign} {row.text}" for sign, row in zip(signs, section.rows, strict=True)]
    return [*lines, f"and {section.more:,} more"] if section.more else lines


def _runs(text: str, **style: str) -> dict[str, Any]:
    """A text run: unlike a text block, it is never read as Markdown."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": _no_macros(text), **style}]}


def _no_macros(text: str) -> str:
    """Cards replace {{DATE(...)}} and ${...} in texts."""
    return text.replace("{{", "{ {").replace("${", "$ {")


def _plain_text(text: str, longest: int) -> dict[str, Any]:
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return {"type": "plain_text", "text": cut, "emoji": False}


def _escaped(text: str) -> str:
    """The three characters that begin Slack's own commands, such as <!channel>."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
