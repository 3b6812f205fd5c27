"""The command line of Benchmarks/compare/run: the comparison, or with `growth` how Kith's cost grows."""

import argparse
import sys

import compare
import growth


def main() -> int:
    """Does as the command line says."""
    arguments = sys.argv[1:]
    chosen = growth if arguments[:1] == ["growth"] else compare
    name = "run growth" if chosen is growth else "run"
    parser = argparse.ArgumentParser(
        prog=name, description=chosen.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    chosen.add_options(parser)
    options = parser.parse_args(arguments[1:] if chosen is growth else arguments)
    chosen.check_options(options, parser)
    return chosen.main(options)


if __name__ == "__main__":
    sys.exit(main())
