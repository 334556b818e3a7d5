import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfare.model.channel import Language
from fanfare.rules import keywords
from fanfare.rules.keywords import Keyword, Reading
from tests.rules.wording_samples import ANY_CHARACTER

WORDS = {
    Keyword.STOP: [
        "STOP",
        "STOPALL",
        "UNSUBSCRIBE",
        "CANCEL",
        "END",
        "QUIT",
        "REVOKE",
        "OPTOUT",
        "OPT-OUT",
        "REMOVE",
        "ARRET",
        "ARRÊT",
        "TD",
    ],
    Keyword.START: ["START", "YES", "UNSTOP", "OUI"],
    Keyword.HELP: ["HELP", "INFO", "AIDE"],
}


@pytest.mark.parametrize(("keyword", "word"), [(keyword, word) for keyword, words in WORDS.items() for word in words])
def test_a_keyword_is_known_however_it_is_spelt(keyword: Keyword, word: str) -> None:
    spellings = (
        word,
        word.lower(),
        word.title(),
        f"  {word}\n",
        f"{word}.",
        f"“{word}”!!",
        f"{word} 🛑",
        ".".join(word),
    )

    for spelling in spellings:
        reading = keywords.classify(spelling)
        assert (reading.keyword, reading.free_text) == (keyword, False), spelling


@pytest.mark.parametrize("text", ["opt out", "OPT OUT", "stop all", "ＳＴＯＰ", "sto\u200bp", "ARRE\u0302T"])  # noqa: RUF001
def test_spaces_widths_and_marks_do_not_hide_a_keyword(text: str) -> None:
    reading = keywords.classify(text)

    assert (reading.keyword, reading.free_text) == (Keyword.STOP, False)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("STOP", None),
        ("START", None),
        ("INFO", None),
        ("unsubscribe", Language.ENGLISH),
        ("help", Language.ENGLISH),
        ("arrêt", Language.FRENCH),
        ("aide", Language.FRENCH),
        ("oui", Language.FRENCH),
        ("hello", None),
    ],
)
def test_the_language_is_told_where_the_word_tells_it(text: str, language: Language | None) -> None:
    assert keywords.classify(text).language is language


@pytest.mark.parametrize(
    "text",
    [
        "stop texting me",
        "Please remove me",
        "unsubscribe me",
        "arrêtez",
        "Arrêtez SVP!",
        "please STOP",
        "stop it now",
        "Reply STOP to end",
        "I want you to stop",
        "I'd like to opt out",
        "don't text me again",
        "DO NOT CONTACT",
        "no more texts",
        "take me off this list",
        "cancel my alerts",
        "leave me alone",
        "wrong number",
        "stop, yes",
        "ne m'envoyez plus de textos",
        "Ne me contactez plus",
        "désabonnez-moi",
        "retirez-moi de la liste",
        "plus de messages merci",
        "annulez mon abonnement",
        "you: stop sending so many darn messages",
    ],
)
def test_a_sentence_that_asks_to_stop_is_stop(text: str) -> None:
    reading = keywords.classify(text)

    assert (reading.keyword, reading.free_text) == (Keyword.STOP, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "🔥🔥🔥",
        "thanks!",
        "what time?",
        "don't stop",
        "Don't stop texting me",
        "never stop",
        "you may never stop texting me",
        "can't stop, won't stop",
        "Is there a bus stop near the venue",
        "when does it end",
        "is the sale cancelled",
        "can I cancel my ticket",
        "où est l'arrêt d'autobus",
        "n'arrêtez pas",
        "help me",
        "yes I want tickets",
        "please start over",
        "nonstop fun",
    ],
)
def test_other_texts_ask_for_nothing(text: str) -> None:
    assert keywords.classify(text) == Reading(keyword=Keyword.NONE, language=None)


def test_consent_is_never_read_out_of_a_sentence() -> None:
    for text in ("please START", "yes please", "start texting me", "oui svp"):
        assert keywords.classify(text).keyword is Keyword.NONE


@given(st.text(ANY_CHARACTER, max_size=3000))
def test_any_text_can_be_read(text: str) -> None:
    assert keywords.classify(text).keyword in Keyword


@given(st.text(".,!? \t\n-_'\"", max_size=5), st.text(".,!? \t\n-_'\"", max_size=5))
def test_punctuation_around_stop_changes_nothing(before: str, after: str) -> None:
    assert keywords.classify(f"{before}Stop{after}") == Reading(keyword=Keyword.STOP, language=None)
