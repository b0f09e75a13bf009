"""Addresses that only take a form, opened by hand or by a reload."""

from uuid import UUID

import pytest
from django.urls import reverse

from tests.web.conftest import page

PK = UUID(int=7)


@pytest.mark.parametrize(
    ("name", "back"),
    [
        ("record_progress", f"/w/studio/milestones/{PK}/"),
        ("respond_to_blocker", "/w/studio/blockers/"),
        ("set_role", "/w/studio/settings/members/"),
        ("judge_criterion", "/w/studio/"),
    ],
)
def test_an_address_for_a_form_says_so_and_leads_to_its_page(founder, studio, name, back):
    response = founder.get(reverse(name, args=["studio", PK]))

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert f'href="{back}"' in page(response)


def test_other_methods_keep_their_bare_answer(founder, studio):
    response = founder.put(reverse("record_progress", args=["studio", PK]))

    assert (response.status_code, response.content) == (405, b"")
