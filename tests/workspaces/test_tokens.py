"""Keys for machines."""

import re
from datetime import timedelta

import pytest

from journal.models import Event
from tenancy.door import sha256
from tenancy.models import DoorKey
from tenancy.refusal import Refused
from tests.factories import MONDAY
from workspaces import actions
from workspaces.models import ApiToken
from workspaces.tokens import base62, is_api_token, new_api_token


def test_a_token_has_brand_secret_and_checksum():
    text = new_api_token()

    assert re.fullmatch(r"cairn_[0-9A-Za-z]{49}", text)
    assert is_api_token(text)


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: t[:20] + "!" + t[21:], str.upper, lambda t: t + "0"]
)
def test_a_mistyped_token_is_told_by_its_checksum(spoil):
    assert not is_api_token(spoil(new_api_token()))


def test_base62_fills_up_with_zeros():
    assert [base62(0, length=3), base62(61, length=3), base62(62, length=3)] == ["000", "00z", "010"]


def test_an_issued_token_opens_its_workspace_and_is_stored_only_as_a_digest(studio, door, by):
    token, text = actions.issue_token(name="n8n", scopes=["read"], by=by, now=MONDAY)

    opened = actions.open_token(text, now=MONDAY)
    assert opened
    assert (opened, opened.workspace_id, opened.scopes) == (token, studio.pk, ["read"])
    assert text[:12] == token.prefix
    assert bytes(DoorKey.objects.get(subject_id=token.pk).digest) == sha256(text)
    assert text not in Event.objects.latest("seq").body


def test_a_token_ends_by_revocation(door, by):
    token, text = actions.issue_token(name="n8n", scopes=["read"], by=by, now=MONDAY)

    actions.revoke_token(token, by=by, now=MONDAY)

    assert actions.open_token(text, now=MONDAY) is None
    assert Event.objects.latest("seq").kind == "token.revoked"
    with pytest.raises(Refused, match="revoked already"):
        actions.revoke_token(token, by=by, now=MONDAY)


def test_a_token_ends_at_its_expiry(door, by):
    end = MONDAY + timedelta(days=30)
    _, text = actions.issue_token(name="n8n", scopes=["read"], by=by, now=MONDAY, expires_at=end)

    assert actions.open_token(text, now=end - timedelta(seconds=1))
    assert actions.open_token(text, now=end) is None


def test_use_is_noted_at_most_once_a_minute(door, by):
    _, text = actions.issue_token(name="n8n", scopes=["read"], by=by, now=MONDAY)
    seen = []

    for seconds in (0, 59, 60):
        actions.open_token(text, now=MONDAY + timedelta(seconds=seconds))
        seen.append(ApiToken.objects.get().last_used_at)

    assert seen == [MONDAY, MONDAY, MONDAY + timedelta(seconds=60)]


@pytest.mark.parametrize("scopes", [[], ["everything"], ["read", "root"]])
def test_a_token_needs_scopes_that_exist(door, by, scopes):
    with pytest.raises(Refused) as refusal:
        actions.issue_token(name="n8n", scopes=scopes, by=by, now=MONDAY)

    assert list(refusal.value.fields) == ["scopes"]


def test_an_unknown_token_opens_nothing(db):
    assert actions.open_token(new_api_token(), now=MONDAY) is None
