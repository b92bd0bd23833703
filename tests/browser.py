"""A headless Chromium, asked what it has to complain of."""

import shutil
import subprocess
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def complaints(page: Path, profile: Path) -> list[str]:
    """Script errors of a page, and the loads that its own policy forbids."""
    command = [CHROMIUM, *QUIET, f"--user-data-dir={profile}", "--host-resolver-rules=MAP * ~NOTFOUND"]
    command += ["--enable-logging=stderr", "--dump-dom", page.as_uri()]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "</html>" in told.stdout
    return [line for line in told.stderr.splitlines() if "CONSOLE" in line]
