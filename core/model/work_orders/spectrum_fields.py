"""The fields of the Spectrum services that Jobferry calls. This is the only table of them.

Source: Spectrum Data Exchange documentation, one page for each service (names, order, lengths, types, formats), at
help.trimble.com under Spectrum > API Web Services. Checks, requests, WSDLs and the sandbox are made from this table.
A test compares it with an excerpt of the documentation.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.model.work_orders.item import ItemKind
from core.model.work_orders.optional_fields import ADD_TASK, OPTIONAL_FIELDS
from core.model.work_orders.spectrum_field import FieldType, SpectrumField

_NUMERIC, _DATE = FieldType.NUMERIC, FieldType.DATE

HEADER = "WorkOrderHeader"
LINES: Mapping[ItemKind, str] = {
    ItemKind.MATERIAL: "AddWOMaterialCost",
    ItemKind.OTHER_CHARGE: "AddWOOtherCharges",
    ItemKind.TASK: ADD_TASK,
}
"""The service that adds a line of each kind: a cost line, or a work order task. All of them only add."""
CONNECTION_TEST = "WSTestConnection"
"""It changes nothing; only the test of a connection calls it."""

_CALLER = (
    SpectrumField("Authorization_ID", 20, required=True),
    SpectrumField("GUID", 36),
    SpectrumField("Company_Code", 3),
)

SPECTRUM_FIELDS: Mapping[str, tuple[SpectrumField, ...]] = {
    HEADER: (
        *_CALLER,
        SpectrumField("WO_Number", 10),
        SpectrumField("WO_Reference_Code", 1, format="S or J", required=True),
        SpectrumField("WO_Job_Number", 10, required=True),
        SpectrumField("WO_Job_Division", 5, required="conditional"),
        SpectrumField("Bill_Customer_Code", 10, required="conditional"),
        SpectrumField("Contract_Number", 10),
        SpectrumField("Customer_PO_Number", 25),
        SpectrumField("Customer_Job", 10),
        SpectrumField("WO_Phone1", 14, format="digits; send without dashes"),
        SpectrumField("WO_Phone2", 14, format="digits; send without dashes"),
        SpectrumField("Bill_Contract", 20),
        SpectrumField("Zone", 3),
        SpectrumField("Priority_Code", 2),
        SpectrumField("WO_Case_Type", 10),
        SpectrumField("Price_Type", 1, format="F or T"),
        SpectrumField("Total_Quote_Amount", 10, _NUMERIC, "positive only"),
        SpectrumField("Projected_Hours", 8, _NUMERIC, "positive only"),
        SpectrumField("Est_Arrival", 15),
        SpectrumField("Dispatch_Status_Code", 1),
        SpectrumField("Summary_Description", 250),
        SpectrumField("Ordered_Date", 10, _DATE, "MM/DD/CCYY"),
        SpectrumField("Time_Entered", 6, _NUMERIC, "HHMMSS"),
        SpectrumField("Requested_Date", 10, _DATE, "MM/DD/CCYY"),
        SpectrumField("Estimated_Complete_Time", 6, _NUMERIC, "HHMMSS"),
        SpectrumField("Scheduled_Start_Date", 10, _DATE, "MM/DD/CCYY"),
        SpectrumField("Scheduled_Start_Time", 6, _NUMERIC, "HHMMSS"),
        SpectrumField("Date_Assigned", 10, _DATE, "MM/DD/CCYY"),
        SpectrumField("Time_Assigned", 6, _NUMERIC, "HHMMSS"),
        SpectrumField("Arrival_Date", 10, _DATE, "MM/DD/CCYY"),
        SpectrumField("Arrival_Time", 6, _NUMERIC, "HHMMSS"),
        SpectrumField("Complete_Date", 10, _DATE, "MM/DD/CCYY"),
        SpectrumField("Complete_Time", 8, _NUMERIC, "HHMMSS"),
        SpectrumField("Lead_Source", 15, required="conditional"),
        SpectrumField("Sales_Person", 3),
        SpectrumField("Taken_By", 3),
        SpectrumField("AR_Terms_Code", 1),
        SpectrumField("Sales_Tax_Code", 15),
        SpectrumField("Taxable_Flag", 1, format="Y or N"),
        SpectrumField("GL_Department", 5, required="conditional"),
        SpectrumField("Cost_Center", 10),
        SpectrumField("Billto_Code", 4),
        SpectrumField("Override_ERO_Markup", 6, _NUMERIC, "XXX.XX, positive"),
        SpectrumField("Material_Price_Level", 1, _NUMERIC, "1-5"),
        SpectrumField("Price_Level", 1, _NUMERIC, "1-5"),
        SpectrumField("Markup_Code", 10),
    ),
    LINES[ItemKind.MATERIAL]: (
        *_CALLER,
        SpectrumField("WO_Number", 10, required=True),
        SpectrumField("Item_Code", 15, required=True),
        SpectrumField("Item_Description", 35),
        SpectrumField("Warehouse_Code", 10),
        SpectrumField("Quantity_Used", 11, _NUMERIC, "-7.2"),
        SpectrumField("Unit_Of_Measure", 2),
        SpectrumField("GL_Department", 5),
        SpectrumField("Work_Task", 15),
        SpectrumField("Task_Complete", 1, format="Y/N"),
        SpectrumField("WO_Site_Equipment", 8, required="conditional"),
        SpectrumField("Component_Number", 2, required="conditional"),
        SpectrumField("SC_Contract", 10),
        SpectrumField("Bill_Customer", 1, format="Y/N"),
        SpectrumField("Tax_Flag", 1, format="Y/N"),
        SpectrumField("Show_Invoice_Detail", 1, format="Y/N"),
        SpectrumField("Unit_Cost", 12, _NUMERIC, "-8.2"),
        SpectrumField("Unit_Price", 13, _NUMERIC, "-9.2"),
        SpectrumField("Extension", 13, _NUMERIC, "-9.2"),
        SpectrumField("Bill_Manufacturer", 1, format="Y/N"),
        SpectrumField("Mfg_Tax_Flag", 1, format="Y/N"),
        SpectrumField("Mfg_Code", 10),
        SpectrumField("Mfg_Unit_Price", 13, _NUMERIC, "-9.2"),
        SpectrumField("Phase_Code", 20, required="conditional"),
        SpectrumField("Cost_Type", 3, required="conditional"),
    ),
    LINES[ItemKind.OTHER_CHARGE]: (
        *_CALLER,
        SpectrumField("WO_Number", 10, required=True),
        SpectrumField("Other_Cost_Item", 15, required=True),
        SpectrumField("Description", 35),
        SpectrumField("GL_Department", 5),
        SpectrumField("Work_Task", 15),
        SpectrumField("Task_Complete", 1, format="Y/N"),
        SpectrumField("WO_Site_Equipment", 10, required="conditional"),
        SpectrumField("Component_Number", 2, required="conditional"),
        SpectrumField("Contract_Number", 10),
        SpectrumField("Taxable_Flag", 1, format="Y/N"),
        SpectrumField("Cost_Of_Sales_Amount", 13, _NUMERIC, "-9.2"),
        SpectrumField("Sell_Price", 13, _NUMERIC, "-9.2"),
        SpectrumField("Phase_Code", 20, required="conditional"),
        SpectrumField("Cost_Type", 3, required="conditional"),
    ),
    CONNECTION_TEST: (
        SpectrumField("Authorization_ID", 20, required=True),
        SpectrumField("Version", 36, format="3.3 (examples 1.12 or 2)", required=True),
    ),
    **OPTIONAL_FIELDS,
}
"""Service name to its fields in the order of the request. The service name is also the name of its only method."""
