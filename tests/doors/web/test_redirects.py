"""Short links and event pages: where they lead, and who is counted."""

import pytest

from fanfare.model.ids import EventId
from tests.doors.web.conftest import Stage
from tests.doors.web.opt_ins import DISCOVERY

PERSON = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
TARGET = "https://www.tickets.example.test/event/E1"
CODE = "abcdEFG"


@pytest.fixture
def link(stage: Stage) -> str:
    stage.world.redirects.put(CODE, EventId("E1"), TARGET)
    return f"/r/{CODE}"


def clicks(stage: Stage) -> int:
    return stage.world.redirects.clicks(EventId("E1"))


@pytest.mark.parametrize("prefix", ["/r/", "/"])
def test_a_code_leads_to_its_stored_target_and_counts_a_person(stage: Stage, link: str, prefix: str) -> None:
    answer = stage.call("GET", link.replace("/r/", prefix), User_Agent=PERSON)

    assert (answer.status, answer.headers["location"], answer.headers["cache-control"]) == (302, TARGET, "no-store")
    assert clicks(stage) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"User_Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User_Agent": "facebookexternalhit/1.1"},
        {"User_Agent": "WhatsApp/2.23.20"},
        {"User_Agent": "python-requests/2.32"},
        {"User_Agent": ""},
        {"User_Agent": PERSON, "Sec_Purpose": "prefetch;prerender"},
        {"User_Agent": PERSON, "Purpose": "prefetch"},
        {"User_Agent": PERSON, "X_Moz": "prefetch"},
        {"User_Agent": PERSON, "X_Purpose": "preview"},
    ],
    ids=lambda headers: "-".join(headers) + headers["User_Agent"][:12].replace("Mozilla/5.0", headers.get("X_Moz", "")),
)
def test_programs_are_led_on_and_not_counted(stage: Stage, link: str, headers: dict[str, str]) -> None:
    before = stage.image()

    assert stage.call("GET", link, **headers).headers["location"] == TARGET
    assert stage.image() == before


def test_a_head_is_not_a_click(stage: Stage, link: str) -> None:
    assert stage.call("HEAD", link, User_Agent=PERSON).status == 302
    assert clicks(stage) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/r/unknown7",
        "/r/short",
        "/r/https:%2F%2Fevil.test",
        "/r/abcdEFG%2F..",
        "/wp-login.php",
        "/r/abcdEFG?to=x&url=//evil",
    ],
)
def test_nothing_but_a_stored_target_is_led_to(stage: Stage, link: str, path: str) -> None:
    answer = stage.call("GET", path, User_Agent=PERSON)

    assert answer.headers.get("location") in {None, TARGET}
    assert link.endswith(CODE)
    assert "evil" not in answer.headers.get("location", "")


@pytest.mark.parametrize("target", ["javascript:alert(1)", "http://[", "https:///no-host", "//evil.example"])
def test_a_target_that_is_no_web_address_is_not_led_to(stage: Stage, target: str) -> None:
    stage.world.redirects.put(CODE, EventId("E1"), target)

    assert stage.call("GET", f"/r/{CODE}", User_Agent=PERSON).status == 404


def test_an_event_page_leads_to_the_tickets(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", DISCOVERY)

    english = stage.call("GET", "/e/E1", Accept_Language="en-CA").text
    french = stage.call("GET", "/e/E1", Accept_Language="fr-CA,fr;q=0.9,en;q=0.5").text

    assert f'href="{TARGET}"' in english
    assert "Aréna du Nord, Montréal" in english
    assert "12 septembre 2026" in french
    assert stage.call("GET", "/e/E9").status == 404


def test_half_an_address_of_an_event_broke_its_page_and_is_left_out(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", {**DISCOVERY, "url": "http://["})

    page = stage.call("GET", "/e/E1")

    assert page.status == 200
    assert "http://[" not in page.text


def test_what_an_event_is_called_cannot_become_markup(stage: Stage) -> None:
    stage.admin("POST", "/v1/events", {**DISCOVERY, "name": '<script>alert("x")</script>'})

    page = stage.call("GET", "/e/E1").text

    assert "<script" not in page
    assert "&lt;script&gt;" in page
