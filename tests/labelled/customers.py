"""Rules for companies and the customers that they are in Spectrum, or are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.labelled.maker import Maker

SHORT = {
    "Manufacturing": "MFG",
    "Services": "SVCS",
    "Hospital": "HOSP",
    "Apartments": "APTS",
    "Properties": "PROPS",
    "Construction": "CONST",
    "Electric": "ELEC",
}
SHORT_STREETS = {
    "Street": "St",
    "Avenue": "Ave",
    "Road": "Rd",
    "Boulevard": "Blvd",
    "Drive": "Dr.",
    "Lane": "Ln",
    "Parkway": "Pkwy",
    "Court": "Ct",
}
Rule = Callable[[Maker], None]


def shorter(text: str, table: dict[str, str]) -> str:
    return " ".join(table.get(word, word) for word in text.split())


def same_without_legal_form(m: Maker) -> None:
    firm = m.firm()
    m.company(f"{firm.name}, {firm.legal}", firm.address, firm.phone, m.customer(firm.name, firm.address, firm.phone))


def other_legal_form_and_no_phone(m: Maker) -> None:
    firm = m.firm()
    m.company(f"{firm.name} LLC", firm.address, firm.phone, m.customer(f"The {firm.name} Inc.", firm.address))


def abbreviations(m: Maker) -> None:
    firm = m.firm(trade=m.random.choice(sorted(SHORT)))
    short = replace(firm.address, street=shorter(firm.address.street, SHORT_STREETS))
    m.company(f"{firm.name} {firm.legal}", firm.address, "", m.customer(shorter(firm.name, SHORT), short))


def a_slip_in_the_name(m: Maker) -> None:
    firm = m.firm()
    m.company(firm.name, firm.address, firm.phone, m.customer(m.slip(firm.name), firm.address, firm.phone))


def a_slip_in_name_and_street(m: Maker) -> None:
    firm = m.firm()
    wrong = replace(firm.address, street=m.slip(firm.address.street))
    m.company(m.slip(firm.name), wrong, firm.phone, m.customer(firm.name, firm.address, firm.phone))


def swapped_words(m: Maker) -> None:
    town = m.address()
    what = m.random.choice(("Housing Authority", "Water Works", "Board of Education", "Fire Department"))
    name = f"{m.random.choice(m.words.proper)} {what}"
    first, _, rest = name.partition(" ")
    m.company(name, town, "", m.customer(f"{rest}, {first}", town))


def same_name_in_two_towns(m: Maker) -> None:
    firm = m.firm()
    away = m.other_town(firm.address)
    here, there = m.customer(firm.name, firm.address), m.customer(firm.name, away)
    m.company(firm.name, firm.address, "", here)
    m.company(f"{firm.name} Inc", away, "", there)


def cut_name(m: Maker) -> None:
    firm = m.firm()
    name = f"{firm.name} and Sons International"
    m.company(name, firm.address, firm.phone, m.customer(name, firm.address, firm.phone))


def moved_in_town_with_its_phone(m: Maker) -> None:
    firm = m.firm()
    m.company(firm.name, firm.address, firm.phone, m.customer(firm.name, m.address(firm.address), firm.phone))


def former_name(m: Maker) -> None:
    firm, before = m.firm(), m.firm()
    m.company(firm.name, firm.address, firm.phone, m.customer(before.name, firm.address, firm.phone))


def post_box_for_bills(m: Maker) -> None:
    firm = m.firm()
    box = replace(firm.address, street=f"P.O. Box {m.random.randint(100, 9999)}")
    m.company(f"{firm.name} {firm.legal}", firm.address, firm.phone, m.customer(firm.name, box))


def only_town_in_spectrum(m: Maker) -> None:
    firm = m.firm()
    m.company(firm.name, firm.address, "", m.customer(firm.name, replace(firm.address, street="", postal_code="")))


def only_phone_in_servicetrade(m: Maker) -> None:
    firm = m.firm()
    nowhere = replace(firm.address, street="", city="", state="", postal_code="")
    m.company(
        firm.name, nowhere, f"{firm.phone} x{m.random.randint(10, 99)}", m.customer(firm.name, firm.address, firm.phone)
    )


def sign_for_and(m: Maker) -> None:
    firm = m.firm()
    name = f"{firm.name.split()[0]} & Sons {firm.name.split()[-1]}"
    m.company(name, firm.address, "", m.customer(name.replace("&", "and"), firm.address))


def inactive_twin(m: Maker) -> None:
    firm = m.firm()
    m.customer(firm.name, m.address(firm.address), active=False)
    m.company(firm.name, firm.address, firm.phone, m.customer(firm.name, firm.address, firm.phone))


def two_companies_of_one_customer(m: Maker) -> None:
    firm = m.firm()
    code = m.customer(firm.name, firm.address, firm.phone)
    m.company(firm.name, firm.address, firm.phone, code)
    m.company(f"{firm.name} - Accounts Payable", firm.address, firm.phone, code)


def no_answer_same_name_in_another_town(m: Maker) -> None:
    firm = m.firm()
    m.customer(firm.name, m.other_town(firm.address), m.phone())
    m.company(firm.name, firm.address, firm.phone, None)


def no_answer_same_first_words_in_town(m: Maker) -> None:
    firm = m.firm(trade="Foods")
    m.customer(firm.name.replace("Foods", "Plumbing"), replace(m.address(firm.address), street=""))
    m.company(firm.name, firm.address, firm.phone, None)


def no_answer_other_firm_in_the_house(m: Maker) -> None:
    firm = m.firm()
    m.customer(m.firm().name, firm.address, m.phone())
    m.company(firm.name, firm.address, firm.phone, None)


def no_answer_branch_with_another_number(m: Maker) -> None:
    firm = m.firm()
    m.customer(f"{firm.name} #12", firm.address)
    m.company(f"{firm.name} #21", m.address(firm.address), firm.phone, None)


def no_answer_inactive_only(m: Maker) -> None:
    firm = m.firm()
    m.customer(firm.name, m.address(firm.address), active=False)
    m.company(firm.name, firm.address, firm.phone, None)


def no_answer_at_all(m: Maker) -> None:
    firm = m.firm()
    m.company(f"{firm.name} {firm.legal}", firm.address, firm.phone, None)


RULES: tuple[Rule, ...] = (
    same_without_legal_form,
    other_legal_form_and_no_phone,
    abbreviations,
    a_slip_in_the_name,
    a_slip_in_name_and_street,
    swapped_words,
    same_name_in_two_towns,
    cut_name,
    moved_in_town_with_its_phone,
    former_name,
    post_box_for_bills,
    only_town_in_spectrum,
    only_phone_in_servicetrade,
    sign_for_and,
    inactive_twin,
    two_companies_of_one_customer,
    no_answer_same_name_in_another_town,
    no_answer_same_first_words_in_town,
    no_answer_other_firm_in_the_house,
    no_answer_branch_with_another_number,
    no_answer_inactive_only,
    no_answer_at_all,
)
