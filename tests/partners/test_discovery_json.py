import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.event import Attraction, Event, EventStatus, Venue
from fanfare.model.ids import EventId
from fanfare.model.offer import Offer, SourceEvent
from fanfare.partners.discovery_json import Refusal, decode_document, decode_event

Json = dict[str, object]

SAMPLE: Json = {
    "name": "Les Étoiles  Filantes: Tournée d'été",
    "type": "event",
    "id": "G5dExAm_-lE01",
    "test": False,
    "url": "https://www.ticketmaster.ca/event/3100EXAMPLE01",
    "locale": "en-us",
    "sales": {
        "public": {
            "startDateTime": "2026-05-08T14:00:00Z",
            "startTBD": False,
            "startTBA": False,
            "endDateTime": "2026-08-02T00:00:00Z",
        },
        "presales": [
            {
                "startDateTime": "2026-05-06T14:00:00Z",
                "endDateTime": "2026-05-08T02:00:00Z",
                "name": "Artist® Preale",
            },
            {"startDateTime": "2026-05-08T14:00:00Z", "name": "VIP Packages"},
            {"startDateTime": "2026-05-06T14:00:00Z", "name": "Artist® Preale"},
        ],
    },
    "dates": {
        "start": {
            "localDate": "2026-08-01",
            "localTime": "19:30:00",
            "dateTime": "2026-08-01T23:30:00Z",
            "dateTBD": False,
            "dateTBA": False,
            "timeTBA": False,
            "noSpecificTime": False,
        },
        "timezone": "America/Toronto",
        "status": {"code": "offsale"},
        "spanMultipleDays": False,
    },
    "classifications": [
        {"primary": False, "segment": {"id": "KZFzniwnSyZfZ7v7nE", "name": "Sports"}},
        {"primary": True, "segment": {"id": "KZFzniwnSyZfZ7v7nJ", "name": "Music"}, "family": False},
    ],
    "outlets": [{"type": "primary"}, {"type": "tmMarketPlace"}],
    "somethingNew": {"added": "last week"},
    "_embedded": {
        "venues": [
            {
                "id": "KovZExample",
                "name": "Salle Exemple",
                "timezone": "America/Montreal",
                "city": {"name": "Ottawa"},
                "state": {"name": "Ontario", "stateCode": "on"},
                "country": {"name": "Canada", "countryCode": "ca"},
                "location": {"longitude": "-75.69", "latitude": "45.42"},
            }
        ],
        "attractions": [{"id": "K8vZExample", "name": "Les Étoiles Filantes"}, {"id": "K2", "name": "Première Partie"}],
    },
}


def changed(path: str, value: object) -> Json:
    """The sample with one place changed; ``...`` takes the place away."""
    event = copy.deepcopy(SAMPLE)
    *way, last = path.split(".")
    holder = event
    for step in way:
        holder = cast("Json", cast("list[object]", holder)[int(step)] if step.isdigit() else holder[step])
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return event


def decoded(obj: object) -> SourceEvent:
    event = decode_event(obj)
    assert isinstance(event, SourceEvent), event
    return event


def test_a_whole_event_is_read() -> None:
    assert decoded(SAMPLE) == SourceEvent(
        event=Event(
            event_id=EventId("G5dExAm_-lE01"),
            name="Les Étoiles Filantes: Tournée d'été",
            url="https://www.ticketmaster.ca/event/3100EXAMPLE01",
            status=EventStatus.OFFSALE,
            category_id="KZFzniwnSyZfZ7v7nJ",
            timezone="America/Toronto",
            starts_at=datetime(2026, 8, 1, 23, 30, tzinfo=UTC),
            local_date="2026-08-01",
            venue=Venue(
                name="Salle Exemple",
                venue_id="KovZExample",
                city="Ottawa",
                state_code="ON",
                country_code="CA",
                timezone="America/Montreal",
            ),
            attractions=(
                Attraction(attraction_id="K8vZExample", name="Les Étoiles Filantes"),
                Attraction(attraction_id="K2", name="Première Partie"),
            ),
        ),
        public=Offer(
            name="",
            starts_at=datetime(2026, 5, 8, 14, tzinfo=UTC),
            ends_at=datetime(2026, 8, 2, tzinfo=UTC),
        ),
        presales=(
            Offer(
                name="Artist® Preale",
                starts_at=datetime(2026, 5, 6, 14, tzinfo=UTC),
                ends_at=datetime(2026, 5, 8, 2, tzinfo=UTC),
            ),
            Offer(name="VIP Packages", starts_at=datetime(2026, 5, 8, 14, tzinfo=UTC)),
            Offer(name="Artist® Preale", starts_at=datetime(2026, 5, 6, 14, tzinfo=UTC)),
        ),
    )


@pytest.mark.parametrize(
    "path",
    ["url", "sales", "dates", "classifications", "outlets", "_embedded", "test", "type", "locale", "dates.status",
     "dates.start", "dates.timezone", "sales.public", "sales.presales", "_embedded.venues", "_embedded.attractions",
     "sales.public.startDateTime", "sales.presales.0.startDateTime", "sales.presales.0.name",
     "_embedded.venues.0.state", "_embedded.venues.0.name", "_embedded.venues.0.timezone"],
)  # fmt: skip
def test_almost_everything_may_be_missing_or_null(path: str) -> None:
    missing = decoded(changed(path, ...))
    assert missing.event.event_id == "G5dExAm_-lE01"
    assert decoded(changed(path, None)) == missing


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("onsale", EventStatus.ONSALE),
        ("cancelled", EventStatus.CANCELLED),
        ("canceled", EventStatus.CANCELLED),
        ("CANCELLED", EventStatus.CANCELLED),
        ("postponed", EventStatus.POSTPONED),
        ("rescheduled", EventStatus.RESCHEDULED),
        ("a new one", EventStatus.UNKNOWN),
        (None, EventStatus.UNKNOWN),
    ],
)
def test_both_spellings_and_unknown_words_of_the_status(code: str | None, status: EventStatus) -> None:
    assert decoded(changed("dates.status.code", code)).event.status is status


@pytest.mark.parametrize("start", ["1900-01-01T06:00:00Z", "1900-01-01T18:00:00Z"])
def test_the_start_that_stands_for_unknown_is_left_to_the_rules(start: str) -> None:
    public = decoded(changed("sales.public.startDateTime", start)).public
    assert public
    assert public.starts_at
    assert public.starts_at.year == 1900


def test_an_unannounced_sale_is_an_offer_without_a_start() -> None:
    public = decoded(changed("sales.public", {"startTBD": False, "startTBA": True})).public

    assert public == Offer(name="", starts_at=None, is_tba=True)


def test_no_sales_at_all_is_no_public_offer() -> None:
    event = decoded(changed("sales", ...))

    assert event.public is None
    assert event.presales == ()


def test_a_presale_without_a_name_is_not_taken_for_the_public_sale() -> None:
    assert decoded(changed("sales.presales.0.name", " ")).presales[0].name == "Presale"


@pytest.mark.parametrize(
    ("event", "resale"),
    [
        (changed("id", "Z7r9jZ1AdExample"), True),
        (changed("outlets", [{"type": "tmMarketPlace"}]), True),
        (changed("outlets", []), False),
        (SAMPLE, False),
    ],
    ids=["partner id", "market place only", "no outlet", "market place beside our own"],
)
def test_resale_listings_are_known(event: Json, *, resale: bool) -> None:
    assert decoded(event).event.is_resale is resale


def test_a_test_event_is_known() -> None:
    assert decoded(changed("test", value=True)).event.is_test


@pytest.mark.parametrize(
    ("own", "zone"),
    [
        ("America/Halifax", "America/Halifax"),
        (None, "America/Montreal"),
        ("Mars/Olympus", "America/Montreal"),
        ("../etc", "America/Montreal"),
        ("America", "America/Montreal"),
        (5, "America/Montreal"),
    ],
)
def test_the_venue_tells_the_zone_where_the_event_does_not(own: object, zone: str) -> None:
    assert decoded(changed("dates.timezone", own)).event.timezone == zone


@pytest.mark.parametrize("flag", ["dateTBD", "dateTBA"])
def test_a_day_that_is_open_is_no_day(flag: str) -> None:
    assert decoded(changed(f"dates.start.{flag}", value=True)).event.local_date is None


def test_the_place_stands_in_for_a_missing_venue() -> None:
    event = changed("_embedded.venues", ...)
    event["place"] = {"city": {"name": "Gatineau"}, "country": {"countryCode": "CA"}, "state": {"stateCode": "QC"}}

    assert decoded(event).event.venue == Venue(name="Gatineau", city="Gatineau", state_code="QC", country_code="CA")


def test_the_first_category_counts_where_none_is_primary() -> None:
    event = changed("classifications", [{"segment": {"id": "A"}}, {"segment": {"id": "B"}}])

    assert decoded(event).event.category_id == "A"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://[", "https://", "https:///path", "//host/path"])
def test_an_address_that_is_not_of_the_web_is_none(url: str) -> None:
    assert decoded(changed("url", url)).event.url is None


def test_half_a_surrogate_pair_made_an_event_unstorable_and_is_left_out() -> None:
    event = decoded(changed("name", "Bad \ud83d Moon \udfff")).event

    assert event.name == "Bad Moon"


@pytest.mark.parametrize("value", ["2026-05-08T10:00:00-04:00", "2026-05-08T14:00:00.000Z", "2026-05-08T14:00:00Z"])
def test_an_instant_is_utc_however_it_is_written(value: str) -> None:
    public = decoded(changed("sales.public.startDateTime", value)).public
    assert public
    assert public.starts_at
    assert public.starts_at.isoformat() == "2026-05-08T14:00:00+00:00"


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("id", ..., "event.id"),
        ("id", 7, "event.id"),
        ("id", "a/b", "event.id"),
        ("id", "x" * 65, "event.id"),
        ("name", "  ", "event.name"),
        ("name", ..., "event.name"),
        ("sales", [], "event.sales"),
        ("sales.public", "soon", "event.sales.public"),
        ("sales.public.startDateTime", "soon", "event.sales.public.startDateTime"),
        ("sales.public.startDateTime", "2026-05-08T14:00:00", "event.sales.public.startDateTime"),
        ("sales.public.startDateTime", "0001-01-01T00:00:00+14:00", "event.sales.public.startDateTime"),
        ("sales.public.startDateTime", 1778250000, "event.sales.public.startDateTime"),
        ("sales.public.endDateTime", "2026-13-01T00:00:00Z", "event.sales.public.endDateTime"),
        ("sales.presales", {}, "event.sales.presales"),
        ("sales.presales", ["x"], "event.sales.presales[0]"),
        ("sales.presales.1.startDateTime", "?", "event.sales.presales[1].startDateTime"),
        ("dates.start.dateTime", "?", "event.dates.start.dateTime"),
    ],
)
def test_what_would_make_us_wrong_about_a_sale_is_refused_with_its_place(path: str, value: object, place: str) -> None:
    refusal = decode_event(changed(path, value))

    assert isinstance(refusal, Refusal)
    assert refusal.place == place
    assert refusal.reason
    assert refusal.fix


def test_a_file_holds_one_event_or_a_list_or_a_page() -> None:
    one = decoded(SAMPLE)
    other = decoded(changed("id", "B"))

    assert decode_document(SAMPLE) == ((one,), ())
    assert decode_document([SAMPLE, changed("id", "B")]) == ((one, other), ())
    assert decode_document({"_embedded": {"events": [SAMPLE]}, "page": {"totalElements": 1}}) == ((one,), ())
    assert decode_document({"_links": {}, "page": {"totalElements": 0}}) == ((), ())
    assert decode_document([]) == ((), ())


def test_one_bad_event_leaves_its_neighbours_alone() -> None:
    events, refusals = decode_document({"_embedded": {"events": [SAMPLE, 7, changed("id", "")]}})

    assert events == (decoded(SAMPLE),)
    assert [refusal.place for refusal in refusals] == ["_embedded.events[1]", "_embedded.events[2].id"]


@pytest.mark.parametrize(
    "document",
    [
        {"errors": [{"code": "DIS1004"}]},
        {"fault": {"faultstring": "Invalid ApiKey"}},
        {"_embedded": {"classifications": []}, "page": {}},
        {},
        "text",
        None,
        7,
    ],
    ids=str,
)
def test_what_holds_no_event_says_so(document: object) -> None:
    events, refusals = decode_document(document)

    assert events == ()
    assert [refusal.place for refusal in refusals] == ["document"]


JSON: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*SAMPLE, "public"]), inner, max_size=4)
    ),
    max_leaves=15,
)
PLACES = (
    "sales sales.public sales.presales dates dates.start dates.status _embedded _embedded.venues "
    "_embedded.attractions classifications outlets url name id test"
)


@given(st.sampled_from(PLACES.split()), JSON)
def test_no_value_anywhere_raises(path: str, value: object) -> None:
    assert isinstance(decode_event(changed(path, value)), SourceEvent | Refusal)


@pytest.mark.parametrize("decode", [decode_event, decode_document])
@given(value=JSON)
def test_no_document_raises(decode: Callable[[object], object], value: object) -> None:
    assert decode(value) is not None


def test_an_event_with_presales_without_end_would_take_hours_and_is_refused() -> None:
    refused = decode_event(changed("sales.presales", [{"name": f"Presale {nth}"} for nth in range(201)]))

    assert isinstance(refused, Refusal)
    assert refused.place == "event.sales.presales"
