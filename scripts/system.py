"""System packages that pip cannot bring: installed as root, else unpacked where an ordinary user may write.

Standard library only, as everything here runs before there is a virtual environment.
"""

import ctypes.util
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_PACKAGES = ("chromium", "fonts-liberation")
# What WeasyPrint lays text out with, and a font for what Inter has no letters for.
PRINTING_LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset", "fontconfig")
PRINTING_PACKAGES = (
    *("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "libfontconfig1"),
    "fonts-dejavu-core",
)

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{root}/usr/share/fonts</dir>
  <cachedir>{root}/cache/fontconfig</cachedir>
</fontconfig>
"""
WRAPPER = """#!/bin/sh
# Starts the Chromium that was unpacked here, with the libraries that were unpacked beside it.
root={root}
libraries=$(find "$root/usr/lib" "$root/lib" -maxdepth 1 -name '*-linux-gnu*' 2>/dev/null | paste -sd :)
export LD_LIBRARY_PATH="$libraries${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
export FONTCONFIG_FILE="$root/fonts.conf"
exec "$root/usr/lib/chromium/chromium" "$@"
"""


class Missing(Exception):
    """Something that only the person at the terminal can install; the text holds the command."""


def say(text: str) -> None:
    print(f"  {text}", flush=True)


def chromium(home: Path) -> Path | None:
    """The browser for the tests: the system's, else the one unpacked below `home`."""
    own = home / "system" / "bin" / "chromium"
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return Path(found) if found else own if own.exists() else None


def provide_chromium(home: Path) -> None:
    """Makes sure that `chromium(home)` finds one, and says which way was taken."""
    if chromium(home):
        return
    provide(BROWSER_PACKAGES, home)
    if not chromium(home):
        _wrap_chromium(home / "system")


def provide_printing(prefix: Path) -> None:
    """Makes sure that PDFs can be made: by the system's libraries, else by those unpacked below `prefix`."""
    own = prefix / "system"
    if all(map(ctypes.util.find_library, PRINTING_LIBRARIES)) or any(own.glob("usr/lib/*/libpango*")):
        return
    provide(PRINTING_PACKAGES, prefix)
    if own.exists():
        _write_fonts(own)


def provide(packages: tuple[str, ...], home: Path) -> None:
    """Installs Debian packages with apt-get as root; as an ordinary user unpacks them into `home/system`."""
    command = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if not shutil.which("apt-get"):
        names = ", ".join(packages)
        raise Missing(f"Missing: {names}. Install it with your package manager (on Debian: {command}).")
    try:
        install(packages) if os.geteuid() == 0 else unpack(packages, home / "system")
    except subprocess.CalledProcessError as error:
        raise Missing(f"Failed: {shlex.join(error.cmd)}\nInstall it by hand: {command}") from error


def install(packages: tuple[str, ...]) -> None:
    say(f"Installing {', '.join(packages)} with apt-get, as we are root …")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *arguments], check=True, env=quiet, stdout=subprocess.DEVNULL)


def unpack(packages: tuple[str, ...], root: Path, *, status: Path = Path("/var/lib/dpkg/status")) -> None:
    """Downloads packages and what they need beyond those in `status`; unpacks without installing."""
    say(f"Unpacking {', '.join(packages)} into {root}, as we may not install system packages …")
    apt = _private_apt(root / "apt", status)
    downloads = root / "apt" / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    subprocess.run([*apt, "update", "-qq"], check=True)
    plan = [*apt, "install", "--simulate", "--no-install-recommends", *packages]
    planned = subprocess.run(plan, check=True, capture_output=True, text=True).stdout
    names = {*packages, *re.findall(r"^Inst (\S+)", planned, re.MULTILINE)}
    subprocess.run([*apt, "download", "-qq", *sorted(names)], check=True, cwd=downloads)
    for package in sorted(downloads.glob("*.deb")):
        subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
    shutil.rmtree(root / "apt")


def _private_apt(place: Path, status: Path) -> list[str]:
    """apt-get with the machine's sources but lists, cache and locks of our own."""
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (place / folder).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::State": place / "state",
        "Dir::State::status": status,
        "Dir::Cache": place / "cache",
        "Debug::NoLocking": "true",
        "Acquire::Retries": "3",
    }
    return ["apt-get", *(part for name, value in options.items() for part in ("-o", f"{name}={value}"))]


def _write_fonts(root: Path) -> None:
    (root / "fonts.conf").write_text(FONTS.format(root=root))


def _wrap_chromium(root: Path) -> None:
    _write_fonts(root)
    wrapper = root / "bin" / "chromium"
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    wrapper.write_text(WRAPPER.format(root=f"'{root}'"))
    wrapper.chmod(0o755)
