"""The states of the United States and the provinces of Canada by name."""

from __future__ import annotations

_NAMES = (
    "al alabama,ak alaska,az arizona,ar arkansas,ca california,co colorado,ct connecticut,de delaware,fl florida,"
    "ga georgia,hi hawaii,id idaho,il illinois,in indiana,ia iowa,ks kansas,ky kentucky,la louisiana,me maine,"
    "md maryland,ma massachusetts,mi michigan,mn minnesota,ms mississippi,mo missouri,mt montana,ne nebraska,"
    "nv nevada,nh new hampshire,nj new jersey,nm new mexico,ny new york,nc north carolina,nd north dakota,oh ohio,"
    "ok oklahoma,or oregon,pa pennsylvania,ri rhode island,sc south carolina,sd south dakota,tn tennessee,tx texas,"
    "ut utah,vt vermont,va virginia,wa washington,wv west virginia,wi wisconsin,wy wyoming,dc district of columbia,"
    "ab alberta,bc british columbia,mb manitoba,nb new brunswick,nl newfoundland,ns nova scotia,on ontario,"
    "pe prince edward island,qc quebec,sk saskatchewan"
)
STATES = {name: letters for letters, _, name in (one.partition(" ") for one in _NAMES.split(","))}
