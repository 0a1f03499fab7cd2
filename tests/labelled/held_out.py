"""Rules that nothing was fitted to: other words, other slips, other traps than in the rules that are measured first."""

from __future__ import annotations

from dataclasses import replace

from core.model.mappings.alias import AliasKind
from tests.labelled.customers import Rule
from tests.labelled.items import thing
from tests.labelled.maker import Maker
from tests.labelled.sites import place

_SITE, _CONTRACT, _ITEM = AliasKind.SITE, AliasKind.CONTRACT, AliasKind.ITEM
_NAMES = {
    "Medical": "MED",
    "Engineering": "ENGRG",
    "Warehouse": "WHSE",
    "Refrigeration": "REFRIG",
    "Industries": "INDS",
    "Technologies": "TECH",
    "Associates": "ASSOC",
    "Management": "MGMT",
    "Distribution": "DISTRIB",
    "Equipment": "EQUIP",
    "Ministries": "MINISTRY",
    "University": "UNIV",
}
_STATES = {"MN": "Minnesota", "TX": "Texas", "IA": "Iowa", "ID": "Idaho", "WA": "Washington", "AZ": "Arizona"}


def spelled(street: str) -> str:
    return street.replace("Highway", "Hwy").replace("Place", "Pl").replace("Circle", "Cir").replace("Way", "Wy")


def short_trade_and_state_in_full(m: Maker) -> None:
    firm = m.firm(trade=m.random.choice(sorted(_NAMES)))
    for long, short in _NAMES.items():
        name = firm.name.replace(long, short)
        if name != firm.name:
            break
    full = replace(firm.address, state=_STATES.get(firm.address.state, firm.address.state))
    m.company(f"{firm.name}, {firm.legal}", full, firm.phone, m.customer(name, firm.address, firm.phone))


def written_in_one_word(m: Maker) -> None:
    firm = m.firm()
    first, _, rest = firm.name.partition(" ")
    half = len(first) // 2
    m.company(firm.name, firm.address, "", m.customer(f"{first[:half]} {first[half:]} {rest}", firm.address))


def accents_and_apostrophes(m: Maker) -> None:
    firm = m.firm()
    first, _, rest = firm.name.partition(" ")
    m.company(f"{first[:-1]}é's {rest}", firm.address, "", m.customer(f"{first[:-1]}es {rest}", firm.address))


def legal_form_in_front(m: Maker) -> None:
    firm = m.firm()
    m.company(f"{firm.name} Co., Inc.", firm.address, firm.phone, m.customer(f"The {firm.name} Company", firm.address))


def letters_lost_at_the_field_end(m: Maker) -> None:
    firm = m.firm()
    name = f"{firm.name} of Greater {firm.address.city}"
    m.company(name, firm.address, firm.phone, m.customer(name, firm.address, firm.phone))


def box_on_both_sides(m: Maker) -> None:
    firm = m.firm()
    number = m.random.randint(100, 9999)
    here = replace(firm.address, street=f"PO Box {number}")
    there = replace(firm.address, street=f"P O BOX {number}")
    m.company(firm.name, here, "", m.customer(firm.name, there))


def phone_in_another_form(m: Maker) -> None:
    firm = m.firm()
    digits = "".join(filter(str.isdigit, firm.phone))
    code = m.customer(firm.name, replace(firm.address, street=""), f"1-{digits[:3]}-{digits[3:6]}-{digits[6:]}")
    m.company(firm.name, firm.address, f"{firm.phone} ext. 7", code)


def two_letters_swapped_and_no_street(m: Maker) -> None:
    firm = m.firm()
    m.company(m.slip(firm.name), firm.address, firm.phone, m.customer(firm.name, replace(firm.address, street="")))


def merged_into_another_firm(m: Maker) -> None:
    firm = m.firm()
    other = m.firm()
    m.company(f"{other.name} (formerly {firm.name})", firm.address, firm.phone, m.customer(firm.name, firm.address))


def department_of_a_town(m: Maker) -> None:
    town = m.address()
    what = m.random.choice(("Public Works", "Parks and Recreation", "Police Department", "Fire Station"))
    name = f"{m.random.choice(m.words.proper)} {m.random.choice(m.words.more)} {what}"
    m.company(name, town, "", m.customer(name.replace("Department", "Dept").replace(" and ", " & "), town))


def no_answer_father_and_son(m: Maker) -> None:
    firm = m.firm()
    m.customer(f"{firm.name} Sr", replace(firm.address, street=""))
    m.company(f"{firm.name} Jr", firm.address, firm.phone, None)


def no_answer_same_name_across_the_state_line(m: Maker) -> None:
    firm = m.firm()
    m.customer(firm.name, m.other_town(firm.address))
    m.company(f"{firm.name} {firm.legal}", replace(firm.address, street=""), "", None)


def no_answer_second_branch_in_town(m: Maker) -> None:
    firm = m.firm()
    m.customer(firm.name, firm.address, firm.phone)
    m.company(f"{firm.name} West", m.address(firm.address), m.phone(), None)


def no_answer_neighbour(m: Maker) -> None:
    firm = m.firm()
    number, _, rest = firm.address.street.partition(" ")
    m.customer(m.firm().name, replace(firm.address, street=f"{int(number) + 2} {rest}"))
    m.company(firm.name, firm.address, "", None)


def schools_of_a_district(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    for school, short in (
        ("Elementary School", "ELEM SCH"),
        ("Middle School", "MIDDLE SCH"),
        ("High School", "HIGH SCHL"),
    ):
        address = m.address(firm.address)
        code = m.listed(_SITE, f"{firm.name.split()[0]} {short}", address, customer_code=customer)
        place(m, firm, company, f"{firm.name.split()[0]} {school}", address, code)


def towers_with_letters(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    for letter in "ABC":
        code = m.listed(_SITE, f"Tower {letter}", firm.address, customer_code=customer)
        place(m, firm, company, f"{firm.name} Tower {letter}", firm.address, code)


def floors_and_numbers_in_words(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    for number, word in (("1", "One"), ("2", "Two")):
        address = m.address(firm.address)
        code = m.listed(_SITE, f"{firm.name.split()[0]} Center {word}", address, customer_code=customer)
        place(m, firm, company, f"{firm.name.split()[0]} Center {number}", address, code)


def street_with_direction_and_hash(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    address = m.address()
    number, _, rest = address.street.partition(" ")
    there = replace(address, street=f"{number} N. {spelled(rest)} #4", city=address.city.replace("Saint", "St."))
    code = m.listed(_SITE, firm.name, there, customer_code=customer)
    place(m, firm, company, firm.name, replace(address, street=f"{number} North {rest}"), code)


def site_without_customer_or_street(m: Maker) -> None:
    firm = m.firm()
    address = m.address()
    code = m.listed(_SITE, firm.name, replace(address, street=""), phone=firm.phone)
    place(m, firm, m.new_id(), firm.name, address, code)


def sisters_tell_the_customer(m: Maker) -> None:
    """The company has no code, but a location of it has: its site says whose it is."""
    firm = m.firm()
    customer, company = m.customer(firm.name, firm.address), m.new_id()
    first, second = m.address(firm.address), m.address(firm.address)
    known = m.listed(_SITE, f"{firm.name} Dock", first, customer_code=customer)
    sister = place(m, firm, company, f"{firm.name} Dock", first, known)
    m.made.known[_SITE, sister] = known
    code = m.listed(_SITE, "Gate House", replace(second, street=""), customer_code=customer)
    place(m, firm, company, f"{firm.name} Gate House", second, code)


def no_answer_site_on_the_other_side(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    address = m.address(firm.address)
    number, _, rest = address.street.partition(" ")
    m.listed(_SITE, firm.name, replace(address, street=f"{number} South {rest}"), customer_code=customer)
    place(m, firm, company, firm.name, replace(address, street=f"{number} North {rest}"), None)


def no_answer_same_building_name_elsewhere(m: Maker) -> None:
    firm, other = m.firm(), m.firm()
    company, _ = m.mapped_company(firm)
    _, others = m.mapped_company(other)
    m.listed(_SITE, "Distribution Center", m.address(), customer_code=others)
    place(m, firm, company, "Distribution Center", m.address(), None)


def no_answer_second_building_without_address(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    m.listed(_SITE, "Building 1", customer_code=customer)
    place(m, firm, company, "Building 2", m.address(), None)


def contract_with_number_in_its_name(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    number = f"{m.random.randint(10_000, 99_999)}"
    code = m.listed(_CONTRACT, f"{firm.name} annual", code=f"A{number}", customer_code=customer)
    m.record(_CONTRACT, f"{firm.name} Annual", code, customer_id=company, number=f"A-{number}")


def no_answer_contract_for_another_trade(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    m.listed(_CONTRACT, "Chiller Maintenance", customer_code=customer)
    m.record(_CONTRACT, "Elevator Maintenance", None, customer_id=company)


def item_with_fraction_and_marks(m: Maker) -> None:
    name = thing(m)
    code = m.listed(_ITEM, f"{name} 1-1/2 IN")
    m.record(_ITEM, f'{name}, 1 1/2"', code)


def item_code_in_small_letters(m: Maker) -> None:
    name = thing(m)
    own = f"{name[:3].lower()} {m.random.randint(1000, 9999)}"
    code = m.listed(_ITEM, name, code=own.replace(" ", "").upper())
    m.record(_ITEM, f"{name} each", code, own_code=own)


def item_with_a_slip(m: Maker) -> None:
    name = thing(m)
    m.record(_ITEM, m.slip(name), m.listed(_ITEM, name))


def no_answer_item_of_another_series(m: Maker) -> None:
    name = thing(m)
    m.listed(_ITEM, f"{name}0")
    m.record(_ITEM, f"{name}5", None)


def no_answer_item_of_another_material(m: Maker) -> None:
    name = thing(m)
    m.listed(_ITEM, f"{name} bronze")
    m.record(_ITEM, f"{name} steel", None)


RULES: tuple[Rule, ...] = (
    short_trade_and_state_in_full,
    written_in_one_word,
    accents_and_apostrophes,
    legal_form_in_front,
    letters_lost_at_the_field_end,
    box_on_both_sides,
    phone_in_another_form,
    two_letters_swapped_and_no_street,
    merged_into_another_firm,
    department_of_a_town,
    no_answer_father_and_son,
    no_answer_same_name_across_the_state_line,
    no_answer_second_branch_in_town,
    no_answer_neighbour,
    schools_of_a_district,
    towers_with_letters,
    floors_and_numbers_in_words,
    street_with_direction_and_hash,
    site_without_customer_or_street,
    sisters_tell_the_customer,
    no_answer_site_on_the_other_side,
    no_answer_same_building_name_elsewhere,
    no_answer_second_building_without_address,
    contract_with_number_in_its_name,
    no_answer_contract_for_another_trade,
    item_with_fraction_and_marks,
    item_code_in_small_letters,
    item_with_a_slip,
    no_answer_item_of_another_series,
    no_answer_item_of_another_material,
)
