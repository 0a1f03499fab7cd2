"""Words of names that people shorten, and the one spelling under which they are compared."""

from __future__ import annotations

_TABLE = """
manufacturing mfg mfr mfrs
service svc svcs srvc srvcs serv
center ctr cntr cent centre
association assoc assocs assn associate
management mgmt mgt mngmt
apartment apt apts
property prop props pptys ppty
school sch schl
warehouse whse whs wrhse
construction const constr
industry ind inds indus
hospital hosp hosps
district dist distr
building bldg blg
department dept
university univ
elementary elem
international intl
national natl
american amer
brother bros
technology tech
system sys
engineering eng
electric elec electrical
equipment equip
refrigeration refrig
medical med
headquarter hq
mount mt
fort ft
saint st ste
height hts
tower twr
group grp
enterprise ent
packaging pkg
number no
north n
south s
east e
west w
northeast ne
northwest nw
southeast se
southwest sw
1 one
2 two ii
3 three iii
4 four iv
5 five
6 six
7 seven
8 eight
9 nine
10 ten
1st first
2nd second
3rd third
4th fourth
5th fifth
6th sixth
7th seventh
8th eighth
9th ninth
10th tenth
"""
SPELLINGS = {short: word for word, *others in map(str.split, _TABLE.strip().splitlines()) for short in others}
DIRECTIONS = frozenset(("north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"))
_LEGAL = "inc incorporated llc llp lp ltd limited corp corporation co company cos plc pc pllc pa gmbh"
LEGAL = frozenset(_LEGAL.split())
"""Legal forms, which say nothing: one system has them and the other does not."""
BEFORE_NUMBERS = frozenset(("number", "store", "location", "branch", "site", "unit", "shop"))
"""Words that say nothing before a number: `Store #12` is `12`."""
FILLERS = frozenset(("the", "and", "of", "at", "for", "an", "dba"))
