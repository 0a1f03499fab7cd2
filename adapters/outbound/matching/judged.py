"""What speaks for and against a code for a record."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.outbound.matching.names import Compared, Likeness
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import RecordToMap

NAMES = {
    Likeness.SAME: (45, "same name"),
    Likeness.CUT: (42, "same name, as far as Spectrum's field holds it"),
    Likeness.ALIKE: (36, "same name but for spelling"),
    Likeness.PART: (22, "one name holds the other"),
    Likeness.NEAR: (10, "alike name"),
}
_OTHER_MARKS, _FEWER_MARKS, _INACTIVE = 30, 4, 15


@dataclass(slots=True)
class Judged:
    """`enough`: what speaks for it is enough to be ticked by default, if no other code is near. `doubts` speak against
    it; each of them prevents the tick."""

    points: int = 0
    told: list[tuple[int, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    enough: bool = False

    def speaks_for(self, points: int, reason: str) -> None:
        self.points += points
        self.told.append((points, reason))

    def speaks_against(self, points: int, doubt: str) -> None:
        self.points -= points
        self.doubts.append(doubt)

    def name(self, compared: Compared, what: str = "") -> None:
        if compared.likeness:
            points, reason = NAMES[Likeness.NEAR if compared.other_marks else compared.likeness]
            self.speaks_for(points, reason.replace("name", what) if what else reason)

    def marks(self, compared: Compared) -> None:
        """Numbers, directions and letters of the names."""
        if compared.other_marks:
            self.speaks_against(_OTHER_MARKS, "other number, direction or letter in the name")
        elif compared.fewer_marks:
            self.speaks_against(_FEWER_MARKS, "only one name has a number, direction or letter")

    def activity(self, record: RecordToMap, code: ListedCode) -> None:
        if code.active is False:
            self.speaks_against(_INACTIVE, "inactive in Spectrum")
        if not record.active:
            self.speaks_against(0, "inactive in ServiceTrade")

    @property
    def score(self) -> int:
        return max(0, min(100, self.points))

    @property
    def clear(self) -> bool:
        return self.enough and not self.doubts

    @property
    def reasons(self) -> tuple[str, ...]:
        """The strongest first, then what speaks against it."""
        return (
            *(reason for _, reason in sorted(self.told, key=lambda one: -one[0])),
            *(f"but {doubt}" for doubt in self.doubts),
        )
