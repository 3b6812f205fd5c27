"""What the comparison runs: kith built from this checkout, and the peers' packages from PyPI."""

import importlib
import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def build_kith() -> Path:
    """Builds kith in release mode and returns the executable."""
    for command in (["Tools/setup"], ["swift", "build", "-c", "release", "--product", "kith"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
    where = ["swift", "build", "-c", "release", "--show-bin-path"]
    folder = subprocess.run(where, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    return Path(folder) / "kith"


def missing_package(wanted: tuple[tuple[str, ...], ...]) -> str | None:
    """Installs one package of each group, the first that installs; the reason when a group has none."""
    for group in wanted:
        failures = []
        for package in group:
            failure = install_failure(package)
            if failure is None:
                break
            failures.append(f"{package}: {failure}")
        else:
            return "not installed: " + "; ".join(failures)
    return None


def install_failure(package: str) -> str | None:
    """Installs `package` unless it is there; the last line of what pip said when it cannot."""
    if importlib.util.find_spec(package) is not None:
        return None
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    importlib.invalidate_caches()
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"pip ended with {done.returncode}"])[-1]
