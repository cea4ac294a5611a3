"""`python -m bench`: run the benchmarks, show what came out, and write it to `.local/bench.json`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench import results, search_with_rights
from bench.load import LoadFailed
from local.parts import PartFailed

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run all benchmarks; 1 with a message when one could not be measured. A missed goal is shown, not a failure."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer items and shorter rounds")
    size = search_with_rights.QUICK if parser.parse_args().quick else search_with_rights.FULL
    home = ROOT / ".local" / "bench"
    try:
        measured = search_with_rights.run(size, home, ROOT / ".local" / "jars", lambda line: print(line, flush=True))
    except (LoadFailed, PartFailed, search_with_rights.DifferentAnswers) as failure:
        print(failure, file=sys.stderr)
        return 1
    results.write(ROOT / ".local" / "bench.json", measured)
    print(*map(results.line, measured), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
