"""Random texts, times and others, with the moment that Python's datetime makes of each.

A pattern says which texts are times at all; which days and hours exist, and which second each is, is datetime's word.
"""

import random
import re
import string
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

TEXTS = 10_000
END = 2**32
NUMBER = re.compile(r"(-?)([0-9]+)(\.[0-9]+)?")
CALENDAR = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"([Tt ](?P<minute>[0-9]{2}:[0-9]{2})(?P<second>:[0-9]{2})?(?P<fraction>[.,][0-9]+)?"
    r"(?P<zone> ?(?:[Zz]|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)


def moment(text: str) -> str:
    """The seconds since 1970, or why there are none."""
    number = NUMBER.fullmatch(text)
    if number:
        value = int(number[2])
        for unit, start in ((1, 0), (10**3, 10**11), (10**6, 10**14)):
            if not number[1] and start <= value < END * unit:
                return str(value // unit)
        return "range"
    parts = CALENDAR.fullmatch(text)
    if not parts or parts["fraction"] and not parts["second"]:
        return "form"
    try:
        datetime.fromisoformat(parts["day"])
    except ValueError:
        return "day"
    try:
        clock = (parts["minute"] or "00:00") + (parts["second"] or ":00")
        local = datetime.fromisoformat(f"{parts['day']}T{clock}")
        seconds = (local - datetime(1970, 1, 1)).total_seconds() - zone_seconds(parts["zone"])
    except ValueError:
        return "clock"
    return str(int(seconds)) if 0 <= seconds < END else "range"


def zone_seconds(zone: str | None) -> float:
    """How far a zone is ahead of UTC."""
    if zone is None or zone.strip() in ("Z", "z", "UTC"):
        return 0
    # datetime takes +02:60 for +03:00.
    if len(zone.strip()) > 3 and zone[-2:] > "59":
        raise ValueError(zone)
    offset = datetime.fromisoformat("2000-01-01T00:00:00" + zone.strip()).utcoffset()
    assert offset is not None
    return offset.total_seconds()


def some_number(chance: random.Random) -> str:
    digits = chance.choice([1, 4, 7, 8, 8, 9, 10, 10, 11, 12, 13, 13, 14, 15, 16, 16, 17, 20, 25])
    near = chance.choice([END, END * 1_000, END * 1_000_000, 10**11, 10**14, 20_240_501, 0])
    value = chance.randrange(10**digits) if chance.random() < 0.7 else max(0, near + chance.randrange(-2, 3))
    fraction = chance.choice(["", "", "", ".0", ".5", ".999999", ".", ".1.2"])
    return chance.choice(["", "", "", "", "-", "+", "0"]) + str(value) + fraction


def some_day(chance: random.Random) -> str:
    if chance.random() < 0.2:
        # The ends of months, of centuries, and of what a time may be.
        year = chance.choice([1900, 1970, 1999, 2000, 2023, 2024, 2038, 2100, 2106])
        return f"{year:04}-{chance.choice([1, 2, 2, 2, 4, 12, 13, 0]):02}-{chance.choice([0, 1, 28, 29, 30, 31, 32]):02}"
    edge = datetime(1970, 1, 1) if chance.random() < 0.05 else datetime(2106, 2, 7)
    if chance.random() < 0.1:
        return (edge + timedelta(days=chance.randrange(-2, 3))).strftime("%Y-%m-%d")
    return (datetime(1970, 1, 1) + timedelta(days=chance.randrange(49_710))).strftime("%Y-%m-%d")


def some_calendar_time(chance: random.Random) -> str:
    text = some_day(chance)
    if chance.random() < 0.15:
        return text
    hour = chance.choice([0, 6, 23, 24, 25]) if chance.random() < 0.2 else chance.randrange(24)
    minute = chance.choice([0, 28, 59, 60, 61]) if chance.random() < 0.2 else chance.randrange(60)
    text += f"{chance.choice('TTTTT    t_')}{hour:02}:{minute:02}"
    if chance.random() < 0.8:
        second = chance.choice([0, 15, 16, 59, 60, 61]) if chance.random() < 0.2 else chance.randrange(60)
        text += f":{second:02}"
        if chance.random() < 0.3:
            text += chance.choice(".,") + str(chance.randrange(10 ** chance.randrange(10)))
    zones = [
        "", "", "Z", "z", "UTC", " UTC", " Z", "+02", "-08", "+0200", "+02:00", "-03:30", "+05:45", "+14:00", "-00:00",
        " +0100", "+24:00", "-23:59", "+02:60", "+2", "GMT", "+02:0", "+02:00:00", "[Europe/Berlin]",
    ]  # fmt: skip
    return text + chance.choice(zones)


def damaged(text: str, chance: random.Random) -> str:
    """The text with one slip."""
    place = chance.randrange(len(text) + 1)
    letter = chance.choice(string.printable[:95] + "٢０") if chance.random() < 0.5 else chance.choice("0123456789-:T .Z+")
    kind = chance.randrange(4)
    if kind == 0:
        return text[:place] + letter + text[place:]
    if kind == 1:
        return text[:place] + text[place + 1 :]
    if kind == 2:
        return text[:place] + letter + text[place + 1 :]
    return text + chance.choice(["junk", " ", "Z", "0", ".5", " UTC", "T08:00", "-"])


def times() -> Iterator[str]:
    """Rows of a text and its moment, no text twice."""
    chance = random.Random(20)
    forms: list[Callable[[random.Random], str]] = [some_number, some_calendar_time, some_calendar_time]
    if sys.version_info < (3, 11):
        sys.exit("reference-values: python-times.tsv needs Python 3.11, whose datetime reads zones such as +02")
    seen: set[str] = set()
    yield f"# {TEXTS} random texts, seed 20; Python {sys.version.split()[0]}, datetime.fromisoformat"
    yield "# text, seconds since 1970; or form, day, clock, range: what is wrong"
    while len(seen) < TEXTS:
        text = chance.choice(forms)(chance)
        if chance.random() < 0.25:
            text = damaged(text, chance)
        if text and text not in seen:
            seen.add(text)
            yield f"{text}\t{moment(text)}"
