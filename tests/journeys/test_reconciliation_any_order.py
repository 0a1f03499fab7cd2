"""What a reconciliation says of a job, after any acts in any order, is what Spectrum's books say.

It never calls a job accounted for whose items stand otherwise in Spectrum, and finds no difference where none is.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from core.model.reconciliation.entry import ReconciledJob
from core.model.reconciliation.run import ListedJob
from core.model.work_orders.cost_line import COST, ITEM_CODE, QUANTITY, ItemsMode
from core.model.work_orders.item import ItemKind
from tests.journeys.test_items_any_order import JOB_ID, PROFILE, Office

pytestmark = pytest.mark.long


class ReconciledOffice(Office):
    mode = ItemsMode.DIFFERENCE

    @rule()
    def send_a_second_set(self) -> None:
        self._request(ItemsMode.AGAIN)

    @invariant()
    def what_is_accounted_for_stands_in_spectrum(self) -> None:
        if not self.service_trade.jobs[self.tenant.id, JOB_ID].snapshot.completed:
            return
        found = self.reconciled()
        assert found.accounted_for <= (self.there() == self.wanted()), found
        if not any(row.state.unclear for row in self._ledger()):
            assert found.sums.posted_quantity == sum(
                Decimal(line.fields[QUANTITY]) for line in self.spectrum.lines if line.kind is ItemKind.MATERIAL
            )

    def books_are_right_at_rest(self) -> None:
        assert self.there() == self.wanted()
        found = self.reconciled()
        assert found.accounted_for, found
        assert (found.sums.open_quantity, found.sums.open_amount) == (Decimal(), Decimal())

    def reconciled(self) -> ReconciledJob:
        compare = self.carry_out._compare_job
        return self.run(compare(self.tenant.id, ListedJob(id=JOB_ID, completed_on=self.clock.now())))

    def wanted(self) -> dict[tuple[str, str], Decimal]:
        found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for item in self.items.values():
            assert item.quantity is not None
            assert item.cost is not None
            if item.type == "part":
                found["part", item.code] += item.quantity
            elif item.type == "fee":
                found["fee", item.code] += (item.quantity * item.cost).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        return {key: number for key, number in found.items() if number}

    def there(self) -> dict[tuple[str, str], Decimal]:
        found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for line in self.spectrum.lines:
            if line.kind is ItemKind.MATERIAL:
                found["part", line.fields[ITEM_CODE]] += Decimal(line.fields[QUANTITY])
            else:
                found["fee", line.fields["Other_Cost_Item"]] += Decimal(line.fields[COST])
        return {key: number for key, number in found.items() if number}


class NewOnlyOffice(ReconciledOffice):
    mode = ItemsMode.NEW_ONLY

    def books_are_right_at_rest(self) -> None:
        """Items that were changed or removed since are found."""
        if self.there() != self.wanted():
            assert not self.reconciled().accounted_for


@pytest.mark.parametrize("office", [ReconciledOffice, NewOnlyOffice])
def test_a_reconciliation_says_what_spectrums_books_say(office: type[Office]) -> None:
    run_state_machine_as_test(office, settings=settings(PROFILE, max_examples=40))
