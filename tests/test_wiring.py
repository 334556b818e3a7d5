"""Settings become a world: senders, brands, policy, words, partners."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from fanfare import wiring
from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.model.channel import Channel, Locale
from fanfare.model.ids import EventId
from fanfare.model.message import EmailMessage, SmsMessage
from fanfare.model.notification import MessageKind
from fanfare.model.sale import SaleKind
from fanfare.partners.bitly import Bitly
from fanfare.ports.faults import Transient
from fanfare.settings import Settings
from fanfare.workers.send_notifications import Wanted
from tests.builders import NOW, a_brand, a_sale, a_sender, an_event
from tests.workers.at_work import SETTINGS, a_world


@pytest.fixture
def engine() -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine.temporary(clock=SteppedClock(NOW))
    yield made
    made.close()


def settings(**sections: object) -> Settings:
    return Settings.model_validate({**SETTINGS, **sections})


WANTED = Wanted(
    kind=MessageKind.REMINDER,
    brand=a_brand(),
    event=an_event(short_url="https://fanf.example/abc"),
    sale=a_sale(),
    locale=Locale.EN_CA,
    to_canada=False,
    sender=a_sender(),
)


def test_a_burst_that_is_left_out_is_two_seconds_of_the_rate() -> None:
    sender = {"name": "a", "channel": "sms", "brands": ["x"], "address": "+1", "rate_per_second": 0.2}

    assert [each.burst for each in wiring.senders_of(settings())] == [200, 200]
    assert [each.burst for each in wiring.senders_of(settings(senders=[sender]))] == [1]
    assert [each.burst for each in wiring.senders_of(settings(senders=[{**sender, "burst": 7}]))] == [7]


def test_brands_are_found_by_their_keys() -> None:
    assert set(wiring.brands_of(settings())) == {"ticketmaster", "livenation"}


def test_a_lead_of_a_kind_wins_over_the_common_one() -> None:
    """REQ-001: lead per sale kind, configurable."""
    policy = wiring.policy_of(settings(policy={"lead_minutes": 20, "lead_minutes_by_kind": {"vip": 60}}))

    assert policy.lead(SaleKind.VIP).total_seconds() == 3600
    assert policy.lead(SaleKind.PUBLIC).total_seconds() == 1200


def test_what_a_brand_suppresses_is_asked_for_that_brand() -> None:
    """REQ-005: per brand."""
    policy = wiring.policy_of(settings())

    assert policy.suppressed.keywords == ("registration",)
    assert policy.suppressed_by_brand["livenation"].keywords == ("parking",)
    assert policy.suppressed_by_brand["ticketmaster"].keywords == ()


def test_a_text_names_the_short_link_or_our_own_page() -> None:
    """REQ-002: it carries the direct purchase link."""
    compose = wiring.composer(settings())
    text, plain = compose(WANTED), compose(replace_event(WANTED))

    assert isinstance(text, SmsMessage)
    assert isinstance(plain, SmsMessage)
    assert "https://fanf.example/abc" in text.body
    assert "https://fanf.example/e/E1" in plain.body


def replace_event(wanted: Wanted) -> Wanted:
    return replace(wanted, event=an_event())


def test_a_text_to_canada_names_the_contact_page_and_a_mail_is_a_mail() -> None:
    compose = wiring.composer(settings())

    there, here = compose(replace(WANTED, to_canada=True)), compose(WANTED)
    mail = compose(replace(WANTED, sender=a_sender(Channel.EMAIL)))

    assert isinstance(there, SmsMessage)
    assert isinstance(here, SmsMessage)
    assert "https://tm.example/c" in there.body
    assert "https://tm.example/c" not in here.body
    assert isinstance(mail, EmailMessage)


def test_the_same_words_are_written_once() -> None:
    compose = wiring.composer(settings())

    assert compose(WANTED) is compose(WANTED)


def test_links_are_made_by_whom_the_settings_say(engine: EmbeddedEngine) -> None:
    own = a_world(engine)
    bitly = a_world(
        engine, links={"kind": "bitly", "base_url": "https://fanf.example", "bitly_url": "http://127.0.0.1:9"}
    )

    assert own.shortener is own.own_links
    assert isinstance(bitly.shortener, Bitly)
    assert bitly.own_links.shorten(EventId("E1"), "https://a.example").startswith("https://fanf.example/")


def test_what_is_not_set_is_not_there(engine: EmbeddedEngine) -> None:
    world = a_world(engine)

    assert (world.stream, world.bounces, world.accounts) == (None, None, None)


def test_outside_live_no_partner_elsewhere_is_spoken_to(engine: EmbeddedEngine) -> None:
    """A forgotten test setting must not write to real fans."""
    world = a_world(engine, discovery={"base_url": "https://discovery.example/v2", "api_key": "made-up"})

    with pytest.raises(Transient, match="Discovery"):
        world.source.get(EventId("E1"))
