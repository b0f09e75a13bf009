"""Fails when a tracked file holds a key, a token or a password: `python scripts/secret_scan.py`."""

import math
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

KNOWN = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "Cairn token": re.compile(r"\bcairn_[0-9A-Za-z]{40,}"),
    "webhook secret": re.compile(r"\bwhsec_[A-Za-z0-9+/]{24,}={0,2}"),
    "Linear key": re.compile(r"\blin_(?:api|wh)_[0-9A-Za-z]{30,}"),
    "GitHub token": re.compile(r"\bgh[pousr]_[0-9A-Za-z]{36,}|\bgithub_pat_\w{60,}"),
    "Slack token": re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{20,}"),
    "AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "address with a password": re.compile(
        r"\b[a-z+]+://[^\s:/@'\"{}$]+:(?!password\b|secret\b)[^\s:/@'\"{}$…<]{8,}@"
    ),
}
ASSIGNED = re.compile(
    r"""(?i)\w*(?:secret|password|token|api_?key)\w*["']?\s*[:=]\s*["']([\w+/=.-]{20,})["']"""
)
ENOUGH = 4.0  # bits per character; words and paths stay below, random text lies above
ALLOWED = "secret-scan: sample"  # on the line of a made-up secret, in a test or a document
SKIPPED = {"requirements.lock"}


def entropy(text: str) -> float:
    """Shannon's, in bits per character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def findings(text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold a secret, as (number, what it looks like)."""
    for number, line in enumerate(text.splitlines(), start=1):
        if ALLOWED in line:
            continue
        yield from ((number, name) for name, pattern in KNOWN.items() if pattern.search(line))
        if any(entropy(value) > ENOUGH for value in ASSIGNED.findall(line)):
            yield number, "random text given to a secret's name"


def tracked() -> list[Path]:
    """What git tracks; in an unpacked archive, or without git, every file outside hidden directories."""
    names: Iterable[Path]
    if shutil.which("git") and Path(".git").exists():
        listing = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True).stdout
        names = map(Path, filter(None, listing.split("\0")))
    else:
        names = (path for path in Path().rglob("*") if not path.parts[0].startswith("."))
    return [path for path in names if path.is_file()]


def main() -> int:
    found = 0
    for path in tracked():
        if path.name in SKIPPED or b"\0" in (content := path.read_bytes()):
            continue
        for number, what in findings(content.decode(errors="replace")):
            found += 1
            print(f"{path}:{number}: {what}", file=sys.stderr)
    if found:
        print(f"If it is made up, say so on its line: {ALLOWED}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
