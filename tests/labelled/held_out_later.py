"""More rules that nothing was fitted to, written after the first ones had found two faults."""

from __future__ import annotations

from dataclasses import replace

from core.model.mappings.alias import AliasKind
from tests.labelled.customers import Rule
from tests.labelled.items import thing
from tests.labelled.maker import Maker
from tests.labelled.sites import place

_SITE, _ITEM = AliasKind.SITE, AliasKind.ITEM


def no_answer_one_word_is_another(m: Maker) -> None:
    firm = m.firm()
    first, *_, last = firm.name.split()
    one, other = m.random.sample(m.words.more, 2)
    m.customer(f"{first} {one} {last}", replace(firm.address, street=""))
    m.company(f"{first} {other} {last}", firm.address, firm.phone, None)


def no_answer_companies_of_one_owner(m: Maker) -> None:
    firm = m.firm()
    m.customer(f"{firm.name} 100 LLC", firm.address, firm.phone)
    m.company(f"{firm.name} 200 LLC", firm.address, firm.phone, None)


def no_answer_managed_in_the_same_office(m: Maker) -> None:
    firm = m.firm()
    m.customer(m.firm().name, firm.address, firm.phone)
    m.company(firm.name, firm.address, firm.phone, None)


def tenants_told_apart_by_name_and_suite(m: Maker) -> None:
    first, second = m.firm(), m.firm()
    for firm, suite in ((first, 100), (second, 200)):
        here = replace(first.address, street=f"{first.address.street} Ste {suite}")
        code = m.customer(firm.name, here, firm.phone)
        m.company(f"{firm.name}, {firm.legal}", replace(here, street=here.street.replace("Ste", "#")), "", code)


def moved_to_another_town(m: Maker) -> None:
    firm = m.firm()
    m.company(firm.name, m.other_town(firm.address), firm.phone, m.customer(firm.name, firm.address, firm.phone))


def longer_name_in_spectrum(m: Maker) -> None:
    firm = m.firm()
    code = m.customer(f"{firm.name} & Supply", firm.address, firm.phone)
    m.company(firm.name, firm.address, firm.phone, code)


def same_firm_by_another_phone(m: Maker) -> None:
    firm = m.firm()
    m.company(f"{firm.name} {firm.legal}", firm.address, m.phone(), m.customer(firm.name, firm.address, firm.phone))


def gates_with_words_turned_round(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    for gate in (2, 4):
        code = m.listed(_SITE, f"Shipping Gate {gate}", firm.address, customer_code=customer)
        place(m, firm, company, f"Gate {gate} - Shipping", firm.address, code)


def slip_in_the_town_and_no_postal_code(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    address = m.address()
    wrong = replace(address, city=m.slip(address.city), postal_code="")
    place(m, firm, company, firm.name, address, m.listed(_SITE, firm.name, wrong, customer_code=customer))


def no_answer_another_floor(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    m.listed(_SITE, f"{firm.name} Floor 3", firm.address, customer_code=customer)
    place(m, firm, company, f"{firm.name} Floor 5", firm.address, None)


def no_answer_site_in_another_town(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    address = m.address()
    away = replace(m.other_town(address), street=address.street)
    m.listed(_SITE, firm.name, away, customer_code=customer)
    place(m, firm, company, firm.name, address, None)


def no_answer_item_of_another_colour(m: Maker) -> None:
    name = thing(m)
    m.listed(_ITEM, f"{name} red")
    m.record(_ITEM, f"{name} white", None)


def no_answer_item_of_a_later_revision(m: Maker) -> None:
    name, number = thing(m), m.random.randint(1000, 9999)
    m.listed(_ITEM, f"{name} rev 1", code=f"AB{number}")
    m.record(_ITEM, f"{name} rev 2", None, own_code=f"AB-{number}R")


def item_by_code_with_another_description(m: Maker) -> None:
    name = thing(m)
    own = f"{name[0]}{m.random.randint(10_000, 99_999)}"
    m.record(_ITEM, f"{name} complete", m.listed(_ITEM, " ".join(name.split()[:2]), code=own), own_code=own)


RULES: tuple[Rule, ...] = (
    no_answer_one_word_is_another,
    no_answer_companies_of_one_owner,
    no_answer_managed_in_the_same_office,
    tenants_told_apart_by_name_and_suite,
    moved_to_another_town,
    longer_name_in_spectrum,
    same_firm_by_another_phone,
    gates_with_words_turned_round,
    slip_in_the_town_and_no_postal_code,
    no_answer_another_floor,
    no_answer_site_in_another_town,
    no_answer_item_of_another_colour,
    no_answer_item_of_a_later_revision,
    item_by_code_with_another_description,
)
