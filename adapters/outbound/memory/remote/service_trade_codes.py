"""Spectrum codes of ServiceTrade's records in memory: those that its jobs name, and those listed beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from adapters.outbound.memory.remote.service_trade_calls import MemoryCalls, check_id, id_taken
from adapters.outbound.memory.remote.service_trade_job import MemoryJob
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_record import ListedRecord
from core.model.shared.errors import TenantMends
from core.model.tenants.tenant import ServiceTradeAccount


class MemoryCodes(MemoryCalls):
    async def customer_systems(self, account: ServiceTradeAccount, customer_id: str) -> frozenset[str]:
        with self._called(account, "customer_systems"):
            check_id(customer_id, "customer")
            jobs = self._naming(account, AliasKind.CUSTOMER, customer_id)
            codes = ((system, code) for job in jobs for (kind, system), code in job.codes.items() if kind == "customer")
            return frozenset(system for system, code in codes if code.strip())

    async def read_code(self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str) -> str | None:
        with self._called(account, "read_code"):
            check_id(record_id, kind)
            if listed := self.records.find(account.tenant_id, (kind, record_id)):
                return listed.codes.get(system)
            found = (job.codes_of(kind, system)[record_id] for job in self._naming(account, kind, record_id))
            return next((code for code in found if code is not None), None)

    async def write_code(
        self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str, value: str
    ) -> None:
        with self._called(account, "write_code"):
            check_id(record_id, kind)
            listed = self.records.find(account.tenant_id, (kind, record_id))
            ours = list(self._naming(account, kind, record_id))
            if not ours and not listed:
                raise TenantMends(f"ServiceTrade cannot find the {kind} {record_id}.", code="ST_PERMISSION")
            if self.records.holder(account.tenant_id, kind, system, value) not in (None, record_id):
                raise id_taken(value, system)
            if listed:
                listed.codes[system] = value
            for (tenant_id, _), stored in self.jobs.items():
                codes = stored.codes_of(kind, system) if tenant_id == account.tenant_id else {}
                if any(code == value and other != record_id for other, code in codes.items()):
                    raise id_taken(value, system)
            for stored in ours:
                stored.set_code(kind, record_id, system, value)

    async def list_records(
        self, account: ServiceTradeAccount, kind: AliasKind, system: str
    ) -> AsyncIterator[Sequence[ListedRecord]]:
        with self._called(account, "list_records"):
            yield [self.records.listed(one, system) for one in self.records.of(account.tenant_id, kind)]

    async def find_record(
        self, account: ServiceTradeAccount, kind: AliasKind, record_id: str, system: str
    ) -> ListedRecord | None:
        with self._called(account, "find_record"):
            check_id(record_id, kind)
            found = self.records.find(account.tenant_id, (kind, record_id))
            return found.listed(system) if found else None

    def _naming(self, account: ServiceTradeAccount, kind: AliasKind, record_id: str) -> Iterator[MemoryJob]:
        """Yield the jobs of this customer, site, contract or library item: they store its codes."""
        for (tenant_id, _), stored in self.jobs.items():
            if tenant_id == account.tenant_id and record_id in stored.codes_of(kind, ""):
                yield stored
