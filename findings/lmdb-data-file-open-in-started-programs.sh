#!/usr/bin/env bash
# LMDB 0.9.36 (py-lmdb 3.0.0): every program that is started while an environment is open gets the data file, writable.
#
# Expected: what an embedded database opens is closed in programs that its process starts. SQLite opens all its files so,
# and LMDB does too with two of its three descriptors: that of the lock file, and the one that commits are synced by.
# Seen: the descriptor of the data file has no close-on-exec flag. A program started by posix_spawn has it open for reading
# and writing, and a file that is removed meanwhile keeps its room on the disk for as long as that program lives. Python's
# `subprocess` closes it, and so hides this; `posix_spawn`, libuv's and most C code do not.
#
# Why it matters: locks of an open file description (F_OFD_SETLK) on mdb_env_get_fd()'s descriptor stay with the started
# program when their owner is killed. Who puts such locks beside LMDB's has to set the flag first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lmdb==3.0.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import fcntl
import os
import lmdb

print("LMDB", lmdb.version())
environment = lmdb.open("data", subdir=False)
with environment.begin(write=True) as transaction:
    transaction.put(b"key", b"value")

def names(process):
    """The files of the environment that a process has open, with what may be done by each descriptor."""
    found = []
    for number in os.listdir(f"/proc/{process}/fd"):
        try:
            target = os.path.basename(os.readlink(f"/proc/{process}/fd/{number}"))
        except FileNotFoundError:  # that of the listing
            continue
        if target in ("data", "data-lock"):
            with open(f"/proc/{process}/fdinfo/{number}") as info:
                flags = next(int(line.split()[1], 8) for line in info if line.startswith("flags:"))
            found.append((target, ["read", "write", "both"][flags & os.O_ACCMODE]))
    return sorted(found)

here = names(os.getpid())
# The program waits for its input, so that it can be looked at.
reading, writing = os.pipe()
child = os.posix_spawn(
    "/bin/cat", ["cat"], os.environ,
    file_actions=[(os.POSIX_SPAWN_DUP2, reading, 0), (os.POSIX_SPAWN_CLOSE, writing)])
while os.readlink(f"/proc/{child}/exe") == os.readlink("/proc/self/exe"):
    pass
there = names(child)
os.close(writing)
os.waitpid(child, 0)
print("here:", here)
print("in a program started by posix_spawn:", there)
assert here == [("data", "both"), ("data", "write"), ("data-lock", "both")]
assert there == [("data", "both")]
PYTHON
