"""A ServiceTrade address over plain http is called only inside networks that the operator allows."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from adapters.outbound.servicetrade.aiohttp_service_trade import AiohttpServiceTrade
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from core.model.shared.errors import TenantMends, TimeMends
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, ServiceTradeAccount


async def test_plain_http_goes_only_where_the_operator_allows_it() -> None:
    async with ServiceTradeSandbox.start() as sandbox:
        login = PasswordLogin(sandbox.state.login.username, Secret(sandbox.state.login.password))
        account = ServiceTradeAccount("ten_1", sandbox.url, login)
        async with AiohttpServiceTrade.open(allowed_networks=[ip_network("10.0.0.0/8")]) as service_trade:
            with pytest.raises(TimeMends, match="may not be called"):
                await service_trade.check(account)
        async with AiohttpServiceTrade.open() as service_trade:
            with pytest.raises(TenantMends) as refused:
                await service_trade.check(account)
        assert refused.value.code == "ADDRESS_NOT_ALLOWED"
        assert "operator allow calls to the network" in refused.value.fix
        assert sandbox.requests.calls == []
        async with AiohttpServiceTrade.open(allowed_networks=[ip_network("127.0.0.0/8")]) as service_trade:
            await service_trade.check(account)
