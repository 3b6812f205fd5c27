#!/usr/bin/env bash
# LMDB 0.9.36 (py-lmdb 3.0.0): a removed key survives a compacting copy, and removed bytes that were wiped come back.
#
# Expected: what is removed stays on free pages at most. So a compacting copy, which has none, has nothing of it; and once
# every place in the file where the bytes were has been overwritten, they are gone.
# Seen, first: removing an entry leaves its key in the branch page above, where it goes on separating its neighbours. The
# copy takes branch pages over as they are: of 2,500 removed keys 80 are in it, whole, and no read can find them.
# Seen, second: LMDB makes pages in memory in which it has made others, and writes the part of it that is not used along.
# All places of a removed value are overwritten here with zeros, and the same process then commits 300 small changes that
# have nothing to do with it: the removed bytes are in the file again.
#
# Why it matters: "delete, then compact" and "delete, then wipe the free pages" are how people would erase a person.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lmdb==3.0.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import os
import lmdb

print("LMDB", lmdb.version())

environment = lmdb.open("keys", subdir=False, map_size=1 << 28)
keys = [b"person-%05d-" % number + b"x" * 100 for number in range(5000)]
with environment.begin(write=True) as transaction:
    for key in keys:
        transaction.put(key, b"")
with environment.begin(write=True) as transaction:
    for key in keys[::2]:
        transaction.delete(key)
environment.copy("copy", compact=True)
copied = open("copy", "rb").read()
left = [key for key in keys[::2] if key in copied]
with environment.begin() as transaction:
    readable = sum(transaction.get(key) is not None for key in keys[::2])
print(f"removed {len(keys) // 2}, readable {readable}, whole keys of them in the compacted copy {len(left)}")
assert readable == 0 and len(left) > 0

environment = lmdb.open("values", subdir=False, map_size=1 << 28)
secret = b"evangeline-of-avalon"

def count():
    return open("values", "rb").read().count(secret)

with environment.begin(write=True) as transaction:
    for number in range(1000):
        transaction.put(b"%d" % number, secret)
with environment.begin(write=True) as transaction:
    for number in range(1000):
        transaction.delete(b"%d" % number)
for number in range(2):
    with environment.begin(write=True) as transaction:
        transaction.put(b"other", b"%d" % number)
before = count()
with open("values", "r+b", buffering=0) as file:
    data = file.read()
    offset = data.find(secret)
    while offset >= 0:
        os.pwrite(file.fileno(), bytes(len(secret)), offset)
        offset = data.find(secret, offset + 1)
wiped = count()
for number in range(300):
    with environment.begin(write=True) as transaction:
        transaction.put(b"number %d" % (number * 7 % 100), b"%d" % number)
after = count()
print(f"a removed value: {before} times in the file, {wiped} after wiping each, {after} after 300 commits of other things")
assert before > 0 and wiped == 0 and after > 0
PYTHON
