"""Judges a customer or a site for a company or a location: name, address, phone, and whose site it is."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.outbound.matching.features import Features
from adapters.outbound.matching.judged import Judged
from adapters.outbound.matching.names import Compared, Likeness, compare_names
from adapters.outbound.matching.places import STREET_TYPES, Street, Town, compare_streets, compare_towns
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import RecordToMap

_STREET, _STREET_ONLY, _OTHER_UNIT, _BOX = 32, 24, 16, 18
_TOWN, _PHONE, _SHARED_PHONE, _OWNER = 12, 20, 8, 20
_NOT_OURS, _OTHER_NUMBER, _OTHER_STREET, _OTHER_TOWN = 40, 14, 6, 16


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known of the pair. `owners` are the Spectrum customers of the record's company, as far as they are
    known; `shared_phone`: other codes have this phone, too, such as that of a head office."""

    owners: frozenset[str] = frozenset()
    shared_phone: bool = False


def judge_party(
    record: RecordToMap, ours: Features, code: ListedCode, theirs: Features, names: Compared, around: Around
) -> Judged:
    judged = Judged()
    street, town = compare_streets(ours.place, theirs.place), compare_towns(ours.place, theirs.place)
    here = street is Street.SAME and town is not Town.OTHER
    judged.name(names)
    told_by_place = names.fewer_marks and not names.cut_marks
    if not (here and (told_by_place or _named_after_its_street(ours))):
        judged.marks(names)
    _judge_place(judged, ours, street, town)
    phone = bool(ours.phone) and ours.phone == theirs.phone
    if phone:
        judged.speaks_for(_SHARED_PHONE if around.shared_phone else _PHONE, "same phone")
    owner = _judge_owner(judged, code, around) if record.kind is AliasKind.SITE else None
    judged.activity(record, code)
    told_apart = phone and not around.shared_phone
    if record.kind is AliasKind.CUSTOMER:
        judged.enough = _enough_for_customer(judged, names, street, town, phone=told_apart)
    else:
        after_street = _named_after_its_street(ours) and not theirs.name.marks
        numbered = bool(ours.name.marks) and ours.name.marks == theirs.name.marks
        judged.enough = _enough_for_site(
            names, street, town, phone=told_apart, owner=owner, told_by_place=after_street, numbered=numbered
        )
    return judged


def _judge_place(judged: Judged, ours: Features, street: Street, town: Town) -> None:
    match street:
        case Street.SAME if town is Town.OTHER:
            pass  # every town has a Main Street
        case Street.SAME if ours.place.box and not ours.place.street:
            judged.speaks_for(_BOX, "same PO box")
        case Street.SAME:
            judged.speaks_for(_STREET if town is Town.SAME else _STREET_ONLY, "same street address")
        case Street.OTHER_UNIT:
            judged.speaks_for(_OTHER_UNIT, "same house")
            judged.speaks_against(0, "another suite or unit")
        case Street.OTHER_NUMBER:
            judged.speaks_against(_OTHER_NUMBER, "another number of the same street")
        case Street.OTHER:
            judged.speaks_against(_OTHER_STREET, "another street")
    if town is Town.SAME:
        judged.speaks_for(_TOWN, "same town")
    elif town is Town.OTHER:
        judged.speaks_against(_OTHER_TOWN, "another town")


def _judge_owner(judged: Judged, code: ListedCode, around: Around) -> bool | None:
    """Whether the site is of the customer of the location's company; None where this is not known."""
    if not (code.customer_code and around.owners):
        return None
    if code.customer_code.upper() in around.owners:
        judged.speaks_for(_OWNER, f"a site of customer {code.customer_code}, as its company is")
        return True
    judged.speaks_against(_NOT_OURS, f"a site of another customer, {code.customer_code}")
    return False


def _enough_for_customer(judged: Judged, names: Compared, street: Street, town: Town, *, phone: bool) -> bool:
    if names.likeness < Likeness.ALIKE:
        return False
    if phone and town is Town.SAME and street is Street.OTHER and names.likeness >= Likeness.CUT:
        judged.doubts.remove("another street")  # it moved in town, or the bills go elsewhere
        judged.told.append((0, "on another street of the town"))
        return True
    if street is Street.SAME:
        return town is not Town.UNKNOWN or phone or names.likeness >= Likeness.CUT
    if town is Town.SAME and street is Street.UNKNOWN:
        return phone or names.likeness is not Likeness.CUT  # what was cut off may tell two firms apart
    return phone and town is Town.UNKNOWN


def _named_after_its_street(ours: Features) -> bool:
    """Whether the location's name is its address, and so no name that the site could have."""
    said = set(ours.name.words) - STREET_TYPES - {ours.place.kind}
    return bool(said) and said <= set(ours.place.street.split()) and ours.name.marks <= {ours.place.number}


def _enough_for_site(
    names: Compared,
    street: Street,
    town: Town,
    *,
    phone: bool,
    owner: bool | None,
    told_by_place: bool,
    numbered: bool,
) -> bool:
    if owner and told_by_place and street is Street.SAME and town is Town.SAME:
        return True
    if owner is False or names.likeness < Likeness.PART:
        return False
    alike = names.likeness >= Likeness.ALIKE and not names.words_lost
    if street is Street.SAME and town is Town.SAME:
        return alike or phone or (numbered and owner is True)
    if owner and alike and street in (Street.SAME, Street.UNKNOWN):
        return phone or names.likeness is Likeness.SAME or (town is Town.SAME and names.likeness is Likeness.ALIKE)
    return alike and phone and town is Town.SAME and street is Street.UNKNOWN


def best_name(ours: Features, our_short: Features, theirs: Features, their_short: Features) -> Compared:
    """The likeness of the names, whether or not one of them begins with its customer's name."""
    pairs = ((our_short, their_short), (ours, theirs), (our_short, theirs), (ours, their_short))
    found = [
        compare_names(one.name, other.name)
        for one, other in pairs[: 4 if our_short is not ours or their_short is not theirs else 1]
    ]
    return max(found, key=lambda one: (not one.other_marks, one.likeness, not one.fewer_marks))
