"""How far apart two spellings are."""


def distance(one: str, other: str, *, distance_max: int) -> int:
    """Return the optimal string alignment distance, or ``distance_max + 1`` for anything farther apart.

    Counts insertions, deletions, substitutions and swaps of neighbours (*Preasle* is one swap from *Presale*).
    """
    if abs(len(one) - len(other)) > distance_max:
        return distance_max + 1
    too_far = distance_max + 1
    before_last: list[int] = []
    last = [min(column, too_far) for column in range(len(other) + 1)]
    for row, letter in enumerate(one, 1):
        current = [min(row, too_far)] + [too_far] * len(other)
        # Only near the diagonal can a distance be small: names without bounds would cost their lengths' product.
        for column in range(max(1, row - distance_max), min(len(other), row + distance_max) + 1):
            other_letter = other[column - 1]
            cost = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (letter != other_letter))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == other_letter:
                cost = min(cost, before_last[column - 2] + 1)
            current[column] = min(cost, too_far)
        if min(current) > distance_max:
            return too_far
        before_last, last = last, current
    return min(last[-1], too_far)
