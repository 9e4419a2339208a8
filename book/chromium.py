"""Find Chromium, and say how it is started where nobody looks on."""

import os
import shutil
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
# It asks nobody for updates, and uses no graphics card.
OPTIONS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOW_TO_GET = (
    "Install it: `sudo apt install chromium` on Debian, `brew install --cask chromium` on macOS, "
    "`winget install Google.Chrome` on Windows. CHROME_PATH may name another place."
)


def find_chromium() -> Path | None:
    """Return the program, or None: CHROME_PATH, what is on the PATH, the usual places."""
    named = os.environ.get("CHROME_PATH")
    found = [shutil.which(name) for name in _NAMES]
    for place in (named, *found, *_PLACES):
        if place and Path(place).is_file():
            return Path(place)
    return None


def options() -> list[str]:
    """Return the options for a start without a window; root cannot have its inner sandbox."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*OPTIONS, *(["--no-sandbox"] if root else [])]
