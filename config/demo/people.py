"""Who works in the demo workspace."""

from typing import Final

from workspaces.models import Role

PEOPLE: Final = (
    ("mara@lindqvist.example", "Mara Lindqvist", Role.OWNER),
    ("tomas@lindqvist.example", "Tomás Ferreira", Role.MEMBER),
    ("iris@lindqvist.example", "Iris Okafor", Role.VIEWER),
)
MARA, TOMAS, IRIS = (address for address, _, _ in PEOPLE)
