"""What the codes of mapped records tell about others: whose sites they are, and which codes are taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from adapters.outbound.matching.places import phone_of
from adapters.outbound.matching.words import is_mark, name_words
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import KnownCodes, RecordToMap


class Known:
    """Codes are compared without regard to upper and lower case."""

    def __init__(self, records: Sequence[RecordToMap], codes: Sequence[ListedCode], known: KnownCodes) -> None:
        self.codes = {key: code.upper() for key, code in known.codes.items()}
        self._records = {record.key: record for record in records}
        self._customers = {code.code.upper(): code.name for code in codes if code.kind is AliasKind.CUSTOMER}
        sites = {code.code.upper(): code for code in codes if code.kind is AliasKind.SITE}
        self._by_sisters = _owners_by_sisters(records, sites, self.codes)
        self.shared_phones = _shared(codes)
        self._holders: Mapping[tuple[AliasKind, str], int] = Counter(
            (kind, code) for (kind, _), code in self.codes.items()
        )

    def owners(self, customer_id: str) -> frozenset[str]:
        """The Spectrum customers of a company: its own code, else those that its mapped locations belong to."""
        own = self.codes.get((AliasKind.CUSTOMER, customer_id)) if customer_id else None
        return frozenset({own}) if own else self._by_sisters.get(customer_id, frozenset())

    def sites(self, location_ids: Iterable[str]) -> frozenset[str]:
        """The codes of these locations, nothing if one of them has none yet."""
        found = [self.codes.get((AliasKind.SITE, one), "") for one in location_ids]
        return frozenset(found) if all(found) else frozenset()

    def taken(self, record: RecordToMap, code: ListedCode) -> bool:
        """Whether another record has this code."""
        code_text = code.code.upper()
        own = self.codes.get(record.key) == code_text
        return self._holders.get((record.kind, code_text), 0) > int(own)

    def words_of_company(self, record: RecordToMap) -> frozenset[str]:
        """The words of the name of a location's or contract's company."""
        company = self._records.get((AliasKind.CUSTOMER, record.customer_id))
        names = [company.name] if company else []
        names += [self._customers.get(one, "") for one in self.owners(record.customer_id)]
        return _words(names)

    def words_of_customer(self, code: ListedCode) -> frozenset[str]:
        """The words of the name of the customer of a site or a contract."""
        return _words([self._customers.get(code.customer_code.upper(), "")] if code.customer_code else [])


def _owners_by_sisters(
    records: Sequence[RecordToMap], sites: Mapping[str, ListedCode], codes: Mapping[tuple[AliasKind, str], str]
) -> Mapping[str, frozenset[str]]:
    owners: dict[str, set[str]] = defaultdict(set)
    for record in records:
        site = sites.get(codes.get(record.key, "")) if record.kind is AliasKind.SITE else None
        if site and site.customer_code and record.customer_id:
            owners[record.customer_id].add(site.customer_code.upper())
    return {company: frozenset(found) for company, found in owners.items()}


def _shared(codes: Sequence[ListedCode]) -> frozenset[tuple[AliasKind, str]]:
    """Phones of several codes of one kind."""
    counts = Counter((code.kind, phone) for code in codes if code.phone and (phone := phone_of(code.phone)))
    return frozenset(key for key, count in counts.items() if count > 1)


def _words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(one for name in names if name for one in name_words(name) if not is_mark(one))
