"""The compose file, read: nothing here starts an engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "cairn"}
EXAMPLE = set(re.findall(r"(?m)^#?([A-Z_]+)=", (ROOT / ".env.example").read_text()))
KNOWN = set(re.findall(r'"([A-Z_]{4,})"', (ROOT / "config" / "env.py").read_text())) | {
    f"{role}_DATABASE_URL" for role in ("APP", "JOBS", "BACKUP")
}


def test_one_image_serves_web_workers_beat_and_migrations():
    assert set(OURS) == {"web", "worker", "sender", "printer", "beat", "watchman", "migrate"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_is_watched(name):
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", ["web", "worker", "sender", "printer", "beat", "watchman"])
def test_no_lasting_process_holds_the_owners_address(name):
    held = OURS[name]["environment"]

    assert not {"DATABASE_URL", "BACKUP_DATABASE_URL"} & set(held)
    assert "cairn_owner" not in str(held)


def test_only_workers_and_the_watchman_look_at_all_workspaces():
    lasting = ("web", "worker", "sender", "printer", "beat", "watchman")
    sweeping = [name for name in lasting if "JOBS_DATABASE_URL" in OURS[name]["environment"]]

    assert sweeping == ["worker", "sender", "printer", "watchman"]


def test_every_queue_is_worked_at():
    left_out = re.search(r"--exclude-queues (\S+)", OURS["worker"]["command"])
    taken = [
        queue
        for name in OURS
        for found in re.findall(r"--queues (\S+)", OURS[name].get("command", ""))
        for queue in found.split(",")
    ]

    assert left_out
    assert sorted(left_out[1].split(",")) == sorted(taken)


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_process_is_told_only_what_it_can_read(name):
    assert not set(OURS[name]["environment"]) - KNOWN


def test_compose_asks_for_nothing_the_example_lacks():
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))

    assert not asked - EXAMPLE


def test_the_example_names_every_variable_we_read():
    assert not KNOWN - EXAMPLE
