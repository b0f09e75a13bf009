"""Entries of the journal by their place in the chain. Call it inside the workspace's door."""

from collections.abc import Collection

from journal.chain import Entry
from journal.models import Event

COLUMNS = ("seq", "body", "previous", "hash", "personal__salt", "personal__content")


def entries_at(places: Collection[int]) -> list[Entry]:
    """The entries with these sequence numbers, in order, as their hashes bind them."""
    rows = Event.objects.filter(seq__in=places).order_by("seq").values_list(*COLUMNS)
    return [
        Entry(seq, body, bytes(previous), bytes(digest), None if salt is None else (salt, content), ())
        for seq, body, previous, digest, salt, content in rows
    ]
