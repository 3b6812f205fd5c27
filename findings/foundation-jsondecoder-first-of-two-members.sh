#!/usr/bin/env bash
# Foundation of Swift 6.3.1 on Linux: JSONDecoder takes a comma before the last brace, and of two members of one name the first.
#
# Expected: without `allowsJSON5` a comma before `}` or `]` is an error, as RFC 8259 has it. Of two members of one name, an
# error, or the last, which JavaScript takes by its standard and Python does.
# Seen: `{"a": 1,}` and `[1,]` are decoded without a word; of `{"a": 1, "a": 2}` Foundation gives 1 and Python 2. All else that
# RFC 8259 does not know and that was tried is refused: `01`, `+1`, `.5`, `NaN`, control characters, lone surrogates, text behind.
#
# Why it matters: two programs that read the same line of an event log see two different events, and neither says so. Whoever
# checks input by a decoder of one language and reads it by another has checked something else.
set -euo pipefail
command -v swiftc > /dev/null || { echo "needs Swift 6.3.1, https://www.swift.org/install/linux" >&2; exit 1; }
version=$(swiftc --version 2> /dev/null | grep -o 'Swift version [0-9.]*')
echo "$version"
[ "$version" = "Swift version 6.3.1" ]
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/main.swift" <<'SWIFT'
import Foundation

func decoded(_ text: String) -> [String: Int]? { try? JSONDecoder().decode([String: Int].self, from: Data(text.utf8)) }

struct First: Decodable { var a: Int }

print("a comma before the brace:", decoded("{\"a\": 1,}") ?? [:])
print("the second of two commas:", decoded("{\"a\": 1,,}") ?? "refused")
let twice = try JSONDecoder().decode(First.self, from: Data("{\"a\": 1, \"a\": 2}".utf8))
print("of two members:", twice.a)
precondition(decoded("{\"a\": 1,}") == ["a": 1] && decoded("{\"a\": 1,,}") == nil && decoded("{\"a\": 01}") == nil)
precondition(twice.a == 1)
SWIFT
swiftc "$folder/main.swift" -o "$folder/finding"
"$folder/finding"
python3 -c 'import json; two = json.loads("{\"a\": 1, \"a\": 2}"); print("by Python:", two["a"]); assert two["a"] == 2'
