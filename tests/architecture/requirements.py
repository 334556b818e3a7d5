"""What Fanfare promises, by id. Each promise is named by the test that proves it."""

PROMISES: dict[str, str] = {
    "REQ-001": "a reminder goes out its lead before the sale starts, or shows why not",
    "REQ-002": "it names artist, venue, date, time, zone, brand and presale, and carries the purchase link",
    "REQ-003": "it speaks en-us, en-ca or fr-ca, by the fan, else by the event",
    "REQ-004": "three attempts in all, then FAILED; what is final is final at once",
    "REQ-005": "suppressed artists, sale kinds and name keywords get none, per brand",
    "REQ-006": "every event link is shortened, and no reminder is lost for lack of a short link",
    "REQ-007": "never more than once per fan, sale, contact method and kind",
    "CONST-001": "an SMS fits 160 characters",
    "CONST-002": "conditional writes stop duplicates",
    "PERF-001": "50,000 notifications for one event, and far beyond",
    "PERF-002": "generated and queued within their 30-minute slot",
    "PERF-003": "an attempt ends within 30 seconds, or is retried",
    "FLOW-1": "changes of demands and events feed the short-URL queue",
    "FLOW-2": "the short-URL queue shortens each event once",
    "FLOW-3": "every 30 minutes, and after downtime, due sales are planned",
    "FLOW-4": "generation writes one notification per recipient and contact method",
    "FLOW-5": "due notifications are released, paced by the rate limit",
    "FLOW-6": "the sender records its intent, calls, and records the outcome",
    "FLOW-7": "delivery reports end or re-open a notification, by stream or webhook alike",
    "FLOW-8": "eventDetails answers from the cache, else Discovery, else stale and marked",
    "FLOW-9": "the account query answers from the account service, else stale and marked",
    "FLOW-10": "events with demand are refreshed, and moved or cancelled sales re-plan",
}

# Promises of the AWS engine, to be proved where that engine is built.
ON_AWS: dict[str, str] = {
    "CONST-003": "a function ends within 300 seconds",
    "CONST-004": "SQS at most 10 messages, DynamoDB at most 25 items a batch write",
    "CONST-005": "it runs inside a private network",
}
