"""Finds the newest sends of a filter in a time that does not depend on how many sends there are.

PostgreSQL cannot know how rare a combination of conditions is, and would read all sends of a tenant for one that few
have. So it is asked first which combinations there are (of connection and state, for a text also of customer).
They are few, and each costs one search in an index. Then an index gives the newest sends of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    and_,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.outbound.postgres.repository import Repository, newest
from adapters.outbound.postgres.tables.sending import batch_sends, sends
from adapters.outbound.postgres.tables.setup import connections
from core.model.sending.send import WITH_CAUSE
from core.model.sending.send_filter import MOST_CUSTOMERS, SendFilter, search_key, too_many_customers

Ids = Select[tuple[str, int]]
"""Ids of sends, with their `seq`."""
Condition = ColumnElement[bool]
_KIND = (sends.c.connection_id, sends.c.state)
_HAS_CUSTOMER = sends.c.customer_key != ""
_LONGEST_REQUEST = timedelta(hours=1)
"""No transaction that stores a request lasts so long: what is requested later by this has a higher `seq`."""


class SendSearch(Repository):
    async def _search(self, only: SendFilter, limit: int, before: int | None) -> Ids:
        """The query for the ids of a page. Raises BadInput (TOO_MANY_CUSTOMERS)."""

        def page(*conditions: Condition) -> Ids:
            found = select(sends.c.id, sends.c.seq).where(self._mine(sends), *conditions, *self._simple(only))
            return newest(found, sends.c.seq, limit, before)

        if only.batch_id:
            return page(sends.c.id.in_(self._in_batch(only.batch_id)), *_of_text(only))
        if only.job_id:
            return page(self._of_job(only.job_id, only.connection_id), *_of_text(only))
        if only.job_number:
            return page(*_of_number(only), *_of_text(only))
        if only.key:
            named = [page(one) for one in self._named(only)]
            if only.whole:
                return _merged(named, limit)
            keys = await self._customer_keys(only.key, MOST_CUSTOMERS + 1)
            if len(keys) > MOST_CUSTOMERS:
                raise too_many_customers()
            return _merged([*named, self._of_kinds(self._kinds_of_customers(keys), only, limit, before)], limit)
        if only.cause:
            return _merged([page(sends.c.state == state.value) for state in WITH_CAUSE], limit)
        if only.connection_id:
            return self._of_kinds(self._kinds(only.connection_id), only, limit, before)
        if only.states:
            return _merged([page(sends.c.state == state.value) for state in only.states], limit)
        return page()

    async def _customer_keys(self, part: str, most: int) -> Sequence[str]:
        keys = self._combinations(sends.c.customer_key, among=_HAS_CUSTOMER)
        query = select(keys.c.customer_key).where(func.strpos(keys.c.customer_key, part) > 0)
        return list(await self._connection.scalars(query.order_by(keys.c.customer_key).limit(most)))

    def _in_batch(self, batch_id: str) -> Select[tuple[str]]:
        return select(batch_sends.c.send_id).where(self._ours(batch_sends, batch_id=batch_id))

    def _kinds(self, connection_id: str | None = None) -> CTE:
        """Every combination of connection and state that a send has."""
        return self._combinations(*_KIND, among=sends.c.connection_id == connection_id if connection_id else true())

    def _combinations(self, *columns: ColumnElement[Any], among: Condition) -> CTE:
        """Every combination of these columns, found one after the other in the index that begins with them."""

        def first(*conditions: Condition) -> Select[Any]:
            return select(*columns).where(self._mine(sends), among, *conditions).order_by(*columns).limit(1)

        found = select(*first().subquery().c).cte(recursive=True)
        following = first(tuple_(*columns) > tuple_(*found.c)).lateral()
        return found.union_all(select(*following.c).select_from(found.join(following, true())))

    def _kinds_of_customers(self, keys: Sequence[str]) -> CTE:
        """The combinations that the sends of these customers have, each with its customer."""
        customers = select(func.unnest(literal(list(keys), ARRAY(String))).label("customer_key")).subquery()

        def first(customer_key: ColumnElement[str], *conditions: Condition) -> Any:
            of_customer = and_(self._mine(sends), _HAS_CUSTOMER, sends.c.customer_key == customer_key)
            return select(*_KIND).where(of_customer, *conditions).order_by(*_KIND).limit(1).lateral()

        one = first(customers.c.customer_key)
        start = select(customers.c.customer_key, *one.c).select_from(customers.join(one, true()))
        found = start.cte(recursive=True)
        _, *kind = found.c
        following = first(found.c.customer_key, tuple_(*_KIND) > tuple_(*kind))
        rest = select(found.c.customer_key, *following.c).select_from(found.join(following, true()))
        return found.union_all(rest)

    def _of_kinds(self, kinds: CTE, only: SendFilter, limit: int, before: int | None) -> Ids:
        """The newest sends of those combinations that fit the filter."""
        fitting: list[Condition] = []
        if only.states:
            fitting.append(kinds.c.state.in_([state.value for state in only.states]))
        if only.connection_id:
            fitting.append(kinds.c.connection_id == only.connection_id)
        same = [sends.c[column.name] == column for column in kinds.c]
        if "customer_key" in kinds.c:
            same.append(_HAS_CUSTOMER)
        if only.cause:
            same.append(sends.c.cause == only.cause)
        of_kind = select(sends.c.id, sends.c.seq).where(self._mine(sends), *same, *self._days(only))
        each = newest(of_kind, sends.c.seq, limit, before).lateral()
        found = select(each.c.id, each.c.seq).select_from(kinds.join(each, true())).where(*fitting)
        return newest(found, each.c.seq, limit, None)

    def _of_job(self, job_id: str, connection_id: str | None) -> Condition:
        if connection_id:
            return sends.c.job_id == job_id
        of_each = (
            select(sends.c.id).where(sends.c.connection_id == connections.c.id, sends.c.job_id == job_id).lateral()
        )
        ours = select(of_each.c.id).select_from(connections.join(of_each, true()))
        return sends.c.id.in_(ours.where(self._mine(connections)))

    def _named(self, only: SendFilter) -> Iterator[Condition]:
        """What has the text as its whole name: few sends each."""
        yield and_(sends.c.job_key != "", sends.c.job_key == only.key)
        yield and_(sends.c.work_order_key != "", sends.c.work_order_key == only.key)
        yield sends.c.id == (only.text or "").strip()
        if only.key.isascii() and only.key.isdecimal():
            yield self._of_job(only.key, only.connection_id)

    def _simple(self, only: SendFilter) -> Iterator[Condition]:
        if only.states:
            yield sends.c.state.in_([state.value for state in only.states])
        if only.connection_id:
            yield sends.c.connection_id == only.connection_id
        if only.cause:
            yield sends.c.cause == only.cause
        if only.job_id or only.batch_id:
            yield from _of_number(only)
        yield from self._days(only)

    def _days(self, only: SendFilter) -> Iterator[Condition]:
        """The times themselves, and the `seq` between which such sends are: the indexes are sorted by that."""
        at = sends.c.requested_at
        if only.since:
            earlier = self._seq_of_first(at < only.since - _LONGEST_REQUEST, at.desc(), otherwise=0)
            yield and_(at >= only.since, sends.c.seq > earlier)
        if only.until:
            later = self._seq_of_first(at > only.until + _LONGEST_REQUEST, at, otherwise=2**62)
            yield and_(at < only.until, sends.c.seq < later)

    def _seq_of_first(self, condition: Condition, order: ColumnElement[Any], otherwise: int) -> ScalarSelect[int]:
        """The bound as a plain value. Around the subquery, `coalesce` would keep the index from being used: PostgreSQL
        takes it for a function that may leak, and below row-level security compares with it after reading the rows."""
        first = select(sends.c.seq).where(self._mine(sends), condition).order_by(order).limit(1).subquery()
        return select(func.coalesce(func.min(first.c.seq), otherwise)).scalar_subquery()


def _of_number(only: SendFilter) -> Iterator[Condition]:
    """The job number as the index of numbers has it."""
    if only.job_number:
        yield and_(sends.c.job_key != "", sends.c.job_key == search_key(only.job_number))


def _of_text(only: SendFilter) -> Iterator[Condition]:
    """The text as a condition, for few sends."""
    if only.key:
        names = (sends.c.job_key, sends.c.work_order_key, sends.c.job_id, sends.c.id)
        part = () if only.whole else (func.strpos(sends.c.customer_key, only.key) > 0,)
        yield or_(*(name == only.key for name in names), *part)


def _merged(pages: Sequence[Ids], limit: int) -> Ids:
    """The newest of several pages."""
    found = union(*pages).subquery()
    return newest(select(found.c.id, found.c.seq), found.c.seq, limit, None)
