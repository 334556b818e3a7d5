"""What a source says of an event, before anybody judges it."""

from fanfare.model.offer import Offer
from tests.builders import NOW, a_source_event


def test_an_offer_may_lack_every_date() -> None:
    assert Offer(name="Fan Club Presale", starts_at=None) == Offer(
        name="Fan Club Presale", starts_at=None, ends_at=None, is_tbd=False, is_tba=False
    )


def test_an_event_without_presales_has_an_empty_list_of_them() -> None:
    source = a_source_event(opens_at=NOW)

    assert (source.presales, source.public) == ((), Offer(name="", starts_at=NOW))
