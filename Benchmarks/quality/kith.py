"""kith by its command: loads a store, answers for a list of users."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# sysexits: what kith ends with when some of the users are not in the store; it answers for the others.
NO_SUCH_NODE = 66


class Unanswered(Exception):
    """kith could not do what was asked; the message is its own, one line."""


@dataclass(frozen=True)
class Answers:
    """Each user's suggestions with their scores, best first; none for a user the store does not have. Those who had nothing to
    walk from got what the request falls back to. Seconds are the whole command's."""

    scores: dict[int, dict[int, float]]
    fallen_back: set[int]
    seconds: float

    @property
    def suggestions(self) -> dict[int, list[int]]:
        """The suggestions alone."""
        return {user: list(scores) for user, scores in self.scores.items()}


def build() -> Path:
    """Builds kith in release mode and returns the executable."""
    for command in (["Tools/setup"], ["swift", "build", "-c", "release", "--product", "kith", "--quiet"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    where = ["swift", "build", "-c", "release", "--show-bin-path"]
    folder = subprocess.run(where, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    return Path(folder) / "kith"


def run(executable: Path, *arguments: str, allowed: tuple[int, ...] = (0,)) -> str:
    """What one kith command printed."""
    done = subprocess.run([executable, *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in allowed:
        raise Unanswered((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[0])
    return done.stdout


def load(executable: Path, store: Path, edges: dict[str, Path]) -> None:
    """Makes a store of files of edges, by edge type."""
    files = [f"{name}={path}" for name, path in edges.items()]
    run(executable, "load", str(store), "--edges", *files, "--format", "json")


def recommend(executable: Path, store: Path, users: list[int], arguments: list[str], limit: int) -> Answers:
    """Asks for all users with one command; the file of users is written outside the clock."""
    file = store.with_suffix(".users")
    file.write_text("".join(f"{user}\n" for user in users))
    # Those who have no path to anybody are asked for, too: the answer is what a service would show them.
    asked = ["--users", str(file), *arguments, "--fallback", "--limit", str(limit), "--evidence", "0"]
    asked += ["--format", "jsonl"]
    start = time.perf_counter()
    lines = run(executable, "recommend", str(store), *asked, allowed=(0, NO_SUCH_NODE)).splitlines()
    seconds = time.perf_counter() - start
    scores: dict[int, dict[int, float]] = {}
    fallen_back: set[int] = set()
    for line in lines:
        answer = json.loads(line)
        scores[int(answer["user"])] = {int(found["user"]): found["score"] for found in answer.get("results", [])}
        if "fallback" in answer:
            fallen_back.add(int(answer["user"]))
    if len(scores) != len(users):
        raise Unanswered(f"expected a line for each of {len(users)} users, found {len(scores)}")
    return Answers(scores, fallen_back, seconds)
