from hypothesis import given
from hypothesis import strategies as st

from fanfare.lab.faults import NUMBERS, REPORTS, ROADS, Fault
from fanfare.lab.itinerary import Journey, moments, steps, tellings
from fanfare.lab.messages import Status

FLAWS = [kind for kind in NUMBERS if kind in {Fault.BLOCKED, Fault.UNKNOWN_HANDSET, Fault.LANDLINE}]
ENDS = {Status.DELIVERED, Status.UNDELIVERED, Status.FAILED}
journeys = st.builds(
    Journey,
    flaw=st.sampled_from([None, *FLAWS]),
    road=st.sampled_from([None, *ROADS]),
    report=st.sampled_from([None, *REPORTS]),
    validity_seconds=st.integers(min_value=1, max_value=36_000),
    through_service=st.booleans(),
    entropy=st.binary(min_size=20, max_size=20),
)


@given(journeys)
def test_every_text_comes_to_one_end_in_order(journey: Journey) -> None:
    path = steps(journey)

    assert [step.after_seconds for step in path] == sorted(step.after_seconds for step in path)
    assert [step.status in ENDS for step in path] == [False] * (len(path) - 1) + [True]


@given(journeys)
def test_nothing_is_sent_after_its_validity(journey: Journey) -> None:
    sent = [step.after_seconds for step in steps(journey) if step.status is Status.SENT]

    assert all(after <= journey.validity_seconds for after in sent)


@given(journeys)
def test_all_steps_are_told_unless_lost_and_none_is_invented(journey: Journey) -> None:
    path = steps(journey)
    told = [telling.step for telling in tellings(path, journey)]

    if journey.report is Fault.REPORT_LOST:
        assert told == []
    elif journey.report is Fault.REPORT_DOUBLED:
        assert told == [*path, path[-1]]
    else:
        assert told == list(path)


@given(journeys)
def test_only_an_early_report_comes_before_its_time(journey: Journey) -> None:
    early = [t for t in tellings(steps(journey), journey) if t.after_seconds < t.step.after_seconds]

    assert (early != []) is (journey.report is Fault.REPORT_EARLY)


def test_reordered_reports_end_with_the_first() -> None:
    journey = Journey(
        flaw=None,
        road=None,
        report=Fault.REPORT_REORDERED,
        validity_seconds=600,
        through_service=False,
        entropy=bytes(20),
    )

    told = [moment.step.status for moment in moments(journey) if moment.is_told]

    assert told == [Status.DELIVERED, Status.SENT]
