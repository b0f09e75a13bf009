"""Just kicked off: the gate still says what is missing."""

from typing import Final

from config.demo.telling import DaysAgo, Engagement
from milestones.actions.kickoff import ContactInput
from milestones.words import Authority

NOOR = ContactInput(
    name="Noor Haddad",
    email="noor.haddad@atlas.example",
    time_zone="Europe/Amsterdam",
    authorities=[Authority.DECISION_MAKER, Authority.CREDENTIAL_OWNER],
)

ATLAS: Final = Engagement(
    account="Atlas Legal",
    project="Contract search pilot",
    people=(NOOR,),
    kicked_off=DaysAgo(1),
    due_in=12,
    record={
        "first_milestone_name": "Search over 500 contracts",
        "acceptance_criteria": ["Ten agreed questions return the right clause first"],
    },
    definition={"output": "Lawyers can search 500 sample contracts in plain words."},
)
