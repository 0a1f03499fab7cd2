"""Deletes what a tenant no longer needs, a batch at a time, inside one transaction.

Never deleted, however old: lines that take their place, claims on numbers, accounts, work order records, warnings, and
sends that are not at their end. They decide what may still be sent.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Retention(Protocol):
    """Each call deletes at most `most` of the oldest and returns how many there were: 0 if nothing is left to do."""

    @abstractmethod
    async def forget_keys(self, before: datetime, most: int) -> int:
        """Idempotency-Keys that were stored before this time."""
        ...

    @abstractmethod
    async def forget_attempts(self, before: datetime, most: int) -> int:
        """Attempts of sends that ended before this time."""
        ...

    @abstractmethod
    async def forget_sends(self, before: datetime, most: int) -> int:
        """Sends that ended before this time: their plans and attempts, and their rows where nothing refers to them.

        The row stays of a job's newest send and of its last successful one, of a send with lines that take their
        place, and of one that an open warning names.
        """
        ...

    @abstractmethod
    async def forget_deliveries(self, before: datetime, most: int) -> int:
        """Deliveries of webhook events that were stored before this time, in any state."""
        ...

    @abstractmethod
    async def forget_messages(self, before: datetime, most: int) -> int:
        """Messages of notifications that were stored before this time, in any state."""
        ...

    @abstractmethod
    async def forget_reconciliations(self, before: datetime, most: int) -> int:
        """Reconciliations that were requested before this time: first their jobs, then they themselves."""
        ...

    @abstractmethod
    async def forget_creations(self, before: datetime, most: int) -> int:
        """New sites and customers that ended before this time and need nobody. Their claims stay: what was made in
        Spectrum is not made again."""
        ...

    @abstractmethod
    async def forget_completions(self, before: datetime, most: int) -> int:
        """Records of completions before this time. The caller sends no completion as old as that any more."""
        ...

    @abstractmethod
    async def forget_audit(self, before: datetime, most: int) -> int:
        """Entries of the audit from before this time, which must be at least 30 days ago."""
        ...
