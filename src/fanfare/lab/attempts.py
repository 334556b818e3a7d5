"""How many times the same thing was asked for: what the dice need to be fair whatever the order."""

from fanfare.lab.ledger import Entry, Kind


class Attempts:
    """Counts by address and words. A restarted lab goes on from the last one that its ledger shows as accepted."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}

    def follow(self, entry: Entry) -> None:
        """Take in a reloaded entry."""
        if entry.kind is Kind.ACCEPTED:
            key = (entry.to_hash, entry.body_sha256)
            self._counts[key] = max(entry.nth, self._counts.get(key, 0))

    def next(self, first: str, second: str) -> int:
        """Return 1 the first time that the two are given, then 2, and so on."""
        nth = self._counts.get((first, second), 0) + 1
        self._counts[first, second] = nth
        return nth
