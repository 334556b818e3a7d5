"""The search parameters of Discovery that the lab honours; unknown ones are named in a header, as the real one does."""

import re
from collections.abc import Callable, Mapping

from fanfare.lab.listing import Listing, Venue, Window, known_start

Test = Callable[[Listing, str], bool]

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_INSTANT_PARAMETERS = ("startDateTime", "endDateTime", "onsaleStartDateTime", "onsaleEndDateTime")
_SOURCES = {"Z7r9jZ": "tmr", "LvZ184": "universe", "rZ7HnEZ1": "frontgate"}
_DATE_PARAMETERS = frozenset({*_INSTANT_PARAMETERS, "onsaleOnStartDate", "onsaleOnAfterStartDate"})
_IGNORED = frozenset({"apikey", "size", "page", "sort", "locale", "includeTest", "includeTBA", "includeTBD"})


def unknown(asked: Mapping[str, str]) -> list[str]:
    """Return the names that the lab does not know: they filter nothing."""
    return [name for name in asked if name not in _TESTS and name not in _IGNORED]


def badly_dated(asked: Mapping[str, str]) -> str | None:
    """Return the first parameter whose value is not `YYYY-MM-DDTHH:MM:SSZ`."""
    return next((n for n in _INSTANT_PARAMETERS if n in asked and not _INSTANT.fullmatch(asked[n])), None)


def matches(listing: Listing, asked: Mapping[str, str]) -> bool:
    """True when an event passes all filters that were asked for, and those that hold when none was."""
    return _is_included(listing, asked) and all(
        test(listing, asked[name]) for name, test in _TESTS.items() if name in asked
    )


def sort_key(order: str) -> tuple[Callable[[Listing], str], bool]:
    """Return what to sort by, and whether downwards; events without a date come last when going up."""
    field, _, direction = order.partition(",")
    keys: dict[str, Callable[[Listing], str]] = {
        "name": lambda listing: listing.name,
        "onSaleStartDate": lambda listing: listing.sales.public.start_date_time or "9999",
        "id": lambda listing: listing.id,
    }
    return keys.get(field, lambda listing: listing.dates.start.date_time or "9999"), direction == "desc"


def _is_included(listing: Listing, asked: Mapping[str, str]) -> bool:
    start = listing.dates.start
    dated = not _DATE_PARAMETERS.isdisjoint(asked)
    return (
        _switch(asked.get("includeTest", "no"), is_so=listing.test)
        and _switch(asked.get("includeTBA", "no" if dated else "yes"), is_so=start.date_tba)
        and _switch(asked.get("includeTBD", "no" if dated else "yes"), is_so=start.date_tbd)
    )


def _switch(value: str, *, is_so: bool) -> bool:
    return {"yes": True, "only": is_so}.get(value.strip().lower(), not is_so)


def _source(listing: Listing) -> str:
    return next((source for prefix, source in _SOURCES.items() if listing.id.startswith(prefix)), "ticketmaster")


def _in(value: str, options: str) -> bool:
    return value.casefold() in {option.strip().casefold() for option in options.split(",")}


def _venue(read: Callable[[Venue], str]) -> Test:
    return lambda listing, value: any(_in(read(venue), value) for venue in listing.embedded.venues)


def _classified(read: Callable[[Listing], list[str]]) -> Test:
    return lambda listing, value: any(_in(name, value) for name in read(listing))


def _segment_ids(listing: Listing) -> list[str]:
    return [each.segment.id for each in listing.classifications]


def _segment_names(listing: Listing) -> list[str]:
    return [each.segment.name for each in listing.classifications]


def _genre_ids(listing: Listing) -> list[str]:
    return [each.genre.id for each in listing.classifications]


def _all_names(listing: Listing) -> list[str]:
    return _segment_names(listing) + [each.genre.name for each in listing.classifications]


def _all_ids(listing: Listing) -> list[str]:
    return _segment_ids(listing) + _genre_ids(listing)


def _public(compare: Callable[[Window, str], bool]) -> Test:
    def test(listing: Listing, value: str) -> bool:
        public = listing.sales.public
        return known_start(public) is not None and compare(public, value)

    return test


def _begins(listing: Listing) -> str:
    return listing.dates.start.date_time or ""


def _has_dma(listing: Listing, value: str) -> bool:
    return any(_in(str(dma.get("id", "")), value) for venue in listing.embedded.venues for dma in venue.dmas)


_TESTS: dict[str, Test] = {
    "id": lambda listing, value: listing.id in value.split(","),
    "keyword": lambda listing, value: value.casefold() in listing.name.casefold(),
    "countryCode": _venue(lambda venue: venue.country.country_code),
    "stateCode": _venue(lambda venue: venue.state.state_code),
    "city": _venue(lambda venue: venue.city.name),
    "postalCode": _venue(lambda venue: venue.postal_code),
    "venueId": _venue(lambda venue: venue.id),
    "dmaId": _has_dma,
    "attractionId": lambda listing, value: any(_in(each.id, value) for each in listing.embedded.attractions),
    "segmentId": _classified(_segment_ids),
    "segmentName": _classified(_segment_names),
    "genreId": _classified(_genre_ids),
    "classificationId": _classified(_all_ids),
    "classificationName": _classified(_all_names),
    "source": lambda listing, value: _in(_source(listing), value),
    "startDateTime": lambda listing, value: _begins(listing) >= value,
    "endDateTime": lambda listing, value: bool(_begins(listing)) and _begins(listing) <= value,
    "onsaleStartDateTime": _public(lambda public, value: (public.start_date_time or "") >= value),
    "onsaleEndDateTime": _public(lambda public, value: (public.start_date_time or "") <= value),
    "onsaleOnStartDate": _public(lambda public, value: (public.start_date_time or "").startswith(value)),
    "onsaleOnAfterStartDate": _public(lambda public, value: (public.end_date_time or "9999") >= value),
}
