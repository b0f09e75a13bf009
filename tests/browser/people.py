"""Who comes to the browser tests, how they sign in, and what they agreed at the kickoff."""

from datetime import UTC, datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings

from tests import factories
from tests.browser.visitor import Visitor
from workspaces.models import User

TODAY = datetime.now(UTC).date()
KICKOFF = {
    "account_name": "Northwind",
    "owner_name": "Carla Client",
    "owner_email": "carla@client.example",
    "project_name": "Onboarding",
    "kickoff_date": TODAY.isoformat(),
    "name": "Onboarding dashboard published",
    "output": "The onboarding dashboard is live for the client's team.",
    "due_date": (TODAY + timedelta(days=14)).isoformat(),
    "criteria": "The team signs in and sees last week's figures\nLoads in two seconds",
    "quality_threshold": 80,
    "description": "You can see your onboarding figures in one place.",
    "dependency_risks": "none",
    "invoice_trigger": "First instalment",
    "next_stage_trigger": "Kick off the alerting milestone",
    "approver_name": "Dan Decider",
    "approver_email": "dan@client.example",
}


def known(email: str = "ada@studio.example", name: str = "Ada Agency") -> User:
    """Somebody who has confirmed an address and set a password."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    user = factories.person(email, name, password=factories.PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def sign_in(person: Visitor, email: str = "ada@studio.example", password: str = factories.PASSWORD) -> None:
    person.visit("/account/login/")
    person.fill("main form", {"login": email, "password": password})
    person.press("Sign in")
    person.page.wait_for_load_state("networkidle")
