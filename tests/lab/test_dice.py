import random
from collections import Counter
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from fanfare.lab import faults
from fanfare.lab.dice import Dice, Urn
from fanfare.lab.faults import DISCOVERY, Fault, Faults

BODY = sha256(b"words").digest()


@given(st.integers(), st.text(max_size=20), st.binary(max_size=32), st.integers(min_value=1, max_value=9))
def test_the_same_question_has_the_same_answer(seed: int, to: str, body: bytes, nth: int) -> None:
    one, other = (Dice(seed, faults.parse("rough")) for _ in range(2))

    assert one.text(to, body, nth) == other.text(to, body, nth)
    assert one.number(to) == other.number(to)
    assert one.partner(DISCOVERY, to, nth) == other.partner(DISCOVERY, to, nth)


def test_the_order_of_questions_changes_no_total() -> None:
    questions = [(f"+1416555{n:04d}", nth) for n in range(500) for nth in (1, 2)]
    dice = Dice(7, faults.parse("rough,too_many=0.2"))

    def totals() -> Counter[Fault | None]:
        return Counter(dice.text(to, BODY, nth).call for to, nth in questions)

    before = totals()
    random.Random(1).shuffle(questions)

    assert totals() == before


def test_rates_are_kept() -> None:
    dice = Dice(3, faults.parse("too_many=0.1,error_503=0.05"))

    drawn = Counter(dice.text(f"+1{n:010d}", BODY, 1).call for n in range(20_000))

    assert abs(drawn[Fault.TOO_MANY] - 2000) < 200
    assert abs(drawn[Fault.ERROR_503] - 1000) < 150


def test_another_seed_strikes_others() -> None:
    wanted = faults.parse("bad_number=0.5")
    numbers = [f"+1{n:010d}" for n in range(100)]

    struck = [[Dice(seed, wanted).number(number).flaw for number in numbers] for seed in (1, 2)]

    assert struck[0] != struck[1]


def test_an_urn_gives_each_kind_exactly_its_share() -> None:
    urn = Urn(faults.TEXTS, Faults(rates={Fault.STOP: 0.25, Fault.HELP: 0.75}))

    assert urn.draw(0) is Fault.STOP
    assert urn.draw(2**30 - 1) is Fault.STOP
    assert urn.draw(2**30) is Fault.HELP
    assert urn.draw(2**32 - 1) is Fault.HELP
    assert Urn(faults.TEXTS, Faults()).draw(0) is None
