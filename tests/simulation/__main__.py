"""``make simulate SEEDS=n FIRST=k``: run seeds, print what was hit, name every seed that broke a promise."""

import argparse
import logging
import sys
from collections import Counter

from tests.simulation.night import Night


def main() -> int:
    """Run the seeds; return 1 when one of them showed a violation."""
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)  # faults are what is simulated; their log lines would bury the result
    hits: Counter[str] = Counter()
    messages = deaths = bad = 0
    for seed in range(asked.first, asked.first + asked.seeds):
        outcome = Night(seed=seed).run()
        hits += outcome.hits
        messages += outcome.messages
        deaths += outcome.deaths
        if outcome.violations:
            bad += 1
            _tell(seed, outcome.violations)
    broken = sum(count for place, count in hits.items() if " fault " in place)
    sys.stdout.write(
        f"{asked.seeds} seeds: {messages} messages taken, {deaths} processes died, {broken} faults of ports, "
        f"{bad} seeds with violations\n"
    )
    return 1 if bad else 0


def _tell(seed: int, violations: list[str]) -> None:
    sys.stdout.write(f"seed {seed}: replay with: make simulate SEEDS=1 FIRST={seed}\n")
    for violation in violations[:10]:
        sys.stdout.write(f"  {violation}\n")


if __name__ == "__main__":
    sys.exit(main())
