"""Ids that sort by the time they were made."""

import time

from tenancy.ids import uuid7


def test_an_id_is_a_uuid_of_version_7():
    made = uuid7()

    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_an_id_begins_with_the_time_it_was_made():
    before, made, after = time.time_ns() // 1_000_000, uuid7(), time.time_ns() // 1_000_000

    assert before <= made.int >> 80 <= after


def test_ids_are_not_repeated():
    assert len({uuid7() for _ in range(1000)}) == 1000
