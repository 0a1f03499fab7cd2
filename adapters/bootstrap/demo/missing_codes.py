"""The demo's last scene: Spectrum's lists are read, and codes are suggested for ServiceTrade's records without one.

No worker runs meanwhile, so that this scene carries out the work itself and need not wait for anybody.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from adapters.bootstrap.demo.tour import TourStuck, begin_scene
from adapters.bootstrap.demo.world import BLUEFIN, CARDINAL, LAKE, NORTH, WEST, DemoWorld
from adapters.inbound.cli.views.output import table
from core.model.mappings.alias import AliasKind
from core.model.mappings.suggested_record import Grade
from core.services.mappings.import_codes import AskedImport
from core.services.wiring import Services
from ports.storage.mappings.suggestions import RecordFilter

_PERSON = "the demo"
_SHOWN = 4
_KINDS = {
    AliasKind.CUSTOMER: "Customers",
    AliasKind.SITE: "Sites",
    AliasKind.CONTRACT: "Contracts",
    AliasKind.ITEM: "Items",
}


class MissingCodes:
    """Nothing is confirmed: this is left to whoever looks at the console. Raises TourStuck if nothing is found."""

    def __init__(self, world: DemoWorld, services: Services, console: Console) -> None:
        self._world = world
        self._services = services
        self._use_cases = services.use_cases
        self._console = console

    async def __call__(self, number: int) -> None:
        begin_scene(self._console, number, "Which Spectrum code do the records without one mean?")
        for tenant, connection in ((CARDINAL, NORTH), (CARDINAL, WEST), (BLUEFIN, LAKE)):
            await self._read_lists(tenant, connection)
        await self._show_lists()
        await self._find_codes()
        await self._show_suggestions()

    async def _read_lists(self, tenant_slug: str, connection: str) -> None:
        """Customers and items from Spectrum, as every night; sites from a file, as no service lists them."""
        tenant = await self._use_cases.find_tenant(tenant_slug)
        found = await self._use_cases.find_connection(tenant.id, connection)
        await self._services.refresh_lists(tenant.id, found.id)
        file = AskedImport(kind=AliasKind.SITE, content=self._world.file_of_sites(connection), whole=True)
        looked_at = await self._use_cases.import_codes.preview(tenant.id, connection, file)
        await self._use_cases.import_codes(tenant.id, connection, file, fingerprint=looked_at.fingerprint, by=_PERSON)

    async def _show_lists(self) -> None:
        lists = await self._use_cases.look_up_codes.states(await self._tenant_id(), NORTH)
        counted = ", ".join(f"{state.rows} {_KINDS[state.kind].lower()}" for state in lists.states if state.rows)
        self._console.print(Text(f"The codes of Spectrum North, read from Spectrum and from a file: {counted}."))

    async def _find_codes(self) -> None:
        tenant_id = await self._tenant_id()
        found = await self._use_cases.find_connection(tenant_id, NORTH)
        await self._use_cases.start_search(tenant_id, NORTH, by=_PERSON)
        while (await self._use_cases.show_suggestions(tenant_id, NORTH)).busy:
            await self._services.carry_out_suggestions(tenant_id, found.id)
            search = (await self._use_cases.show_suggestions(tenant_id, NORTH)).search
            if search and search.trouble:
                raise TourStuck(f"The search for codes did not end: {search.trouble}")

    async def _show_suggestions(self) -> None:
        tenant_id = await self._tenant_id()
        tally = (await self._use_cases.show_suggestions(tenant_id, NORTH)).tally
        clear, doubtful, nothing = (tally.of(grade) for grade in (Grade.CLEAR, Grade.DOUBTFUL, Grade.NOTHING))
        if not clear:
            raise TourStuck("No code was suggested.")
        said = f"{clear} records of ServiceTrade have a clear code, {doubtful} a doubtful one, {nothing} none."
        self._console.print(Text(f"{said} For example:"))
        rows = []
        for grade in (Grade.CLEAR, Grade.DOUBTFUL):
            wanted = RecordFilter(grade=grade)
            page = await self._use_cases.show_suggestions.page(tenant_id, NORTH, wanted, limit=_SHOWN // 2)
            for shown in page.records:
                one, best = shown.record, shown.record.best
                if best:
                    rows.append([one.record.name, f"{best.code} {best.name}", ", ".join(best.reasons), grade.value])
        self._console.print(table(("In ServiceTrade", "In Spectrum", "Why", "It is"), rows))
        said = "Nothing is set before somebody confirms it, in the console under Codes."
        self._console.print(Text(said, "bold green"))

    async def _tenant_id(self) -> str:
        return (await self._use_cases.find_tenant(CARDINAL)).id
