"""The life of one new site, with what people, programs and time do in its middle."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from random import Random

from adapters.sandbox.faults import Fault
from core.model.creations.creation import Creation, CreationState
from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.shared.errors import BadInput, Conflict
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from tests.faults.support.mortal import Mortals
from tests.faults.support.new_sites import allow_sites, confirm, show, sites_with
from tests.faults.support.worker_harness import QUIET, WorkerHarness

MOST_ROUNDS, LAST_MOMENT = 12, 16
BY_HAND = "HV0001"
"""A site of Spectrum that somebody gives a location."""


class SiteLife:
    def __init__(
        self,
        harness: WorkerHarness,
        workers: Mortals,
        dice: Random,
        seen: Counter[str],
        outcomes: Mapping[str, Fault | None],
        name: str,
    ) -> None:
        self.harness, self.workers, self.dice, self.seen, self.outcomes = harness, workers, dice, seen, outcomes
        self.name = name
        self.location = harness.servicetrade.state.add_location(f"Dock {name}")
        self.codes: list[str] = []
        self.creation: Creation | None = None
        self.backup: Creation | None = None

    async def live(self) -> None:
        """Until the location has a code, by us or by hand."""
        for _ in range(MOST_ROUNDS):
            await self.try_to_confirm()
            if self.creation is None:
                break  # it has a code, or its site is there: nothing more is made
            if fault := self.outcomes[self.dice.choice(list(self.outcomes))]:
                self.harness.spectrum.faults.add(fault)
            for _ in range(self.dice.randint(0, 3)):
                self.seen["killed"] += await self.workers.drain(self.dice.randint(1, LAST_MOMENT))
                await self.dice.choice(self.acts())()
                if self.set_up_anew:
                    break
            if await self.comes_to_an_end():
                break
        else:
            raise AssertionError(f"stuck: {self.creation}")
        self.harness.spectrum.faults.clear()
        await self.judge()
        self.seen["lives"] += 1

    async def try_to_confirm(self) -> None:
        """One person, or two at once with different codes."""
        await allow_sites(self.harness)
        codes = [f"{self.name}V{len(self.codes) + number}" for number in range(self.dice.randint(1, 2))]
        self.codes += codes
        confirmed = await asyncio.gather(
            *(confirm(self.harness, self.location, code) for code in codes), return_exceptions=True
        )
        made = [one for one in confirmed if isinstance(one, Creation)]
        refused = [one for one in confirmed if not isinstance(one, Creation)]
        assert all(isinstance(one, Conflict) for one in refused), refused
        assert len(made) <= 1, "two people made two sites of one location"
        self.seen["confirmed twice at once"] += len(codes) == 2 and bool(made)
        self.creation = made[0] if made else None
        self.backup = self.creation
        if not made:
            self.seen["could not be confirmed"] += 1
            await self.enter_by_hand()

    async def enter_by_hand(self) -> None:
        """What a person does who is told that the record is there already: its code is entered."""
        if not await self.code():
            [there] = [one for one in self.codes if sites_with(self.harness, one)]
            await self.alias(there)

    @property
    def set_up_anew(self) -> bool:
        """Whether the connection was removed, and the creation with it."""
        return self.creation is None

    def acts(self) -> list:  # type: ignore[type-arg]
        return [
            self.nothing, self.cancel, self.switch_off, self.rename_connection, self.other_company,
            self.remove_connection, self.restore_backup, self.refresh_lists, self.take_code, self.map_by_hand,
            self.pause,
        ]  # fmt: skip

    async def nothing(self) -> None:
        pass

    async def cancel(self) -> None:
        try:
            await self.harness.use_cases.manage_creations.cancel(self.harness.tenant_id, self._id(), by="bea")
        except Conflict:
            self.seen["too late to cancel"] += 1
        else:
            self.seen["cancelled"] += 1

    async def switch_off(self) -> None:
        await self._change(create_sites=False)
        self.seen["switched off"] += 1

    async def rename_connection(self) -> None:
        await self._change(name=f"Spectrum {self.dice.random()}")
        self.seen["connection changed"] += 1

    async def other_company(self) -> None:
        with suppress(Conflict):
            await self._change(company_code="102")
            raise AssertionError("a connection with creations keeps its company")
        self.seen["other company refused"] += 1

    async def remove_connection(self) -> None:
        state = (await show(self.harness, self._present())).state
        try:
            await self.harness.use_cases.remove_connection(self.harness.tenant_id, "main", version=None, by="ann")
        except Conflict:
            self.seen["removal refused"] += 1
            assert state.open, state
            return
        assert not state.open, f"removed with a creation that is {state}"
        await self.harness.connect("main", "spectrum")
        await allow_sites(self.harness)
        self.creation = None
        self.seen["connection set up anew"] += 1

    async def restore_backup(self) -> None:
        """The database goes back to when this was confirmed, and is held, as after every restore."""
        present = await show(self.harness, self._present())
        known = await self.code()
        if self.backup is None or present.state is CreationState.QUEUED or known not in ("", present.code):
            return
        async with self.workers.stored.begin(self.harness.tenant_id) as t:
            back = await t.creations.retake(self.backup)
            if back:
                await t.creations.save(self.backup)
        if not back:
            return
        for alias in await self.harness.use_cases.aliases.all(self.harness.tenant_id, "main"):
            if alias.entry.servicetrade_id == self.location:
                await self.harness.use_cases.aliases.remove(self.harness.tenant_id, alias.id, by="backup")
        await self.harness.use_cases.hold_restored(loaded=True)
        self.seen["backup restored"] += 1

    async def refresh_lists(self) -> None:
        await self.harness.use_cases.look_up_codes.refresh(self.harness.tenant_id, "main", by="ann")
        await self.workers.refresh_lists()
        self.seen["lists refreshed"] += 1

    async def take_code(self) -> None:
        """Somebody enters another site under this code in Spectrum."""
        sites = self.harness.spectrum.state.companies["101"].sites
        code = self._present().code
        if code not in sites:
            sites[code] = sites[BY_HAND].model_copy(update={"name": "By hand"})
            self.seen["code taken in Spectrum"] += 1

    async def map_by_hand(self) -> None:
        if not await self.code():
            await self.alias(BY_HAND)
            self.seen["mapped by hand"] += 1

    async def pause(self) -> None:
        pause = self.harness.use_cases.pause_connection
        await pause(self.harness.tenant_id, "main", paused=True, by="ann")
        await self.workers.drain(LAST_MOMENT)
        await pause(self.harness.tenant_id, "main", paused=False, by="ann")
        self.seen["paused"] += 1

    async def comes_to_an_end(self) -> bool:
        """Workers go on, and a person looks at what waits for somebody. Whether the location has its code."""
        harness = self.harness
        await self._finish()
        await harness.spectrum.faults.applied()
        harness.clock.ahead += QUIET
        connection = await harness.use_cases.find_connection(harness.tenant_id, "main")
        if connection.items_hold:
            await harness.use_cases.acknowledge_restore(harness.tenant_id, "main", reason="Compared.", by="ann")
        await self._finish()
        if self.creation:
            await self._settle()
            await self._finish()
            after = await show(harness, self.creation)
            assert not after.state.open, f"stuck: {after.state}"
            there = bool(sites_with(harness, after.code))
            assert (after.state is CreationState.CREATED) is there, f"{after.state}, and in Spectrum: {there}"
        harness.clock.ahead -= QUIET
        return bool(await self.code())

    async def _settle(self) -> None:
        harness, manage = self.harness, self.harness.use_cases.manage_creations
        after = await show(harness, self._present())
        if after.state is CreationState.IN_DOUBT:
            assert after.needs_person
            there = bool(sites_with(harness, after.code))
            with suppress(BadInput):
                await manage.settle(harness.tenant_id, after.id, there=there, reason="Looked.", by="ann")
            self.seen["settled"] += 1
            await self._finish()
            after = await show(harness, after)
        if after.needs_person:  # somebody gave the location another code meanwhile
            assert after.state is CreationState.CREATED
            await manage.keep_code(harness.tenant_id, after.id, None, by="ann")
            self.seen["other code left"] += 1

    async def judge(self) -> None:
        made = [code for code in self.codes for _ in range(sites_with(self.harness, code))]
        assert len(made) <= 1, f"doubled: {made}"
        code = await self.code()
        assert code in (*made, BY_HAND), f"lost: {made}, and its code is {code!r}"
        self.seen["sites made"] += len(made)

    async def code(self) -> str:
        aliases = await self.harness.use_cases.aliases.all(self.harness.tenant_id, "main")
        return next((one.code for one in aliases if one.entry.servicetrade_id == self.location), "")

    async def alias(self, code: str) -> None:
        entry = AliasEntry(AliasKind.SITE, self.location, "Dock", code)
        await self.harness.use_cases.aliases.set(self.harness.tenant_id, "main", [entry], by="bea")

    async def _finish(self) -> None:
        while await self.harness.drain(self.harness.connection_id):
            pass

    async def _change(self, **settings: object) -> None:
        await self.harness.use_cases.change_connection(
            self.harness.tenant_id,
            "main",
            lambda one, secrets: (replace(one, **settings), secrets),  # type: ignore[arg-type]
            version=None,
            by="ann",
            check=False,
        )

    def _present(self) -> Creation:
        assert self.creation is not None
        return self.creation

    def _id(self) -> str:
        return self._present().id


async def remove_tenant_in_the_middle(
    harness: WorkerHarness, workers: Mortals, dice: Random, seen: Counter[str], outcomes: Mapping[str, Fault | None]
) -> None:
    """The account is removed as soon as it can be, and set up anew: no second site of the location."""
    life = SiteLife(harness, workers, dice, seen, outcomes, "END")
    await life.try_to_confirm()
    creation = life._present()
    if fault := outcomes[dice.choice(list(outcomes))]:
        harness.spectrum.faults.add(fault)
    await workers.drain(dice.randint(1, LAST_MOMENT))
    tenant = await harness.use_cases.find_tenant("cardinal")
    if (await show(harness, creation)).state.open:
        with suppress(Conflict):
            await harness.use_cases.change_tenant.remove(tenant, by="ann")
            raise AssertionError("removed with a creation that may be in Spectrum")
        seen["removal of the tenant refused"] += 1
        await life.comes_to_an_end()
    harness.spectrum.faults.clear()
    made = sum(sites_with(harness, code) for code in life.codes)
    await harness.use_cases.change_tenant.remove(tenant, by="ann")
    login = PasswordLogin(harness.servicetrade.state.login.username, Secret(harness.servicetrade.state.login.password))
    again = Tenant(id="", slug="cardinal", name="Cardinal", base_url=harness.servicetrade.url)
    harness.tenant_id = (await harness.use_cases.add_tenant(again, login)).id
    await harness.connect("main", "spectrum")
    await allow_sites(harness)
    try:
        anew = await confirm(harness, life.location, "ENDNEW")
    except Conflict:
        assert made == 1, "what was not made can be confirmed again"
    else:
        assert made == 0, "a second site of the location"
        await life._finish()
        assert (await show(harness, anew)).state is CreationState.CREATED
    seen["tenant set up anew"] += 1
