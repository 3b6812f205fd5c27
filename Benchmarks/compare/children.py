"""The parent's side of a measurement: starts child.py and reads its one line of JSON.

The parent stays small on purpose. Linux hands a process's greatest resident size on to what it starts, so a parent that
had once held the graph would be the least peak any child could show.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CHILD = Path(__file__).resolve().with_name("child.py")

# A peer that takes longer than this for one verb is reported as failed instead of holding up the rest.
CHILD_SECONDS_MAX = 3600


class ChildFailed(Exception):
    """A child ended without a result; the message is the reason, one line."""


def ask(peer: str, verb: str, graph: Path, store: Path, settings: dict[str, Any] | None = None) -> dict[str, Any]:
    """Runs one verb of one peer in a process of its own; returns what it reports."""
    return run(verb, str(CHILD), peer, verb, str(graph), str(store), json.dumps(settings or {}))


def run(what: str, *arguments: str) -> dict[str, Any]:
    """Runs a Python program that prints one JSON object."""
    command = [sys.executable, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=CHILD_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        raise ChildFailed(f"{what} took longer than {CHILD_SECONDS_MAX} s") from None
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise ChildFailed(f"{what} failed: {reason}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result
