"""Tells of what a commit changed, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from adapters.outbound.memory.rows import Rows
from adapters.outbound.subscriptions import Subscriptions
from ports.change_feed import key_topic, person_topic, send_topic, tenant_topic


class MemoryChangeFeed(Subscriptions):
    def __init__(self) -> None:
        super().__init__(listening=True)

    def committed(self, before: Rows, after: Rows) -> None:
        """Tell of every difference between the two."""
        if self.hearers:
            for topic in _differences(before, after):
                self.tell(topic)


def _differences(before: Rows, after: Rows) -> Set[str]:
    lines = {id: (after.ledger.get(id) or before.ledger[id]).send_id for id in _changed(before.ledger, after.ledger)}
    people = before.people.sessions
    return {
        *map(send_topic, _changed(before.sends, after.sends) | {*lines.values()}),
        *map(key_topic, _changed(_ends(before), _ends(after)) & before.api_keys.keys()),
        *map(tenant_topic, _changed(before.tenants, after.tenants)),
        *(person_topic(people[digest].person_id) for digest in people.keys() - after.people.sessions.keys()),
    }


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The keys of new, other and missing values."""
    return {key for key, value in before.items() if after.get(key) != value} | (after.keys() - before.keys())


def _ends(rows: Rows) -> Mapping[str, Any]:
    """When each key ends."""
    return {id: (stored.key.revoked_at, stored.key.expires_at) for id, stored in rows.api_keys.items()}
