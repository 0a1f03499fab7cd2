"""Makes firms, addresses, phones and codes that look like those of a service company's customers. All are made up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import KnownCodes, RecordToMap

NAME_FIELD, ITEM_FIELD = 30, 35
"""What Spectrum's fields for names and for item descriptions hold."""
FIRST_ID = 2300000000000001


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`towns` are (town, state, first three digits of the postal codes)."""

    proper: tuple[str, ...]
    more: tuple[str, ...]
    trades: tuple[str, ...]
    legal: tuple[str, ...]
    towns: tuple[tuple[str, str, str], ...]
    streets: tuple[str, ...]
    street_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Address:
    street: str
    city: str
    state: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Firm:
    """`name` is without a legal form."""

    name: str
    legal: str
    address: Address
    phone: str


@dataclass
class LabelledSet:
    """`answers` holds the right code of each record, None for a record that has none; `rules` what made it."""

    records: list[RecordToMap] = field(default_factory=list)
    codes: list[ListedCode] = field(default_factory=list)
    answers: dict[AliasKey, str | None] = field(default_factory=dict)
    rules: dict[AliasKey, str] = field(default_factory=dict)
    known: dict[AliasKey, str] = field(default_factory=dict)

    @property
    def known_codes(self) -> KnownCodes:
        return KnownCodes(self.known)


class Maker:
    """Gives the same for the same seed. What it makes is put into `made` under the rule that is set."""

    def __init__(self, seed: int, vocabulary: Vocabulary) -> None:
        self.random = Random(seed)
        self.words = vocabulary
        self.made = LabelledSet()
        self.rule = ""
        self._ids, self._codes, self._names, self._phones = FIRST_ID, set[str](), set[str](), 0

    def firm(self, *, trade: str | None = None, town: Address | None = None) -> Firm:
        """A firm with a name that no other one has."""
        pick, words = self.random.choice, self.words
        while True:
            proper = pick(words.proper)
            if self.random.random() < 0.6:
                proper = f"{proper} {pick(words.more)}"
            name = f"{proper} {trade or pick(words.trades)}"
            if name not in self._names:
                break
        self._names.add(name)
        return Firm(name, pick(words.legal), self.address(town), self.phone())

    def address(self, town: Address | None = None) -> Address:
        """An address, in the town of another one if that is given."""
        pick = self.random.choice
        street = f"{self.random.randint(100, 9899)} {pick(self.words.streets)} {pick(self.words.street_types)}"
        if town:
            return replace(town, street=street)
        city, state, zone = pick(self.words.towns)
        return Address(street, city, state, f"{zone}{self.random.randint(1, 60):02d}")

    def other_town(self, address: Address) -> Address:
        while (found := self.address()).city == address.city:
            pass
        return found

    def phone(self) -> str:
        self._phones += 1
        return f"({self.random.randint(201, 989)}) 555-{self._phones % 10_000:04d}"

    def new_id(self) -> str:
        self._ids += 512
        return str(self._ids)

    def code(self, name: str, longest: int = 8) -> str:
        """A code made from the name that no other record has."""
        letters = "".join(ch for ch in name.upper() if ch.isalnum())[:longest] or "CODE"
        found, count = letters, 1
        while found in self._codes:
            count += 1
            found = f"{letters[: longest - len(str(count))]}{count}"
        self._codes.add(found)
        return found

    def company(self, name: str, address: Address, phone: str, answer: str | None, **more: object) -> str:
        return self.record(AliasKind.CUSTOMER, name, answer, address, phone=phone, **more)

    def record(
        self, kind: AliasKind, name: str, answer: str | None, address: Address | None = None, **more: object
    ) -> str:
        """Put a record of ServiceTrade; return its id."""
        place = {} if address is None else {one: getattr(address, one) for one in Address.__slots__}
        fields: dict[str, object] = {**place, **more}
        made = RecordToMap(kind=kind, id=self.new_id(), name=name, **fields)  # type: ignore[arg-type]
        self.made.records.append(made)
        self.made.answers[made.key] = answer
        self.made.rules[made.key] = f"{kind.value}: {self.rule}"
        return made.id

    def listed(self, kind: AliasKind, name: str, address: Address | None = None, code: str = "", **more: object) -> str:
        """Put a code of Spectrum, with its name as Spectrum's field holds it; return the code."""
        code = code or self.code(name)
        self._codes.add(code)
        place = {} if address is None else {one: getattr(address, one).upper() for one in Address.__slots__}
        held = name.upper()[: ITEM_FIELD if kind is AliasKind.ITEM else NAME_FIELD]
        fields: dict[str, object] = {**place, **more}
        self.made.codes.append(ListedCode(kind=kind, code=code, name=held, **fields))  # type: ignore[arg-type]
        return code

    def customer(self, name: str, address: Address | None = None, phone: str = "", *, active: bool = True) -> str:
        return self.listed(AliasKind.CUSTOMER, name, address, phone=phone, active=active)

    def mapped_company(self, firm: Firm) -> tuple[str, str]:
        """A company whose code is known; return its id and its customer code. It is not to be mapped."""
        code, company = self.customer(firm.name, firm.address, firm.phone), self.new_id()
        self.made.known[AliasKind.CUSTOMER, company] = code
        return company, code

    def slip(self, text: str) -> str:
        """The text with one slip of the pen in its longest word."""
        word = max(text.split(), key=len)
        at = self.random.randint(1, len(word) - 3)
        wrong = self.random.choice(
            (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
            )
        )
        return text.replace(word, wrong, 1)
