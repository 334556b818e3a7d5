from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.report import InboundText, Report, ReportStatus
from fanfare.partners.sms_webhooks import (
    Malformed,
    Params,
    inbound_text,
    is_signed,
    signature,
    status_report,
    url_variants,
)
from tests.partners.real_clock import NOON

TOKEN = "fanfare-test-token"
SID = "SM00000000000000000000000000000002"
STATUS_URL = "https://hooks.example.test/twilio/status?n=7f3a"
STATUS: Params = (
    ("AccountSid", "AC00000000000000000000000000000001"),
    ("ApiVersion", "2010-04-01"),
    ("From", "+15005550006"),
    ("MessageSid", SID),
    ("MessageStatus", "delivered"),
    ("RawDlrDoneDate", "2605081931"),
    ("SmsSid", SID),
    ("SmsStatus", "delivered"),
    ("To", "+15145550123"),
)
STATUS_SIGNATURE = "Nn76HnaWinhqLwXnJTCuTfHFxB0="
INBOUND: Params = (
    ("AccountSid", "AC00000000000000000000000000000001"),
    ("ApiVersion", "2010-04-01"),
    ("Body", "Arrêt"),
    ("From", "+15145550123"),
    ("FromCity", ""),
    ("FromCountry", "CA"),
    ("MessageSid", "SM00000000000000000000000000000003"),
    ("NumMedia", "0"),
    ("NumSegments", "1"),
    ("OptOutType", "STOP"),
    ("SmsMessageSid", "SM00000000000000000000000000000003"),
    ("SmsSid", "SM00000000000000000000000000000003"),
    ("SmsStatus", "received"),
    ("To", "+15005550006"),
    ("ToCountry", "US"),
)
CALL: Params = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
)


@pytest.mark.parametrize(
    ("token", "url", "params", "expected"),
    [
        ("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (TOKEN, STATUS_URL, STATUS, STATUS_SIGNATURE),
        (TOKEN, "https://hooks.example.test/twilio/inbound", INBOUND, "gHGMzw/FOxsJAZbdPm5S766byGw="),
    ],
    ids=["the provider's own", "status", "accent and empty value"],
)
def test_the_published_vectors_hold(token: str, url: str, params: Params, expected: str) -> None:
    assert signature(token, url, params) == expected
    assert signature(token, url, tuple(reversed(params))) == expected


def test_a_repeated_parameter_counts_each_distinct_value_once() -> None:
    twice = signature(TOKEN, STATUS_URL, (("a", "2"), ("a", "1"), ("a", "2")))

    assert twice == signature(TOKEN, STATUS_URL, (("a", "1"), ("a", "2")))
    assert twice != signature(TOKEN, STATUS_URL, (("a", "1"),))


def test_any_of_several_secrets_and_addresses_will_do() -> None:
    assert is_signed(("new", TOKEN), ("https://other.test/", STATUS_URL), STATUS, STATUS_SIGNATURE)


@pytest.mark.parametrize("tokens", [(), ("",), ("wrong",)])
def test_without_the_secret_the_door_stays_shut(tokens: tuple[str, ...]) -> None:
    assert not is_signed(tokens, (STATUS_URL,), STATUS, STATUS_SIGNATURE)
    assert not is_signed(tokens, (STATUS_URL,), STATUS, signature("", STATUS_URL, STATUS))


@pytest.mark.parametrize("header", [None, "", "é", STATUS_SIGNATURE + "=", STATUS_SIGNATURE.lower(), "\ud800"])
def test_another_header_is_no_signature(header: str | None) -> None:
    assert not is_signed((TOKEN,), (STATUS_URL,), STATUS, header)


@given(st.integers(min_value=0, max_value=len(STATUS) - 1), st.booleans(), st.text(min_size=1, max_size=3))
def test_any_change_of_a_parameter_breaks_the_signature(index: int, of_name: bool, more: str) -> None:  # noqa: FBT001
    name, value = STATUS[index]
    changed = (name + more, value) if of_name else (name, value + more)
    params = (*STATUS[:index], changed, *STATUS[index + 1 :])

    joined = [name + value for name, value in sorted(params)]
    if "".join(joined) != "".join(name + value for name, value in sorted(STATUS)):
        assert not is_signed((TOKEN,), (STATUS_URL,), params, STATUS_SIGNATURE)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://h.test/a?n=1", "https://h.test:443/a?n=1"),
        ("http://h.test/a", "http://h.test:80/a"),
        ("https://h.test:8443/a", "https://h.test/a"),
        ("https://[::1]/a", "https://[::1]:443/a"),
        ("https://[::1]:8443/a", "https://[::1]/a"),
    ],
)
def test_an_address_is_tried_with_and_without_its_port(url: str, other: str) -> None:
    assert url_variants(url) == (url, other)


def test_a_status_callback_is_a_report() -> None:
    assert status_report(STATUS, provider="lab", token="7f3a", at=NOON) == Report(
        provider="lab", provider_id=SID, token="7f3a", status=ReportStatus.DELIVERED, code=None, at=NOON
    )


@pytest.mark.parametrize(
    ("text", "code"), [("30003", 30003), ("", None), ("abc", None), ("٣", None), ("9" * 5000, None)]
)
def test_the_code_of_a_failure_is_a_short_whole_number(text: str, code: int | None) -> None:
    params = (("SmsSid", SID), ("SmsStatus", "undelivered"), ("ErrorCode", text), ("Unknown", "x"))
    read = status_report(params, provider="lab", token="", at=NOON)

    assert isinstance(read, Report)
    assert (read.status, read.code, read.token) == (ReportStatus.UNDELIVERED, code, None)


@pytest.mark.parametrize("missing", ["Sid", "Status"])
def test_a_callback_without_a_name_or_a_status_is_malformed(missing: str) -> None:
    params = tuple((name, value) for name, value in STATUS if not name.endswith(missing))

    assert isinstance(status_report(params, provider="lab", token=None, at=NOON), Malformed)


def test_a_fans_text_is_read() -> None:
    assert inbound_text(INBOUND, at=NOON.astimezone(UTC)) == InboundText(
        provider_id="SM00000000000000000000000000000003",
        from_address="+15145550123",
        to_address="+15005550006",
        body="Arrêt",
        at=NOON,
        provider_replied=True,
    )


def test_a_text_that_the_provider_did_not_answer_says_so() -> None:
    read = inbound_text(tuple(pair for pair in INBOUND if pair[0] not in {"OptOutType", "Body"}), at=NOON)

    assert isinstance(read, InboundText)
    assert not read.provider_replied
    assert not read.body


@pytest.mark.parametrize("name", ["MessageSid", "From", "To"])
def test_a_text_without_its_ends_is_malformed(name: str) -> None:
    read = inbound_text(tuple(pair for pair in INBOUND if pair[0] != name), at=NOON)

    assert read == Malformed(f"{name} missing")
