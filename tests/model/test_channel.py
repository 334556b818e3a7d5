"""Channels, locales, brands and senders."""

import pytest

from fanfare.model.channel import Channel, Locale
from tests.builders import a_brand, a_sender


def test_names_are_written_as_the_outside_knows_them() -> None:
    assert {*Channel} == {"sms", "email"}
    assert {*Locale} == {"en-us", "en-ca", "fr-ca"}


def test_a_brand_neither_corrects_nor_resends_unless_it_says_so() -> None:
    brand = a_brand()

    assert (brand.sale_changed, brand.resend_unknown) == (False, False)


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_sender_that_could_never_send_is_refused(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        a_sender(rate=rate, burst=burst)
