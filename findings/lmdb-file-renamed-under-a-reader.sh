#!/usr/bin/env bash
# LMDB 0.9.36 (py-lmdb 3.0.0): a new file renamed over an open one loses its last commit for whoever opens it next.
#
# Expected: rename(2) is how a file is replaced whole. Processes that have the old one open keep it, and the next to open
# the name gets the new file as it was committed.
# Seen: the lock file goes by the name and not by the file. As long as one process has the old file open, the next to open
# the name meets the old file's transaction number in the lock file and picks the meta page by it. Here the holder's number
# is 5 and the new file has had four commits of 1,000 keys: the fourth is not seen, and the transaction calls itself number
# 5, which this file never had. Once the holder has ended all four are there. With three commits nothing is missing, since
# the number's parity picks the right page by luck, so a short trial shows no fault.
#
# Why it matters: "build anew beside it, then mv" and "restore the backup with cp and mv" are how operators replace files
# under a service. A write by that opener would make the loss permanent (not done here).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lmdb==3.0.0
cd "$folder"
cat > look.py <<'PYTHON'
import sys
import lmdb

environment = lmdb.open("people", subdir=False, readonly=True)
with environment.begin() as transaction:
    print(transaction.stat()["entries"], transaction.id(), environment.info()["last_txnid"], flush=True)
    if "hold" in sys.argv:
        sys.stdin.readline()
PYTHON
venv/bin/python - <<'PYTHON'
import os
import subprocess
import sys
import lmdb

def make(name, commits, keys):
    environment = lmdb.open(name, subdir=False)
    for commit in range(commits):
        with environment.begin(write=True) as transaction:
            for key in range(keys):
                transaction.put(b"%d-%d" % (commit, key), b"")
    environment.close()

def look():
    out = subprocess.run([sys.executable, "look.py"], stdout=subprocess.PIPE, check=True, text=True).stdout
    return [int(word) for word in out.split()]

seen = {}
for commits in (3, 4):
    for name in ("people", "people-lock", "new", "new-lock"):
        if os.path.exists(name):
            os.remove(name)
    make("people", 5, 1)
    holder = subprocess.Popen(
        [sys.executable, "look.py", "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    holder.stdout.readline()
    make("new", commits, 1000)
    os.rename("new", "people")
    beside = look()
    holder.communicate("\n")
    seen[commits] = (beside, look())
    print(f"{commits} commits of 1,000 keys: entries, transaction, last commit beside the holder {beside}, after it {seen[commits][1]}")
print("LMDB", lmdb.version())
assert lmdb.version() == (0, 9, 36)
assert seen[3][0][:2] == [3000, 5] and seen[3][1][0] == 3000
assert seen[4][0][:2] == [3000, 5] and seen[4][1][0] == 4000
PYTHON
