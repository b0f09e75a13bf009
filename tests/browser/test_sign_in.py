"""Ways in: password, authenticator app, passkey, a forgotten password, an invitation."""

import base64
import hashlib
import hmac
import struct
import time

import pytest

from tests import factories
from tests.browser.people import known, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def confirm(person) -> None:
    """Before sign-in is changed the password is asked for once more."""
    person.reads("Confirm it is you")
    person.send("Confirm", {"password": factories.PASSWORD})


def sign_out(person) -> None:
    person.visit("/account/logout/")
    person.press("Sign out")
    person.page.wait_for_load_state("networkidle")


def code(secret: str) -> str:
    """The six digits of an authenticator app (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    (number,) = struct.unpack(">I", digest[digest[-1] & 15 :][:4])
    return f"{number % 2**31 % 10**6:06d}"


def test_an_authenticator_app_is_the_second_step(arrive):
    factories.workspace(known(), slug="studio")
    ada = arrive()
    sign_in(ada)

    ada.visit("/account/2fa/totp/activate/")
    ada.look()
    confirm(ada)
    secret = ada.value("authenticator_secret")
    ada.look()
    ada.send("Turn on", {"code": code(secret)})
    ada.look()
    sign_out(ada)
    sign_in(ada)
    ada.reads("Second step")
    ada.look()
    ada.send("Sign in", {"code": code(secret)}, form="main form:has([name='code'])")

    assert ada.page.url.endswith("/w/studio/")


def test_a_passkey_signs_in_without_a_password(arrive):
    factories.workspace(known(), slug="studio")
    ada = arrive()
    devices = ada.context.new_cdp_session(ada.page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    sign_in(ada)

    ada.visit("/account/2fa/webauthn/add/")
    confirm(ada)
    ada.look()
    ada.fill("main form", {"name": "Laptop", "passwordless": True})
    ada.press("Add")
    ada.page.wait_for_url("**/account/2fa/**recovery-codes/**")
    sign_out(ada)
    ada.visit("/account/login/")
    ada.look()
    ada.press("Sign in with a passkey")
    ada.page.wait_for_url("**/w/studio/")


def test_a_forgotten_password_is_set_anew_by_mail(arrive, mail):
    factories.workspace(known(), slug="studio")
    ada = arrive()
    ada.visit("/account/password/reset/")
    ada.look()
    ada.send("Send the link", {"email": "ada@studio.example"})
    ada.visit(mail(ada, "/account/password/reset/key/"))
    ada.look()

    ada.send("Set password", {"password1": "another good password", "password2": "another good password"})
    sign_in(ada, password="another good password")

    assert ada.page.url.endswith("/w/studio/")


def test_an_invited_person_joins_and_switches_between_workspaces(arrive, mail):
    factories.workspace(known(), slug="studio", name="Studio Lind")
    factories.workspace(known("bo@own.example", "Bo Berg"), slug="own", name="Own Desk")
    ada, bo = arrive(), arrive()
    sign_in(ada)
    ada.visit("/w/studio/settings/members/")
    ada.send(
        "Send invitation", {"email": "bo@own.example", "role": "member"}, form="form:has([name='email'])"
    )

    bo.visit(mail(bo, "/join/"))
    bo.look()
    bo.page.get_by_role("link", name="I have one: sign in").click()
    bo.send("Sign in", {"login": "bo@own.example", "password": factories.PASSWORD})
    bo.look()
    bo.press("Join Studio Lind")
    bo.page.wait_for_url("**/w/studio/")
    bo.visit("/w/own/")
    bo.page.get_by_text("Own Desk").first.click()
    bo.page.get_by_role("link", name="Studio Lind").first.click()
    bo.page.wait_for_url("**/w/studio/")

    ada.visit("/w/studio/settings/members/")
    ada.reads("Bo Berg")
    ada.look()
