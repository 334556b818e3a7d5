"""Which language a page is in."""

import pytest
from starlette.requests import Request

from fanfare.doors.web import pages
from fanfare.model.channel import Language, Locale


def a_request(query: str = "", accept: str = "") -> Request:
    headers = [(b"accept-language", accept.encode())] if accept else []
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": headers})


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", Language.ENGLISH),
        ("fr-CA,fr;q=0.9,en;q=0.8", Language.FRENCH),
        ("en;q=0.5, fr;q=0.9", Language.FRENCH),
        ("de, es;q=0.9", Language.ENGLISH),
        ("de, fr;q=0.1", Language.FRENCH),
        ("fr;q=nonsense, en;q=0.2", Language.ENGLISH),
        ("fr;q=0", Language.ENGLISH),
        ("," * 10_000 + "fr", Language.ENGLISH),
    ],
)
def test_a_browsers_wish_is_heard(accept: str, language: Language) -> None:
    assert pages.language_of(a_request(accept=accept)) is language


def test_what_is_asked_for_goes_before_the_fans_own_and_that_before_the_browsers() -> None:
    assert pages.language_of(a_request("lang=en", "fr"), Locale.FR_CA) is Language.ENGLISH
    assert pages.language_of(a_request("lang=xx", "fr"), Locale.EN_CA) is Language.ENGLISH
    assert pages.language_of(a_request("", "en"), Locale.FR_CA) is Language.FRENCH


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two ``#rrggbb`` colours (WCAG 2.2, 1.4.3)."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_pair_of_colours_can_be_read() -> None:
    for line in (line for line in pages.style().splitlines() if "--paper:" in line):
        words = line.replace(";", " ").replace("{", " ").replace("}", " ").split()
        colours = {name.strip(":-"): words[n + 1] for n, name in enumerate(words) if name.startswith("--")}
        for front, back in (("ink", "paper"), ("quiet", "paper"), ("action", "paper"), ("on-action", "action")):
            assert contrast(colours[front], colours[back]) >= 4.5, (front, back, line)
        assert contrast(colours["line"], colours["paper"]) >= 3
