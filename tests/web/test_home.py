"""The front door, and the first workspace."""

from tests import factories
from tests.web.conftest import page
from web.home import address_from
from workspaces.access import workspaces_of


def test_a_stranger_reads_what_it_is(client, db):
    shown = page(client.get("/"))

    assert "From a signed deal to an accepted first milestone" in shown
    assert "/account/signup/" in shown


def test_a_person_without_a_workspace_is_led_to_the_first(client, db):
    client.force_login(factories.person())

    assert client.get("/")["Location"] == "/welcome"
    assert client.get("/welcome").status_code == 200


def test_a_person_with_a_workspace_is_led_to_today(founder):
    assert founder.get("/")["Location"] == "/w/studio/"


def test_a_workspace_is_made_with_an_address_from_its_name(client, db):
    ada = factories.person()
    client.force_login(ada)

    response = client.post("/w/new", {"name": "Studio Lind", "slug": "", "time_zone": "Europe/Berlin"})

    assert response["Location"] == "/w/studio-lind/"
    assert [access.slug for access in workspaces_of(ada)] == ["studio-lind"]


def test_a_taken_address_is_said_at_its_field(founder):
    response = founder.post("/w/new", {"name": "Mine", "slug": "studio", "time_zone": "UTC"})

    assert response.status_code == 422
    assert response.context["form"].errors["slug"] == ["Choose another address; this one is taken."]


def test_a_name_without_letters_still_gets_an_address():
    assert address_from("日本").startswith("w-")
    assert address_from("  Ünïcode & Söhne_GmbH ") == "unicode-sohne-gmbh"
