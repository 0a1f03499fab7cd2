"""The claims on work order numbers, over all tenants, in memory."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.outbound.memory.rows import Rows, StoredClaim
from core.model.sending.lifecycle.event import NumberClaim
from ports.storage.send_changes import NumberTaken


class NumberClaims:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def taken(self, keys: Iterable[bytes], owner: bytes) -> bool:
        """Whether another owner has one of the keys."""
        return any(found.owner != owner for found in self._found(keys))

    def accepted(self, keys: Iterable[bytes], owner: bytes) -> bool:
        """Whether Spectrum has accepted a write of this owner under one of the keys."""
        return any(found.owner == owner and found.accepted for found in self._found(keys))

    def take(self, claim: NumberClaim) -> None:
        """Raises NumberTaken if another owner has one of the keys and the claim does not adopt."""
        for key in claim.keys:
            found = self._rows.claims.setdefault(key, StoredClaim(claim.owner))
            if found.owner == claim.owner:
                continue
            if not claim.adopt:
                raise NumberTaken
            former = found.owner if found.accepted else found.former
            self._rows.claims[key] = StoredClaim(claim.owner, former=former)

    def accept(self, claim: NumberClaim) -> None:
        """Spectrum has accepted a write: the numbers are this owner's for good, unless another one has them."""
        for key in claim.keys:
            if self._rows.claims.get(key, StoredClaim(claim.owner)).owner == claim.owner:
                self._rows.claims[key] = StoredClaim(claim.owner, accepted=True)

    def give_back(self, claim: NumberClaim) -> None:
        """Free the numbers, or return them to their former owner. Those that were accepted stay."""
        for key in claim.keys:
            found = self._rows.claims.get(key)
            if found is None or found.owner != claim.owner or found.accepted:
                continue
            if found.former:
                self._rows.claims[key] = StoredClaim(found.former, accepted=True)
            else:
                del self._rows.claims[key]

    def _found(self, keys: Iterable[bytes]) -> Iterable[StoredClaim]:
        return (self._rows.claims[key] for key in keys if key in self._rows.claims)
