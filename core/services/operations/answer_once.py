"""Answer a repeated request with the first answer, for calls that make something other than sends.

A send's key is bound in the transaction that stores the send. Other calls make many kinds of records, some with a
secret that only the answer shows. So the request is stored before it is carried out, and the answer, sealed, after it.
What happens in between is told: a request under way, and one whose end nobody knows because the process died.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.model.shared.errors import Conflict, JobferryError, TimeMends
from core.model.shared.secret import Secret
from core.services.sending.store_request import key_reused
from core.services.service import Service
from ports.storage.kept_answers import KeptAnswer, KeptAnswers

KEPT = timedelta(hours=24)
"""How long an answer is kept. It may hold a secret, so it is kept for a shorter time than the key of a send."""
SURELY_OVER = timedelta(minutes=5)
"""A request that began longer ago and has no answer: its process has probably ended."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatableRequest:
    """`caller` is who owns the key (`Caller.repeats_as`), `rights` what it may do, `key` the Idempotency-Key, and
    `parts` are everything else that says what is asked for. `tenant_id` is None for a call about the installation."""

    tenant_id: str | None
    caller: str
    rights: Sequence[str]
    key: str
    parts: Sequence[str]

    @property
    def id(self) -> str:
        """The same for every request of the caller with the key. The rights are part of it: a caller that may do less
        may call itself the same, and the answer may hold a secret that it could not get by itself."""
        parts = [self.tenant_id, self.caller, sorted(self.rights), self.key]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def body_hash(self) -> str:
        """The same only for the same request. It is made with the key, which is not stored: the parts may hold a
        password, and a plain hash would allow to try passwords."""
        return hmac.digest(self.key.encode(), json.dumps(list(self.parts)).encode(), hashlib.sha256).hex()


@dataclass(frozen=True, slots=True)
class OnceAnswered:
    """`replayed`: the text is that of an earlier answer, and nothing was done now."""

    text: str
    replayed: bool


class AnswerOnce(Service):
    async def __call__(self, request: RepeatableRequest, make: Callable[[], Awaitable[str]]) -> OnceAnswered:
        """The answer that `make` gives, or gave to the first request with the key.

        An error is not kept: a repeated request tries again. Raises what `make` raises, Conflict
        (IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_UNCLEAR) and TimeMends (IDEMPOTENCY_KEY_IN_USE).
        """
        now = self._clock.now()
        async with self._answers(request.tenant_id) as answers:
            first = await answers.begin(request.id, request.body_hash, now, now - KEPT)
        if first:
            return OnceAnswered(self._known(request, first), replayed=True)
        try:
            text = await make()
        except JobferryError as error:
            if not _may_have_been_done(error):
                async with self._answers(request.tenant_id) as answers:
                    await answers.release(request.id)
            raise
        try:
            async with self._answers(request.tenant_id) as answers:
                await answers.keep(request.id, Secret(text))
        except JobferryError as error:  # it is done: this caller gets the answer, only a repeated request does not
            _log.warning("answer.not_kept", tenant=request.tenant_id, code=error.code)
        return OnceAnswered(text, replayed=False)

    def _known(self, request: RepeatableRequest, first: KeptAnswer) -> str:
        if first.body_hash != request.body_hash:
            raise key_reused()
        if first.answer:
            return first.answer.reveal()
        if not first.made and self._clock.now() - first.begun_at < SURELY_OVER:
            raise TimeMends(
                "The first request with this Idempotency-Key is still being answered.",
                code="IDEMPOTENCY_KEY_IN_USE",
                fix="Repeat the request after a moment, with the same key.",
                retry_after=1,
            )
        what = "was carried out, but its answer is no longer kept" if first.made else "began, and its end is not known"
        raise Conflict(
            f"The first request with this Idempotency-Key {what}. Nothing was done now.",
            code="IDEMPOTENCY_KEY_UNCLEAR",
            fix="Look in the list whether the record is there. If it is not, or if you need its secret and never got "
            "it, remove it and repeat the request with a new key.",
        )

    @asynccontextmanager
    async def _answers(self, tenant_id: str | None) -> AsyncIterator[KeptAnswers]:
        if tenant_id is None:
            async with self._transactions.begin_instance() as i:
                yield i.kept_answers
        else:
            async with self._transactions.begin(tenant_id) as t:
                yield t.kept_answers


def _may_have_been_done(error: JobferryError) -> bool:
    """Whether a commit may have reached the database although its answer did not come back."""
    return error.code == "DATABASE_UNREACHABLE"
