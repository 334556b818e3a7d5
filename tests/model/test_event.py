"""An event: who plays, and where."""

from fanfare.model.event import Attraction
from tests.builders import an_event


def test_the_first_attraction_is_the_artist() -> None:
    acts = (Attraction(attraction_id="A2", name="First"), Attraction(attraction_id="A3", name="Second"))

    assert an_event(attractions=acts).artist == "First"


def test_an_event_without_attractions_goes_by_its_own_name() -> None:
    assert an_event(attractions=(), name="A Night of Songs").artist == "A Night of Songs"


def test_the_country_is_the_venues_or_unknown() -> None:
    assert an_event().country_code == "CA"
    assert an_event(venue=None).country_code is None


def test_a_short_link_is_a_new_version_of_the_same_event() -> None:
    event = an_event()

    assert event.shortened("https://fanf.example/abc") == an_event(short_url="https://fanf.example/abc", version=2)
