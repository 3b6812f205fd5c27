"""What the comparison runs: kith and its driver built from this checkout, and the peers' packages from PyPI."""

import importlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Where a package is imported by another name than it is installed by.
MODULES = {"scikit-network": "sknetwork"}


def build_kith() -> None:
    """Builds kith and the driver in release mode, and names them in the environment of all children."""
    subprocess.run(["Tools/setup"], cwd=ROOT, check=True, stdout=sys.stderr)
    os.environ["KITH_EXECUTABLE"] = str(built("kith"))
    os.environ["KITH_DRIVER"] = str(built("Driver", "--package-path", "Benchmarks"))
    # The reference computations are shared with the other checks.
    os.environ["PYTHONPATH"] = str(ROOT / "Tools")


def built(product: str, *package: str) -> Path:
    """Builds one product in release mode; where it is."""
    build = ["swift", "build", *package, "-c", "release"]
    subprocess.run([*build, "--product", product], cwd=ROOT, check=True, stdout=sys.stderr)
    shown = subprocess.run([*build, "--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True)
    return Path(shown.stdout.strip()) / product


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
    if importlib.util.find_spec(MODULES.get(package, package)) is not None:
        return None
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    importlib.invalidate_caches()
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"pip ended with {done.returncode}"])[-1]
