"""The last rules that nothing was fitted to; the figures of their first run stand in docs/decisions/0078."""

from __future__ import annotations

from dataclasses import replace

from core.model.mappings.alias import AliasKind
from tests.labelled.customers import Rule
from tests.labelled.items import thing
from tests.labelled.maker import Maker
from tests.labelled.sites import place

_SITE, _CONTRACT, _ITEM = AliasKind.SITE, AliasKind.CONTRACT, AliasKind.ITEM


def no_answer_sister_firm_in_the_house(m: Maker) -> None:
    firm = m.firm(trade="Equipment")
    m.customer(firm.name.replace("Equipment", "Leasing"), firm.address, firm.phone)
    m.company(firm.name, firm.address, firm.phone, None)


def no_answer_same_name_on_another_street_of_a_town(m: Maker) -> None:
    firm = m.firm()
    m.customer(firm.name, m.address(firm.address), m.phone())
    m.company(f"{firm.name} {firm.legal}", firm.address, firm.phone, None)


def no_answer_first_name_differs(m: Maker) -> None:
    town, last = m.address(), m.random.choice(m.words.proper)
    m.customer(f"{last}, Robert", replace(town, street=""))
    m.company(f"Richard {last}", town, m.phone(), None)


def person_written_last_name_first(m: Maker) -> None:
    town, last, more = m.address(), m.random.choice(m.words.proper), m.random.choice(m.words.more)
    m.company(f"Margaret {more} {last}", town, "", m.customer(f"{last}, Margaret {more}", town))


def church_with_saint(m: Maker) -> None:
    town, name = m.address(), m.random.choice(m.words.proper)
    code = m.customer(f"St. {name} Church", town, m.phone())
    m.company(f"Saint {name}'s Church", town, "", code)


def no_answer_terminal_of_a_port(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    m.listed(_SITE, f"{firm.name.split()[0]} Terminal East", firm.address, customer_code=customer)
    place(m, firm, company, f"{firm.name.split()[0]} Terminal West", firm.address, None)


def rooms_of_one_building(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    for room, short in (("Server Room", "SERVER RM"), ("Boiler Room", "BOILER RM"), ("Pump House", "PUMP HSE")):
        code = m.listed(_SITE, short, firm.address, customer_code=customer)
        place(m, firm, company, f"{firm.name} - {room}", firm.address, code)


def ranges_of_house_numbers(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    address = m.address()
    number, _, rest = address.street.partition(" ")
    code = m.listed(
        _SITE, firm.name, replace(address, street=f"{number}-{int(number) + 8} {rest}"), customer_code=customer
    )
    place(m, firm, company, firm.name, address, code)


def no_answer_site_with_an_unknown_owner(m: Maker) -> None:
    firm = m.firm()
    company, _ = m.mapped_company(firm)
    m.listed(_SITE, "Warehouse", replace(firm.address, street=""), customer_code=m.customer(m.firm().name))
    place(m, firm, company, "Warehouse", firm.address, None)


def no_answer_contract_for_another_place(m: Maker) -> None:
    firm = m.firm()
    company, customer = m.mapped_company(firm)
    site = m.listed(_SITE, f"{firm.name} Dock", firm.address, customer_code=customer)
    other = m.listed(_SITE, f"{firm.name} Yard", m.address(), customer_code=customer)
    location = m.new_id()
    m.made.known[_SITE, location] = site
    m.listed(_CONTRACT, "Quarterly Inspection", customer_code=customer, site_code=other)
    m.record(_CONTRACT, "Quarterly Inspection", None, customer_id=company, location_ids=(location,))


def no_answer_item_of_another_length(m: Maker) -> None:
    name = thing(m)
    m.listed(_ITEM, f"{name} 2 x 10 ft")
    m.record(_ITEM, f"{name} 2 x 20 ft", None)


def no_answer_item_for_the_other_hand(m: Maker) -> None:
    name = thing(m)
    m.listed(_ITEM, f"{name} left")
    m.record(_ITEM, f"{name} right", None)


def item_with_measures_spelled_out(m: Maker) -> None:
    name = thing(m)
    code = m.listed(_ITEM, f"{name} 3IN 24V")
    m.record(_ITEM, f"{name} 3 inches, 24 volt", code)


RULES: tuple[Rule, ...] = (
    no_answer_sister_firm_in_the_house,
    no_answer_same_name_on_another_street_of_a_town,
    no_answer_first_name_differs,
    person_written_last_name_first,
    church_with_saint,
    no_answer_terminal_of_a_port,
    rooms_of_one_building,
    ranges_of_house_numbers,
    no_answer_site_with_an_unknown_owner,
    no_answer_contract_for_another_place,
    no_answer_item_of_another_length,
    no_answer_item_for_the_other_hand,
    item_with_measures_spelled_out,
)
