"""JSON as we serve it: figures with decimals travel as text, so that no reader rounds them."""

from decimal import Decimal
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


class Encoder(JSONEncoder):
    """Rows come straight from the database, without the serializers that would turn decimals into text."""

    def default(self, obj: Any) -> Any:
        return str(obj) if isinstance(obj, Decimal) else super().default(obj)


class PlainJSON(JSONRenderer):
    encoder_class = Encoder
