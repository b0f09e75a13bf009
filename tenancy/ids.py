"""Ids that sort by the time they were made: UUID version 7, RFC 9562 section 5.7."""

import os
import time
from datetime import datetime
from uuid import UUID

VERSION = 0x7
VARIANT = 0b10


def uuid7() -> UUID:
    """A new id: 48 bits of Unix time in milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    upper = (milliseconds << 16) | (VERSION << 12) | (random >> 68)
    lower = (VARIANT << 62) | (random & ((1 << 62) - 1))
    return UUID(int=(upper << 64) | lower)


def first_of(at: datetime) -> UUID:
    """A bound: ids that are made from that millisecond on sort after it."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
