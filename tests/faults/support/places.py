"""Turns, places and sessions of the database, once nobody works."""

from __future__ import annotations

from sqlalchemy import AsyncAdaptedQueuePool

from adapters.outbound.postgres.transactions import PostgresTransactions


def assert_no_place_is_lost(transactions: PostgresTransactions) -> None:
    """Every turn, place and session that was taken was given back."""
    turns, sessions = transactions._turns, transactions._sessions
    assert (turns._taken, turns._waiting) == ({}, {})
    pool = sessions._engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    assert (sessions._free._value, len(sessions._idle)) == (pool.size(), pool.checkedout())
    assert not transactions._requests._queues
