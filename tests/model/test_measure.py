"""Measures are values: what was counted cannot be counted differently afterwards."""

from dataclasses import FrozenInstanceError

import pytest

from fanfare.model.measure import LinkMeasures


def test_what_was_counted_stays() -> None:
    links = LinkMeasures(events=3, shortened=2)

    with pytest.raises(FrozenInstanceError):
        links.shortened = 3  # pyright: ignore[reportAttributeAccessIssue]

    assert links == LinkMeasures(events=3, shortened=2)
