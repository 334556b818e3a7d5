import pytest

from fanfare.lab import inbound


@pytest.mark.parametrize(
    ("body", "recognised", "meaning"),
    [
        ("STOP", "STOP", "STOP"),
        (" stopall\n", "STOP", "STOP"),
        ("Unstop", "START", "START"),
        ("info", "HELP", "HELP"),
        ("ARRÊT", None, "STOP"),
        ("arret", None, "STOP"),
        ("Aide", None, "HELP"),
        ("please stop", None, None),
        ("", None, None),
    ],
)
def test_the_provider_knows_whole_english_keywords_only(body: str, recognised: str | None, meaning: str | None) -> None:
    assert inbound.recognised(body) == recognised
    assert inbound.meaning(body) == meaning


def test_every_word_that_a_fan_uses_means_what_it_should() -> None:
    for number in ("+15145550123", "+12125550123"):
        assert {inbound.meaning(inbound.stop_words(number, choice)) for choice in range(8)} == {"STOP"}
        assert inbound.meaning(inbound.help_words(number)) == "HELP"
