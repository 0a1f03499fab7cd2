"""Plain words for the columns that Spectrum names in its answers."""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORDS: Mapping[str, str] = {
    "Authorization_ID": "the Authorization ID",
    "GUID": "the session",
    "Company_Code": "the company code",
    "WO_Number": "the work order number",
    "WO_Reference_Code": "the kind of work order",
    "WO_Job_Number": "the site",
    "WO_Job_Division": "the work order type",
    "Bill_Customer_Code": "the customer code",
    "Contract_Number": "the contract",
    "SC_Contract": "the contract",
    "Customer_PO_Number": "the customer PO",
    "Summary_Description": "the description",
    "Lead_Source": "the lead source",
    "Notes_Text": "the note",
    "Notes_Topic": "the note topic",
    "GL_Department": "the GL department",
    "GL_Account": "the GL account",
    "Cost_Center": "the cost center",
    "Sales_Tax_Code": "the sales tax code",
    "Priority_Code": "the priority",
    "Ordered_Date": "the order date",
    "Complete_Date": "the completion date",
    "Item_Code": "the item code",
    "Item_Description": "the item text",
    "Description": "the text of the charge",
    "Other_Cost_Item": "the other charge",
    "Warehouse_Code": "the warehouse",
    "Quantity_Used": "the quantity",
    "Unit_Of_Measure": "the unit of measure",
    "Unit_Cost": "the unit cost",
    "Unit_Price": "the unit price",
    "WO_Site_Equipment": "the site equipment",
    "Component_Number": "the component",
    "Phase_Code": "the phase",
    "Cost_Type": "the cost type",
    "Cost_Of_Sales_Amount": "the cost",
    "Sell_Price": "the price",
    "Work_Task": "the task code",
    "Task_Price": "the task's price",
    "Quantity": "the quantity",
    "System_ID": "the site equipment",
    "Site_ID": "the code of the site",
    "Site_Name": "the name of the site",
    "Site_Address1": "the street",
    "Site_Address2": "the second line of the address",
    "Site_City": "the city",
    "Site_State": "the state",
    "Site_Zip_Code": "the postal code",
    "Site_Phone1": "the phone number",
    "Site_Contact_Person": "the contact",
    "Site_Customer_Code": "the site's customer code",
    "Customer_Code": "the customer code",
    "Name": "the name",
    "Address_1": "the street",
    "Address_2": "the second line of the address",
    "City": "the city",
    "State": "the state",
    "Zip_Code": "the postal code",
    "Phone": "the phone number",
    "Terms_Code": "the terms code",
    "Customer_Email": "the e-mail address",
}


def folded(column: str) -> str:
    """A column name for comparison, without case, spaces and underscores."""
    return re.sub(r"[^a-z0-9]", "", column.lower())


_NAMES = {folded(name): name for name in _WORDS}


def column_name(column: str) -> str:
    """A known column in Spectrum's own spelling; an unknown one made printable and short."""
    printable = "".join(ch for ch in column if ch.isprintable()).strip()[:40]
    return _NAMES.get(folded(column), printable)


def in_words(column: str) -> str:
    """The column in words for office staff; '' if the answer names none."""
    name = column_name(column)
    return _WORDS.get(name, f"the field {name}") if name else ""


def opening(column: str) -> str:
    """The same at the start of a sentence."""
    words = in_words(column)
    return words[:1].upper() + words[1:]
