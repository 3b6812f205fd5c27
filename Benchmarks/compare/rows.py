"""Numbers out of text, many at once: a file of integers between separators of one byte, as NumPy arrays."""

from pathlib import Path

import numpy
from numpy.typing import NDArray

Ids = NDArray[numpy.uint32]
Pairs = NDArray[numpy.uint64]

# Read at once: a block and what is made of it stay in the caches. Twice as fast as numpy.fromfile with a separator.
BLOCK_BYTES = 1 << 20


def parse(path: Path) -> Ids:
    """Every number in the file, in its order."""
    parts = []
    rest = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            block = rest + block
            end = block.rfind(b"\n") + 1
            rest = block[end:]
            parts.append(parse_block(numpy.frombuffer(block, numpy.uint8, count=end)))
    return numpy.concatenate(parts)


def parse_block(text: NDArray[numpy.uint8]) -> Ids:
    """The numbers in whole lines, all at once: the digits that stand k places before a separator, for each k."""
    ends = numpy.flatnonzero(text < ord("0"))
    lengths = numpy.diff(ends, prepend=-1) - 1
    numbers = numpy.zeros(ends.size, numpy.uint32)
    for place in range(int(lengths.max(initial=0))):
        digits = text[numpy.maximum(ends - 1 - place, 0)].astype(numpy.uint32) - ord("0")
        digits[lengths <= place] = 0
        numbers += digits * numpy.uint32(10**place)
    return numbers


def paired(high: Ids, low: Ids) -> Pairs:
    """Pairs as one sortable number each."""
    return high.astype(numpy.uint64) << numpy.uint64(32) | low


def halves(pairs: Pairs) -> tuple[Ids, Ids]:
    """The two numbers of each pair."""
    return (pairs >> numpy.uint64(32)).astype(numpy.uint32), pairs.astype(numpy.uint32)


def sorted_distinct(pairs: Pairs) -> Pairs:
    """The distinct pairs, ascending; sorts in place."""
    pairs.sort()
    kept = numpy.ones(pairs.size, bool)
    numpy.not_equal(pairs[1:], pairs[:-1], out=kept[1:])
    return pairs[kept]


def distinct_edges(path: Path) -> Pairs:
    """A file's distinct (source, target) pairs, ascending."""
    numbers = parse(path)
    return sorted_distinct(paired(numbers[0::2], numbers[1::2]))
