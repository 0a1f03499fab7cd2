"""Test the sign-in to ServiceTrade, and keep whether it was accepted."""

from __future__ import annotations

from datetime import datetime

from core.model.shared.errors import JobferryError, TimeMends
from core.model.tenants.tenant import ServiceTradeAccount
from ports.service_trade import ServiceTrade
from ports.storage.transactions import Transactions


async def note_sign_in(
    transactions: Transactions, service_trade: ServiceTrade, account: ServiceTradeAccount, now: datetime
) -> None:
    """Sign in and read a record. Raises what the port raises; if that does not pass by itself, the login counts as not
    tested."""
    try:
        await service_trade.check(account)
    except TimeMends:
        raise  # says nothing about the login
    except JobferryError:
        await _note(transactions, account.tenant_id, None)
        raise
    await _note(transactions, account.tenant_id, now)


async def _note(transactions: Transactions, tenant_id: str, at: datetime | None) -> None:
    async with transactions.begin_instance() as i:
        await i.tenants.set_signed_in(tenant_id, at)
