import threading

from tests.lab.calls import FAN, OURS, Caller
from tests.lab.conftest import Start


def test_reports_come_as_cloud_events_in_order(lab: Caller) -> None:
    sid = lab.text(StatusCallback="https://hooks.example.test/s?n=7").json["sid"]
    assert lab.stream() == []

    lab.step("2026-05-08T15:31:00Z")

    sent, delivered = lab.stream()
    assert [sent["type"], delivered["type"]] == [
        "com.twilio.messaging.message.sent",
        "com.twilio.messaging.message.delivered",
    ]
    assert (sent["seq"], delivered["seq"], sent["specversion"]) == (1, 2, "1.0")
    assert delivered["data"] == {
        "messageSid": sid,
        "accountSid": delivered["data"]["accountSid"],
        "timestamp": delivered["time"],
        "messageStatus": "delivered",
        "to": FAN,
        "from": OURS,
        "statusCallback": "https://hooks.example.test/s?n=7",
    }
    assert lab.stream(after=1) == [delivered]
    assert lab.stream(limit=1) == [sent]


def test_without_echo_the_callback_stays_with_the_provider(start_lab: Start) -> None:
    lab = start_lab(echo=False)
    lab.text(StatusCallback="https://hooks.example.test/s?n=7")

    lab.step("2026-05-08T15:31:00Z")

    assert all("statusCallback" not in line["data"] for line in lab.stream())


def test_a_service_reports_that_it_queued(lab: Caller) -> None:
    lab.text(MessagingServiceSid="MG" + "0" * 32)

    lab.step("2026-05-08T15:31:00Z")

    assert [line["data"]["messageStatus"] for line in lab.stream()] == ["queued", "sent", "delivered"]


def test_a_waiting_reader_is_woken(lab: Caller) -> None:
    lab.text()
    got: list[int] = []
    reader = threading.Thread(target=lambda: got.extend(line["seq"] for line in lab.stream(after=0, wait=10)))
    reader.start()

    lab.step("2026-05-08T15:31:00Z")
    reader.join()

    assert got[:1] == [1]


def test_a_wait_for_nothing_ends_empty(lab: Caller) -> None:
    reply = lab.get("/stream?after=5&wait=0.05")

    assert (reply.status, reply.body) == (200, b"")


def test_a_doubled_report_repeats_the_event_id(start_lab: Start) -> None:
    lab = start_lab(faults="report_doubled=1")
    lab.text()

    lab.step("2026-05-08T15:32:00Z")

    ids = [line["id"] for line in lab.stream()]
    assert len(ids) == 3
    assert ids[1] == ids[2] != ids[0]


def test_an_early_report_overtakes_the_answer(start_lab: Start) -> None:
    lab = start_lab(faults="report_early=1")

    lab.text()

    assert [line["data"]["messageStatus"] for line in lab.stream()] == ["sent"]


def test_a_lost_report_shows_in_the_look_up_only(start_lab: Start) -> None:
    lab = start_lab(faults="report_lost=1")
    lab.text()

    lab.step("2026-05-08T15:32:00Z")

    assert lab.stream() == []


def test_inbound_texts_stand_in_the_same_stream(lab: Caller) -> None:
    lab.fan_texts("Stop")

    (line,) = lab.stream()
    assert line["type"] == "com.twilio.messaging.inbound-message.received"
    assert line["data"]["from"] == FAN
    assert (line["data"]["body"], line["data"]["optOutType"]) == ("Stop", "STOP")


def test_fans_text_back_once_after_delivery(start_lab: Start) -> None:
    lab = start_lab(faults="stop=1", opt_out_keeper="ours")
    quebec = "+15145550123"
    lab.text()
    lab.text(to=quebec)
    lab.text(body="another")

    lab.step("2026-05-08T15:40:00Z")

    texts = {line["data"]["from"]: line["data"]["body"] for line in lab.stream() if "inbound" in line["type"]}
    assert texts.keys() == {FAN, quebec}
    assert lab.ledger()["inbound"] == 2
