"""The engagements of the demo, in the order in which they are told."""

from typing import Final

from config.demo.engagements.atlas import ATLAS
from config.demo.engagements.brightwater import BRIGHTWATER
from config.demo.engagements.harbor import HARBOR
from config.demo.engagements.kestrel import KESTREL
from config.demo.engagements.meridian import MERIDIAN
from config.demo.engagements.northwind import NORTHWIND

ENGAGEMENTS: Final = (KESTREL, NORTHWIND, HARBOR, MERIDIAN, BRIGHTWATER, ATLAS)
SHOWN: Final = KESTREL.project  # the project whose portal the demo shows
