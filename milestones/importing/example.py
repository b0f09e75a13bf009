"""A table to start from: the headings that we know, and rows that say how each is filled."""

from typing import Final

EXAMPLE: Final = """\
reference,account,project,phase,name,output,kind,planned_start,planned_date,weight,owner_primary,criteria
M-1,Northwind,Onboarding,Discovery,Data access confirmed,Accounts for every source are open,integration,\
2026-03-02,2026-03-13,1,,All sources answer; Rights are read-only
M-2,Northwind,Onboarding,Build,Dashboard published,A dashboard with five agreed figures is online,data,\
2026-03-16,2026-03-27,2,,Figures match the ledger; It loads within two seconds
"""
