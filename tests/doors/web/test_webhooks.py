import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fanfare.model.ids import NotificationId
from fanfare.model.report import ReportStatus
from fanfare.settings import Settings
from tests.doors.web.caller import FORM
from tests.doors.web.conftest import PUBLIC_URL, SETTINGS, TOKEN, WIDE, Stage, served
from tests.doors.web.posts import DELIVERED, INBOUND, STATUS, STOP, post, sign


def with_sms(**changes: Any) -> Settings:  # noqa: ANN401
    return Settings.model_validate({**SETTINGS, "sms": {**SETTINGS["sms"], **changes}})


@pytest.fixture
def rotated() -> Iterator[Stage]:
    yield from served(with_sms(auth_token="new", former_auth_tokens=["old"]), WIDE)


@pytest.fixture
def secretless() -> Iterator[Stage]:
    yield from served(with_sms(auth_token=""), WIDE)


def test_a_signed_report_is_in_the_inbox_before_the_answer(stage: Stage) -> None:
    (token,) = stage.world.vault.callback_tokens([7], [2])

    answer = post(stage, STATUS + token, DELIVERED)

    _, (report,) = stage.world.inbox.take_reports(10)
    assert (answer.status, answer.body) == (204, b"")
    assert (report.status, report.provider_id, report.token) == (ReportStatus.DELIVERED, "SM1", token)
    (ref,) = stage.world.vault.read_callback_tokens([token])
    assert ref is not None
    assert (ref.notification_id, ref.attempt) == (NotificationId(7), 2)


def test_a_report_that_comes_twice_is_one(stage: Stage) -> None:
    for _ in range(2):
        assert post(stage, STATUS + "x", DELIVERED).status == 204

    assert len(stage.world.inbox.take_reports(10)[1]) == 1


def test_progress_is_not_kept(stage: Stage) -> None:
    before = stage.image()

    assert post(stage, STATUS + "x", {**DELIVERED, "MessageStatus": "sent"}).status == 204
    assert stage.image() == before


def test_many_reports_at_once_are_all_kept(stage: Stage) -> None:
    def report(n: int) -> int:
        return post(stage, STATUS + "x", {**DELIVERED, "MessageSid": f"SM{n}"}).status

    with ThreadPoolExecutor(16) as threads:
        statuses = set(threads.map(report, range(200)))

    assert statuses == {204}
    assert len(stage.world.inbox.take_reports(1000)[1]) == 200


def test_any_flipped_bit_is_refused_and_changes_nothing(stage: Stage) -> None:
    right = sign(f"{PUBLIC_URL}{STATUS}x", DELIVERED)
    chance = random.Random(7)
    before = stage.image()

    for _ in range(100):
        place, bit = chance.randrange(len(right) - 1), 1 << chance.randrange(5)
        forged = right[:place] + chr(ord(right[place]) ^ bit) + right[place + 1 :]
        if forged.isprintable():
            assert post(stage, STATUS + "x", DELIVERED, signature=forged).status == 403

    assert stage.image() == before


@pytest.mark.parametrize(
    ("path", "form", "signed"),
    [
        (STATUS + "y", DELIVERED, (STATUS + "x", DELIVERED)),  # another attempt's callback
        (STATUS + "x", {**DELIVERED, "MessageStatus": "failed"}, (STATUS + "x", DELIVERED)),
        (STATUS + "x", {**DELIVERED, "More": "1"}, (STATUS + "x", DELIVERED)),
        (INBOUND, STOP, (INBOUND, {**STOP, "From": "+15145550124"})),
        (INBOUND, {**STOP, "Body": "START"}, (INBOUND, STOP)),
    ],
)
def test_what_was_altered_after_signing_is_refused(
    stage: Stage, path: str, form: dict[str, str], signed: tuple[str, dict[str, str]]
) -> None:
    before = stage.image()

    assert post(stage, path, form, signature=sign(PUBLIC_URL + signed[0], signed[1])).status == 403
    assert stage.image() == before


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-URL", "Host"])
def test_no_header_moves_the_address_that_is_signed(stage: Stage, header: str) -> None:
    elsewhere = "https://evil.example.test"
    value = "http" if header == "X-Forwarded-Proto" else "evil.example.test"

    assert post(stage, STATUS + "x", DELIVERED, base=elsewhere, **{header: value}).status == 403
    assert post(stage, STATUS + "x", DELIVERED, **{header: value}).status == 204


def test_an_address_is_signed_with_or_without_its_port(stage: Stage) -> None:
    assert post(stage, STATUS + "x", DELIVERED, base=f"{PUBLIC_URL}:443").status == 204
    assert post(stage, STATUS + "x", DELIVERED, base=f"{PUBLIC_URL}:8443").status == 403


def test_a_former_secret_still_counts_while_it_is_rotated(rotated: Stage) -> None:
    assert [post(rotated, STATUS + "x", DELIVERED, token=token).status for token in ("new", "old", TOKEN)] == [
        204,
        204,
        403,
    ]


@pytest.mark.parametrize("token", ["", TOKEN])
def test_without_a_secret_every_call_is_refused(secretless: Stage, token: str) -> None:
    before = secretless.image()

    assert post(secretless, STATUS + "x", DELIVERED, token=token).status == 403
    assert post(secretless, INBOUND, STOP, signature="").status == 403
    assert secretless.image() == before


def test_a_fans_text_is_left_sealed(stage: Stage) -> None:
    assert post(stage, INBOUND, STOP).status == 204

    _, (text,) = stage.world.inbox.take_texts(10)
    assert (text.body, text.from_address, text.provider_replied) == ("Arrêt", "+15145550123", False)
    assert b"5145550123" not in stage.image()


def test_a_copy_of_a_text_is_dropped_even_after_the_first_was_applied(stage: Stage) -> None:
    start = {**STOP, "Body": "START"}
    post(stage, INBOUND, start)
    up_to, _ = stage.world.inbox.take_texts(10)
    stage.world.inbox.done_texts(up_to)
    stage.clock.advance(seconds=86_400)

    assert post(stage, INBOUND, start).status == 204
    assert stage.world.inbox.take_texts(10)[1] == ()


@pytest.mark.parametrize("form", [{"MessageStatus": "delivered"}, {"MessageSid": "SM1"}])
def test_a_signed_form_that_says_nothing_is_quarantined_sealed(stage: Stage, form: dict[str, str]) -> None:
    answer = post(stage, STATUS + "x", {**form, "To": "+15145550123"})

    (letter,) = stage.world.queues.dead_letters(None, 10)
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert letter.queue == "sms_status"
    assert b"5145550123" not in stage.image()


def test_a_body_that_is_no_form_is_refused_unread(stage: Stage) -> None:
    before = stage.image()

    assert stage.call("POST", STATUS + "x", b"{}", Content_Type="application/json").status == 415
    assert stage.call("POST", STATUS + "x", b"\xff\xfe=1", Content_Type=FORM).status == 403
    assert stage.call("POST", STATUS + "x", b"a=1&" * 300, Content_Type=FORM).status == 403
    assert stage.image() == before


def test_a_form_that_is_too_large_is_refused(stage: Stage) -> None:
    assert stage.call("POST", STATUS + "x", b"a=" + b"1" * 70_000, Content_Type=FORM).status == 413


def test_another_providers_hook_is_not_there(stage: Stage) -> None:
    assert post(stage, "/hooks/sms/acme/status?n=x", DELIVERED).status == 404
    assert stage.call("GET", STATUS + "x").status == 405
