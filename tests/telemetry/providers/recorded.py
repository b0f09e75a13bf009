"""Deliveries as they were recorded, byte for byte, with what is expected of each."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from telemetry.providers import PROVIDERS, Check, Verdict

SAMPLES = Path(__file__).parents[2] / "samples"
VERDICTS = {"accept": Verdict.ACCEPTED}


@dataclass(frozen=True)
class Sample:
    provider: str
    name: str
    body: bytes
    headers: dict[str, str]
    secret: str
    received_at: datetime
    verdict: str
    events: list[dict[str, str | None]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.provider}/{self.name}"


def read(path: Path) -> Sample:
    sent = json.loads(path.read_text())
    expected = json.loads(path.with_name(path.name.replace(".headers.", ".expected.")).read_text())
    return Sample(
        provider=path.parent.name,
        name=path.name.removesuffix(".headers.json"),
        body=(path.parent / sent["body_file"]).read_bytes(),
        headers=sent["headers"],
        secret=sent["test_secret"],
        received_at=datetime.fromisoformat(sent["received_at"]),
        verdict=expected["verdict"],
        events=expected["events"],
    )


ALL_SAMPLES = [
    read(path) for path in sorted(SAMPLES.glob("*/*.headers.json")) if path.parent.name in PROVIDERS
]
each_sample = pytest.mark.parametrize("sample", ALL_SAMPLES, ids=str)


def verify(sample: Sample, **changes) -> Check:
    given: dict[str, Any] = {
        "headers": sample.headers,
        "body": sample.body,
        "now": sample.received_at,
    } | changes
    secrets = given.pop("secrets", [sample.secret])
    return PROVIDERS[sample.provider].verify(secrets=secrets, **given)
