"""The fields of the Spectrum services that read lists, and of those that a connection may switch on.

Source: Spectrum Data Exchange documentation, one page for each service. Not documented: the fields of UpdateCustomer
(new in 2025 R2), which are taken to be those of AddCustomer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.model.work_orders.spectrum_field import FieldType, SpectrumField

CUSTOMERS_READ, ITEMS_READ = "GetCustomers", "GetInventoryItems"
"""Services that read a list."""
ADD_SITE, ADD_CUSTOMER, UPDATE_CUSTOMER = "AddWOSiteAddress", "AddCustomer", "UpdateCustomer"
ADD_TASK, WRITE_NOTES, WRITE_USER_FIELDS = "AddWOTask", "WOHeaderNotes", "UpdateWorkOrderHeader_UDF"

_NUMERIC, _DATE = FieldType.NUMERIC, FieldType.DATE
_CALLER = (SpectrumField("Authorization_ID", 20, required=True), SpectrumField("GUID", 36))
_USER_DEFINED = tuple(SpectrumField(f"UDF{place}", 20) for place in range(1, 21))
"""Texts, numbers or dates, as set up in Spectrum. Each must be mapped for the service at the Authorization ID."""

_CUSTOMER = (
    *_CALLER,
    SpectrumField("Company_Code", 3, required=True),
    SpectrumField("Customer_Code", 10, format="uppercase, no symbols, no commas", required=True),
    SpectrumField("Name", 30, format="no commas", required=True),
    SpectrumField("Alpha_Sort", 8, format="no commas"),
    SpectrumField("Type", 10),
    SpectrumField("Address_1", 30),
    SpectrumField("Address_2", 30),
    SpectrumField("City", 25),
    SpectrumField("State", 2),
    SpectrumField("Zip_Code", 10),
    SpectrumField("Phone", 14, format="digits; no dashes"),
    SpectrumField("Fax_Phone", 14, format="digits; no dashes"),
    SpectrumField("Contact_1", 20, format="no commas"),
    SpectrumField("Contact_2", 20, format="no commas"),
    SpectrumField("Contact_3", 20, format="no commas"),
    SpectrumField("Salesperson", 3),
    SpectrumField("Terms_Code", 1, required=True),
    SpectrumField("Standard_Retention_Percent", 7, _NUMERIC, "10.5 means 10.5%"),
    SpectrumField("Taxable_Flag", 1, format="Y/N"),
    SpectrumField("Sales_Tax_Code", 15, required=True),
    SpectrumField("Resale_Number", 15),
    SpectrumField("Resale_Exp_Date", 10, _DATE, "MM/DD/CCYY"),
    SpectrumField("Statement_Flag", 1, format="Y/N"),
    SpectrumField("Finance_Charge_Tran_Code", 10),
    SpectrumField("Finance_Charge", 6, _NUMERIC),
    SpectrumField("Price_Level_Material", 1, _NUMERIC, "1-5"),
    SpectrumField("Price_Level_Labor", 1, _NUMERIC, "1-5"),
    SpectrumField("Credit_Limit", 14, _NUMERIC),
    SpectrumField("Date_Created", 10, _DATE, "MM/DD/CCYY"),
    SpectrumField("Customer_Email", 70, format="e-mail"),
    SpectrumField("Markup_Code", 10),
    *_USER_DEFINED,
)
_ON_CREATION = frozenset({"Name", "Terms_Code", "Sales_Tax_Code"})
"""Required for a new customer only."""

OPTIONAL_FIELDS: Mapping[str, tuple[SpectrumField, ...]] = {
    CUSTOMERS_READ: (
        *_CALLER,
        SpectrumField("pCompany_Code", 3, required=True),
        SpectrumField("pStatus", 3, format="blank, I, ALL"),
    ),
    ITEMS_READ: (
        *_CALLER,
        SpectrumField("pCompany_Code", 3, required=True),
        SpectrumField("pItem_Category", 4),
        SpectrumField("pItem_Description", 35),
        SpectrumField("pEDP_Part_Number", 15),
        SpectrumField("pVendor_Part_Number", 15),
        SpectrumField("pPrimary_Vendor", 10),
        SpectrumField("pStatus_Discontinue_Flag", 1, format="A,D,N"),
        SpectrumField("pCost_Center", 10),
        SpectrumField("pSort_By", 1, format="blank,C,E,P,V"),
    ),
    ADD_SITE: (
        *_CALLER,
        SpectrumField("Company_Code", 3, required=True),
        SpectrumField("Site_ID", 10, required=True),
        SpectrumField("Site_Name", 30, required=True),
        SpectrumField("Site_Address1", 30),
        SpectrumField("Site_Address2", 30),
        SpectrumField("Site_City", 25),
        SpectrumField("Site_State", 2),
        SpectrumField("Site_Zip_Code", 10),
        SpectrumField("Site_Phone1", 14, format="digits; no dashes"),
        SpectrumField("Telephone_Ext_1", 4),
        SpectrumField("Site_Phone2", 14, format="digits; no dashes"),
        SpectrumField("Telephone_Ext_2", 4),
        SpectrumField("Site_Contact_Person", 20, format="no commas"),
        SpectrumField("Site_Customer_Code", 10),
        SpectrumField("Lead_Source", 15),
        SpectrumField("Requested_Tech", 11),
        SpectrumField("WO_Type", 5),
        SpectrumField("Zone", 3),
        SpectrumField("Special_Instructions", 70),
        SpectrumField("Show_Notes", 1, format="Y/N"),
        SpectrumField("Sales_Tax_Code", 15),
        SpectrumField("Taxable_Flag", 1, format="Y/N"),
        SpectrumField("Labor_Taxable", 1, format="Y/N"),
        SpectrumField("Material_Taxable", 1, format="Y/N"),
        SpectrumField("Work_Comp_Code", 6),
        SpectrumField("Wage_Rate_Level", 1, _NUMERIC, "1-9"),
        SpectrumField("Work_State_Tax_Code", 10),
        SpectrumField("Work_County_Tax_Code", 10),
        SpectrumField("Work_Local_Tax_Code", 10),
        SpectrumField("Work_Site_Email", 80, format="e-mail"),
        SpectrumField("Site_Case_Type", 10),
        SpectrumField("Customer_Job", 10),
        SpectrumField("Latitude", 11, _NUMERIC, "-XXX.XXXXXX"),
        SpectrumField("Longitude", 11, _NUMERIC, "-XXX.XXXXXX"),
        SpectrumField("Markup_Code", 10),
        SpectrumField("Alternate_Address", 1, format="Y/N"),
        SpectrumField("Billto_Code", 4, required="conditional"),
        SpectrumField("Cost_Center", 10),
    ),
    ADD_CUSTOMER: _CUSTOMER,
    UPDATE_CUSTOMER: tuple(replace(one, required=False) if one.name in _ON_CREATION else one for one in _CUSTOMER),
    ADD_TASK: (
        *_CALLER,
        SpectrumField("Company_Code", 3, required=True),
        SpectrumField("WO_Number", 10, required=True),
        SpectrumField("Work_Task", 15, required=True),
        SpectrumField("System_ID", 8),
        SpectrumField("Task_Price", 13, _NUMERIC, "-10.2"),
        SpectrumField("Quantity", 3, _NUMERIC, "3", required=True),
    ),
    WRITE_NOTES: (
        *_CALLER,
        SpectrumField("Company_Code", 3),
        SpectrumField("WO_Number", 10, required=True),
        SpectrumField("Notes_Topic", 20, required=True),
        SpectrumField("Notes_Text", 1000),
        SpectrumField("Append_Note", 1, format="Y or blank"),
    ),
    WRITE_USER_FIELDS: (
        *_CALLER,
        SpectrumField("Company_Code", 3, required=True),
        SpectrumField("WO_Number", 10, required=True),
        *_USER_DEFINED,
    ),
}
