"""Rules for locations and their sites, and for contracts. Their company's code is known, unless a rule says so."""

from __future__ import annotations

from dataclasses import replace

from core.model.mappings.alias import AliasKind
from tests.labelled.customers import SHORT_STREETS, Rule, shorter
from tests.labelled.maker import Address, Firm, Maker

_SITE, _CONTRACT = AliasKind.SITE, AliasKind.CONTRACT
_PARTS = ("Plant", "Building", "Store", "Warehouse", "Tower")


def place(
    m: Maker, firm: Firm, company: str, name: str, address: Address, answer: str | None, phone: str | None = None
) -> str:
    said = firm.phone if phone is None else phone
    return m.record(_SITE, name, answer, address, customer_id=company, phone=said)


def named_with_its_customer(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    part = m.random.choice(_PARTS)
    for number in (1, 2, 3):
        address = m.address(firm.address)
        code = m.listed(_SITE, f"{part} {number}", address, customer_code=customer)
        place(m, firm, company, f"{firm.name} - {part} {number}", address, code)


def chain_with_store_numbers(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    for number in m.random.sample(range(10, 99), 5):
        address = m.address()
        known = number % 4
        code = m.listed(_SITE, f"{firm.name} {number}", address, customer_code=customer) if known else None
        place(m, firm, company, f"{firm.name} Store #{number}", address, code)


def street_shortened_and_suite_left_out(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    address = m.address()
    short = replace(address, street=shorter(address.street, SHORT_STREETS), postal_code=f"{address.postal_code}-1234")
    code = m.listed(_SITE, firm.name, short, customer_code=customer)
    place(m, firm, company, firm.name, replace(address, street=f"{address.street}, Suite 200"), code)


def no_address_in_spectrum(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    for name in ("Main Office", "Cold Storage", "Distribution Center"):
        code = m.listed(_SITE, name, customer_code=customer)
        place(m, firm, company, f"{firm.name} {name}", m.address(firm.address), code)


def phone_of_the_head_office_everywhere(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    for name in ("Lakeside Center", "Airport Center"):
        address = m.address(firm.address)
        code = m.listed(_SITE, name, address, phone=firm.phone, customer_code=customer)
        place(m, firm, company, name, address, code)


def north_and_south(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    for side, short in (("North", "N"), ("South", "S")):
        address = m.address(firm.address)
        code = m.listed(_SITE, f"{short} Campus", address, customer_code=customer)
        place(m, firm, company, f"{side} Campus", address, code)


def buildings_of_one_address(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    for name in ("Main Building", "Parking Deck", "Boiler House"):
        code = m.listed(_SITE, f"{firm.name.split()[0]} {name}", firm.address, customer_code=customer)
        place(m, firm, company, name, firm.address, code)


def company_not_known(m: Maker) -> None:
    firm = m.firm()
    address = m.address()
    code = m.listed(_SITE, firm.name, address, customer_code=m.customer(firm.name, firm.address))
    place(m, firm, m.new_id(), f"{firm.name} {firm.legal}", address, code)


def slip_in_the_street(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    address = m.address()
    code = m.listed(_SITE, firm.name, replace(address, street=m.slip(address.street)), customer_code=customer)
    place(m, firm, company, firm.name, address, code)


def named_after_its_street(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    address = m.address(firm.address)
    code = m.listed(_SITE, firm.name, address, customer_code=customer)
    place(m, firm, company, address.street, address, code, m.phone())


def no_answer_other_number_of_the_street(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    address = m.address()
    number, _, rest = address.street.partition(" ")
    m.listed(_SITE, firm.name, replace(address, street=f"{int(number) + 40} {rest}"), customer_code=customer)
    place(m, firm, company, firm.name, address, None)


def no_answer_former_tenant_of_the_place(m: Maker) -> None:
    firm, before = m.firm(), m.firm()
    company, _ = m.mapped_company(firm)
    address = m.address()
    m.listed(_SITE, before.name, address, customer_code=m.customer(before.name, before.address))
    place(m, firm, company, firm.name, address, None)


def no_answer_other_building_of_the_address(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    m.listed(_SITE, f"{firm.name} Boiler House", firm.address, customer_code=customer)
    place(m, firm, company, f"{firm.name} Parking Deck", firm.address, None)


def no_answer_store_with_swapped_digits(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    m.listed(_SITE, f"{firm.name} #12", m.address(), customer_code=customer)
    place(m, firm, company, f"{firm.name} #21", m.address(), None)


def no_answer_new_place(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    m.listed(_SITE, "Main Office", m.address(), customer_code=customer)
    place(m, firm, company, f"{firm.name} Annex", m.address(), None)


def two_locations_of_one_site(m: Maker) -> None:
    """Only the one at the site's address is it; the other one was made for another address and has no site yet."""
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    address = m.address(firm.address)
    code = m.listed(_SITE, firm.name, address, customer_code=customer)
    place(m, firm, company, firm.name, address, code)
    place(m, firm, company, firm.name, m.address(firm.address), None)


def contract_number(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    number = f"{firm.name[:2].upper()}-{m.random.randint(1000, 9999)}"
    code = m.listed(_CONTRACT, f"{firm.name} Service", code=number.replace("-", ""), customer_code=customer)
    m.record(_CONTRACT, f"{firm.name} Service Agreement", code, customer_id=company, number=number)


def contract_name(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    for what in ("Sprinkler Inspection", "Boiler Maintenance"):
        code = m.listed(
            _CONTRACT, shorter(what, {"Maintenance": "Maint", "Inspection": "Insp"}), customer_code=customer
        )
        m.record(_CONTRACT, what, code, customer_id=company)


def no_answer_contract_of_another_year(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    m.listed(_CONTRACT, f"{firm.name} 2025", customer_code=customer)
    m.record(_CONTRACT, f"{firm.name} 2026", None, customer_id=company)


def no_answer_contract_of_another_customer(m: Maker) -> None:
    firm, other = m.firm(), m.firm()
    company, _ = m.mapped_company(firm)
    _, others = m.mapped_company(other)
    m.listed(_CONTRACT, "Master Service", customer_code=others)
    m.record(_CONTRACT, "Master Service", None, customer_id=company)


RULES: tuple[Rule, ...] = (
    named_with_its_customer,
    chain_with_store_numbers,
    street_shortened_and_suite_left_out,
    no_address_in_spectrum,
    phone_of_the_head_office_everywhere,
    north_and_south,
    buildings_of_one_address,
    company_not_known,
    slip_in_the_street,
    named_after_its_street,
    no_answer_other_number_of_the_street,
    no_answer_former_tenant_of_the_place,
    no_answer_other_building_of_the_address,
    no_answer_store_with_swapped_digits,
    no_answer_new_place,
    two_locations_of_one_site,
    contract_number,
    contract_name,
    no_answer_contract_of_another_year,
    no_answer_contract_of_another_customer,
)
