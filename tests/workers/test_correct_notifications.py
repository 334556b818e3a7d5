"""Fans who hold something false are told the truth once, where the brand wants it."""

from dataclasses import replace

from fanfare.engines.embedded.clock import SteppedClock
from fanfare.engines.embedded.store import EmbeddedEngine
from fanfare.workers import correct_notifications
from tests.builders import NOW, a_brand, a_sale


def test_a_sale_that_never_changed_is_not_corrected() -> None:
    engine = EmbeddedEngine.temporary(clock=SteppedClock(NOW))
    speaking = replace(a_brand(), sale_changed=True)
    try:
        written = correct_notifications.run(
            a_sale(), notifications=engine.notifications, brands=[speaking], clock=engine.clock
        )
    finally:
        engine.close()

    assert written == 0
