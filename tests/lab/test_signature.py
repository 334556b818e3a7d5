import pytest

from fanfare.lab.signature import sign

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "fanfare-test-token"


@pytest.mark.parametrize(
    ("token", "url", "form", "expected"),
    [
        (
            "12345",
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            {
                "CallSid": "CA1234567890ABCDE",
                "Caller": "+14158675309",
                "Digits": "1234",
                "From": "+14158675309",
                "To": "+18005551212",
            },
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        (
            TOKEN,
            "https://hooks.example.test/twilio/status?n=7f3a",
            {
                "AccountSid": ACCOUNT,
                "ApiVersion": "2010-04-01",
                "From": "+15005550006",
                "MessageSid": "SM00000000000000000000000000000002",
                "SmsSid": "SM00000000000000000000000000000002",
                "MessageStatus": "delivered",
                "SmsStatus": "delivered",
                "RawDlrDoneDate": "2605081931",
                "To": "+15145550123",
            },
            "Nn76HnaWinhqLwXnJTCuTfHFxB0=",
        ),
        (
            TOKEN,
            "https://hooks.example.test/twilio/inbound",
            {
                "AccountSid": ACCOUNT,
                "ApiVersion": "2010-04-01",
                "Body": "Arrêt",
                "From": "+15145550123",
                "FromCity": "",
                "FromCountry": "CA",
                "MessageSid": "SM00000000000000000000000000000003",
                "SmsMessageSid": "SM00000000000000000000000000000003",
                "SmsSid": "SM00000000000000000000000000000003",
                "NumMedia": "0",
                "NumSegments": "1",
                "OptOutType": "STOP",
                "SmsStatus": "received",
                "To": "+15005550006",
                "ToCountry": "US",
            },
            "gHGMzw/FOxsJAZbdPm5S766byGw=",
        ),
    ],
)
def test_signatures_are_those_of_the_provider(token: str, url: str, form: dict[str, str], expected: str) -> None:
    assert sign(token, url, form) == expected
