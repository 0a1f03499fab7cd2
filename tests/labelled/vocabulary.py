"""The words of the made-up firms: one set for the measured rules, another one for those that are held out."""

from __future__ import annotations

from tests.labelled.maker import Vocabulary


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MEASURED = Vocabulary(
    proper=_words(
        "Harborview Cedar Millbrook Triport Oakhall Sunridge Piedmont Ashford Brightwater Carver Dunmore Eastgate "
        "Fairhaven Glenwood Hartwell Ironbridge Jasper Kestrel Langford Maplewood Northgate Orchard Pinecrest "
        "Quarry Redwood Stonegate Thornton Upland Valleyview Westbrook Yorkfield Ainsley Birchwood Coldwater "
        "Denholm Elmhurst Foxglove Greenfield Hollis Inverness"
    ),
    more=_words("Grove Valley River Ridge Hill Lake Creek Point Harbor Summit Park Crossing"),
    trades=_words(
        "Foods Manufacturing Services Hospital Logistics Apartments Bakery Storage Plastics Properties Packaging "
        "Electric Construction Dental Brewing Textiles Furniture Academy Motors Pharmacy"
    ),
    legal=("Inc", "Inc.", "LLC", "L.L.C.", "Corp", "Corporation", "Co", "Company", "LP", "Ltd"),
    towns=(
        ("Raleigh", "NC", "276"),
        ("Durham", "NC", "277"),
        ("Greensboro", "NC", "274"),
        ("Charlotte", "NC", "282"),
        ("Columbia", "SC", "292"),
        ("Greenville", "SC", "296"),
        ("Richmond", "VA", "232"),
        ("Roanoke", "VA", "240"),
        ("Knoxville", "TN", "379"),
        ("Augusta", "GA", "309"),
    ),
    streets=_words("Foundry Magnolia Commerce Wellington Sycamore Franklin Chestnut Depot Hillcrest Lakeshore Madison"),
    street_types=_words("Street Avenue Road Boulevard Drive Lane Parkway Court"),
)
HELD_OUT = Vocabulary(
    proper=_words(
        "Lakemont Bellweather Crestline Daybreak Emberly Fernhollow Granite Highpoint Juniper Kingsley Larkspur "
        "Meridian Norwood Pemberton Ravenswood Saltmarsh Tidewater Underhill Vanguard Whitfield Abernathy Blackstone "
        "Cloverdale Driftwood Everett Fullerton Gladstone Hawthorne Lockwood Marlowe Oakridge Prescott Rockford"
    ),
    more=_words("Bay Falls Springs Heights Mesa Prairie Canyon Landing Junction Station"),
    trades=_words(
        "Medical Engineering Warehouse Refrigeration Industries Technologies Associates Management Distribution "
        "Equipment Ministries University Dairy Aviation Printing Optical Nursery Hotel Theatre Laundry"
    ),
    legal=("Incorporated", "Inc", "LLC", "LLP", "Limited", "Co.", "PLLC", "Corp."),
    towns=(
        ("Saint Paul", "MN", "551"),
        ("Fort Worth", "TX", "761"),
        ("Des Moines", "IA", "503"),
        ("Boise", "ID", "837"),
        ("Spokane", "WA", "992"),
        ("Tucson", "AZ", "857"),
        ("Omaha", "NE", "681"),
        ("Wichita", "KS", "672"),
        ("Mount Vernon", "OH", "430"),
    ),
    streets=_words("Juniper Canyon Industrial Prospect Lincoln Fairview Meadow Railroad Orchard Cascade Union"),
    street_types=_words("Street Avenue Road Way Drive Place Circle Highway"),
)
