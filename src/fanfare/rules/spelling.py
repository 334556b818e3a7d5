"""How far apart two spellings are."""


def distance(one: str, other: str, *, distance_max: int) -> int:
    """Return the optimal string alignment distance, or ``distance_max + 1`` for anything farther apart.

    Counts insertions, deletions, substitutions and swaps of neighbours (*Preasle* is one swap from *Presale*).
    """
    if abs(len(one) - len(other)) > distance_max:
        return distance_max + 1
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, other_letter in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != other_letter))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == other_letter:
                cost = min(cost, before_last[column - 2] + 1)
            current.append(cost)
        if min(current) > distance_max:
            return distance_max + 1
        before_last, last = last, current
    return min(last[-1], distance_max + 1)
