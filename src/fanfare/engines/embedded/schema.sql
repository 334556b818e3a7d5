-- store.db: every record but the keys. What a new file is made from; the migrations lead to the same.
-- Instants are epoch milliseconds (`_ms`). Keys are sequential integers: random ones cost three times as much to insert
-- and twelve times as much to update in another order. fan_ref is random, so batches come sorted by it.

CREATE TABLE event (
    event_id   TEXT NOT NULL PRIMARY KEY,
    version    INTEGER NOT NULL,
    status     TEXT NOT NULL,
    body       BLOB NOT NULL  -- the event in normal form, JSON
);

CREATE TABLE event_attraction (
    attraction_id TEXT NOT NULL,
    event_id      TEXT NOT NULL,
    PRIMARY KEY (attraction_id, event_id)
) WITHOUT ROWID;
CREATE INDEX event_attraction_by_event ON event_attraction (event_id);

-- When the source was last asked about an event; 0 for one that somebody demands and nobody asked about yet.
CREATE TABLE event_check (
    event_id   TEXT NOT NULL PRIMARY KEY,
    checked_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX event_check_by_age ON event_check (checked_ms);

CREATE TABLE sale (
    sale_key     INTEGER PRIMARY KEY,
    sale_id      TEXT NOT NULL UNIQUE,
    event_id     TEXT NOT NULL,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    status       TEXT NOT NULL,
    starts_ms    INTEGER,
    ends_ms      INTEGER,
    unscheduled  TEXT,
    suppressed   TEXT,
    send_ms      INTEGER,
    revision     INTEGER NOT NULL,
    frozen_ms INTEGER,
    version      INTEGER NOT NULL
);
CREATE INDEX sale_by_event ON sale (event_id);
CREATE INDEX sale_by_sending ON sale (send_ms) WHERE status = 'scheduled' AND suppressed IS NULL;
CREATE INDEX sale_by_opening ON sale (starts_ms) WHERE starts_ms IS NOT NULL;

-- The only place that joins a fan's account id to the ref that everything else carries.
CREATE TABLE fan (
    fan_id  TEXT NOT NULL PRIMARY KEY,
    fan_ref INTEGER NOT NULL UNIQUE
) WITHOUT ROWID;

-- Fans whose key was destroyed, beside the intents that must not go out to them.
CREATE TABLE forgotten (
    fan_ref      INTEGER PRIMARY KEY,
    destroyed_ms INTEGER NOT NULL
);

CREATE TABLE contact (
    contact_id   INTEGER PRIMARY KEY,
    fan_ref      INTEGER NOT NULL,
    channel      TEXT NOT NULL,
    address_hash BLOB NOT NULL,
    sealed       BLOB NOT NULL,
    phone_zones  TEXT NOT NULL,
    zone         TEXT,
    region       TEXT,
    UNIQUE (fan_ref, channel, address_hash)
);
CREATE INDEX contact_by_address ON contact (address_hash, channel);

CREATE TABLE target (
    target_key INTEGER PRIMARY KEY,
    target     TEXT NOT NULL UNIQUE  -- event:<id> or attraction:<id>
);

CREATE TABLE demand (
    demand_key      INTEGER PRIMARY KEY,
    target_key      INTEGER NOT NULL REFERENCES target,
    fan_ref         INTEGER NOT NULL,
    sale_id         TEXT NOT NULL DEFAULT '',  -- empty: every sale that is told
    brand           TEXT NOT NULL,
    channel         TEXT NOT NULL,
    contact_id      INTEGER NOT NULL REFERENCES contact,
    locale          TEXT,
    zone            TEXT,
    region          TEXT,
    consent_ms      INTEGER NOT NULL,
    consent_text_id TEXT NOT NULL,
    consent_source  TEXT NOT NULL,
    consent_intake  TEXT NOT NULL,
    recorded_ms     INTEGER NOT NULL,
    withdrawn_ms    INTEGER,
    active          INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    UNIQUE (target_key, fan_ref, sale_id, brand, channel)
);
CREATE INDEX demand_by_fan ON demand (fan_ref);

CREATE TABLE preference (
    fan_ref  INTEGER NOT NULL,
    brand    TEXT NOT NULL,
    channels TEXT NOT NULL,  -- ",email,sms,": a comma on both sides of each
    PRIMARY KEY (fan_ref, brand)
) WITHOUT ROWID;

CREATE TABLE occasion (
    occasion_key INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    UNIQUE (kind, name)
);

-- The fan-first question (all rows of one fan) is answered by looking into each sale's occasion: sales are few, and a
-- fan-first index would touch a page of its own for every row that a sale adds.
CREATE TABLE notification (
    id               INTEGER PRIMARY KEY,
    occasion_key     INTEGER NOT NULL REFERENCES occasion,
    fan_ref          INTEGER NOT NULL,
    channel          TEXT NOT NULL,
    kind             TEXT NOT NULL,
    contact_id       INTEGER NOT NULL REFERENCES contact,
    sale_key         INTEGER NOT NULL,  -- 0: about no sale (a reply, a confirmation)
    sale_revision    INTEGER,
    brand            TEXT NOT NULL,
    sender           TEXT,
    locale           TEXT NOT NULL,
    state            TEXT NOT NULL,
    reason           TEXT,
    version          INTEGER NOT NULL DEFAULT 1,
    attempts         INTEGER NOT NULL DEFAULT 0,
    late             INTEGER NOT NULL,
    resent           INTEGER NOT NULL DEFAULT 0,
    look_ups         INTEGER NOT NULL DEFAULT 0,
    send_ms          INTEGER NOT NULL,
    wake_ms          INTEGER,
    cut_off_ms       INTEGER,
    created_ms       INTEGER NOT NULL,
    triggered_ms     INTEGER,
    queued_ms        INTEGER,
    queued_monotonic REAL,
    queued_series    TEXT,
    queued_version   INTEGER,           -- the fence token of the latest attempt
    sent_ms          INTEGER,
    ended_ms         INTEGER,
    text_hash        TEXT,
    provider         TEXT,
    provider_id      TEXT,
    provider_code    INTEGER,
    UNIQUE (occasion_key, fan_ref, channel, kind)
);
CREATE INDEX notification_lane ON notification (sender, sale_key, wake_ms) WHERE state = 'CREATED';
CREATE INDEX notification_triggered ON notification (sender, wake_ms) WHERE state = 'TRIGGERED';
-- One index for each state that the sweeper looks after: a condition with IN costs twice the rest of an update.
CREATE INDEX notification_queued ON notification (wake_ms) WHERE state = 'QUEUED';
CREATE INDEX notification_sent ON notification (wake_ms) WHERE state = 'SENT' AND wake_ms IS NOT NULL;
CREATE INDEX notification_unconfirmed ON notification (wake_ms) WHERE state = 'UNCONFIRMED' AND wake_ms IS NOT NULL;
CREATE INDEX notification_reply ON notification (fan_ref) WHERE sale_key = 0;

-- Who is told of an occasion at an address: the first to claim it.
CREATE TABLE claim (
    occasion_key INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    channel      TEXT NOT NULL,
    address_hash BLOB NOT NULL,
    fan_ref      INTEGER NOT NULL,
    PRIMARY KEY (occasion_key, kind, channel, address_hash)
) WITHOUT ROWID;

-- Every id that a provider ever gave an attempt, so that a report of any attempt finds its row.
CREATE TABLE acceptance (
    provider_id     TEXT NOT NULL PRIMARY KEY,
    notification_id INTEGER NOT NULL,
    attempt         INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE release_plan (
    sale_id            TEXT NOT NULL,
    sender             TEXT NOT NULL,
    opens_ms           INTEGER NOT NULL,
    revision           INTEGER NOT NULL,
    release_ms         INTEGER NOT NULL,
    segments           INTEGER NOT NULL,
    forecast_finish_ms INTEGER,
    not_reachable      INTEGER NOT NULL,
    planned_ms         INTEGER NOT NULL,
    PRIMARY KEY (sale_id, sender)
) WITHOUT ROWID;
CREATE INDEX release_plan_by_opening ON release_plan (opens_ms);

CREATE TABLE opt_out (
    address_hash BLOB NOT NULL,
    channel      TEXT NOT NULL,
    scope        TEXT NOT NULL,  -- a brand, or * for all
    active       INTEGER NOT NULL,
    at_ms        INTEGER NOT NULL,
    source       TEXT NOT NULL,
    PRIMARY KEY (address_hash, channel, scope)
) WITHOUT ROWID;

CREATE TABLE consent_entry (
    seq          INTEGER PRIMARY KEY,
    fan_ref      INTEGER,
    channel      TEXT NOT NULL,
    brand        TEXT NOT NULL,
    address_hash BLOB NOT NULL,
    act          TEXT NOT NULL,
    at_ms        INTEGER NOT NULL,
    text_id      TEXT,
    source       TEXT NOT NULL,
    locale       TEXT,
    chain_hash   BLOB NOT NULL  -- SHA-256 over the former entry's and this entry's fields
);
CREATE INDEX consent_entry_by_address ON consent_entry (address_hash, channel);

CREATE TABLE queue_message (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue      TEXT NOT NULL,
    dedupe_key TEXT,
    body       TEXT NOT NULL,
    visible_ms INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX queue_message_by_visibility ON queue_message (queue, visible_ms);
CREATE UNIQUE INDEX queue_message_waiting ON queue_message (queue, dedupe_key, body)
    WHERE dedupe_key IS NOT NULL AND attempts = 0;

CREATE TABLE dead_letter (
    letter_id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue     TEXT NOT NULL,
    body      TEXT NOT NULL,
    reason    TEXT NOT NULL,
    attempts  INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL
);

-- The change log. AUTOINCREMENT: a number is never given twice, even when all rows were pruned.
CREATE TABLE change (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    record_type TEXT NOT NULL,
    key         TEXT NOT NULL,
    version     INTEGER NOT NULL,
    old_state   TEXT,
    new_state   TEXT,
    at_ms       INTEGER NOT NULL,
    image       TEXT NOT NULL
);

-- Followers of events, sales and demands look past the notifications' changes, which are nearly all of the log.
CREATE INDEX change_other ON change (seq) WHERE record_type <> 'notification';

-- What the log held, after it was pruned: key_hash is SHA-256 over "key|version" lines in the order of seq.
CREATE TABLE change_digest (
    hour_ms     INTEGER NOT NULL,
    record_type TEXT NOT NULL,
    from_seq    INTEGER NOT NULL,
    to_seq      INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    key_hash    BLOB NOT NULL,
    PRIMARY KEY (record_type, from_seq)
) WITHOUT ROWID;

CREATE TABLE checkpoint (
    name     TEXT NOT NULL PRIMARY KEY,
    position TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE bucket (
    sender      TEXT NOT NULL PRIMARY KEY,
    tokens      REAL NOT NULL,
    refilled_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE cached_answer (
    key         TEXT NOT NULL PRIMARY KEY,
    value       BLOB NOT NULL,
    fresh_to_ms INTEGER NOT NULL,
    stale_to_ms INTEGER NOT NULL
);
CREATE INDEX cached_answer_by_end ON cached_answer (stale_to_ms);

-- What webhooks left. A text's words and addresses are sealed under the key of the day.
CREATE TABLE inbox_entry (
    entry_id INTEGER PRIMARY KEY AUTOINCREMENT,
    identity TEXT NOT NULL UNIQUE,
    is_text  INTEGER NOT NULL,
    body     BLOB NOT NULL
);
CREATE INDEX inbox_entry_by_kind ON inbox_entry (is_text, entry_id);

CREATE TABLE parked_report (
    identity TEXT NOT NULL PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    body     BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX parked_report_by_age ON parked_report (at_ms);

CREATE TABLE redirect (
    code       TEXT NOT NULL PRIMARY KEY,
    event_id   TEXT NOT NULL,
    target_url TEXT NOT NULL,
    clicks     INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX redirect_by_event ON redirect (event_id);

CREATE TABLE switch (
    name   TEXT NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL
) WITHOUT ROWID;

-- Who may call the web door. The secret itself is stored nowhere, only its SHA-256.
CREATE TABLE api_key (
    key_id      TEXT NOT NULL PRIMARY KEY,
    person      TEXT NOT NULL,
    scopes      TEXT NOT NULL,  -- separated by spaces
    secret_hash BLOB NOT NULL,
    created_ms  INTEGER NOT NULL,
    revoked_ms  INTEGER
) WITHOUT ROWID;

-- What processes counted, by day (days since 1970 in UTC): a restart forgets nothing. Names as telemetry.counted gives.
CREATE TABLE counter (
    day   INTEGER NOT NULL,
    name  TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (day, name)
) WITHOUT ROWID;
