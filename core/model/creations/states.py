"""Postal codes of the states, territories and provinces of the United States and Canada.

Source: United States Postal Service, Publication 28, appendix B; Canada Post, addressing guidelines.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_STATES = """
AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, CT Connecticut, DE Delaware,
DC District of Columbia, FL Florida, GA Georgia, HI Hawaii, ID Idaho, IL Illinois, IN Indiana, IA Iowa, KS Kansas,
KY Kentucky, LA Louisiana, ME Maine, MD Maryland, MA Massachusetts, MI Michigan, MN Minnesota, MS Mississippi,
MO Missouri, MT Montana, NE Nebraska, NV Nevada, NH New Hampshire, NJ New Jersey, NM New Mexico, NY New York,
NC North Carolina, ND North Dakota, OH Ohio, OK Oklahoma, OR Oregon, PA Pennsylvania, RI Rhode Island,
SC South Carolina, SD South Dakota, TN Tennessee, TX Texas, UT Utah, VT Vermont, VA Virginia, WA Washington,
WV West Virginia, WI Wisconsin, WY Wyoming, PR Puerto Rico, VI Virgin Islands, GU Guam, AS American Samoa,
AB Alberta, BC British Columbia, MB Manitoba, NB New Brunswick, NL Newfoundland and Labrador, NS Nova Scotia,
NT Northwest Territories, NU Nunavut, ON Ontario, PE Prince Edward Island, QC Quebec, SK Saskatchewan, YT Yukon
"""
_CODES: Mapping[str, str] = MappingProxyType(
    {name.lower(): code for code, _, name in (one.strip().partition(" ") for one in _STATES.split(","))}
)


def postal_code_of(state: str) -> str:
    """The postal code of a state, given by its name or its code; '' for anything else."""
    name = " ".join(state.replace(".", " ").split()).lower()
    if len(name) == 2 and name.upper() in _CODES.values():
        return name.upper()
    return _CODES.get(name, "")
