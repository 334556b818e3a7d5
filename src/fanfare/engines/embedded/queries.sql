-- The engine's statements, by port. A block: its name (port.method, /part where a method needs several), why, one
-- statement. ?1, ?2, ... are bindings; carray(?) is an array of integers or texts.

-- ---------------------------------------------------------------------------------------------- changes

-- name: changes.append_notifications
-- serves every write of Notifications: the rows in the array as they are now, with the state they came from; the order
-- of the columns is that of notification_images.COLUMNS
INSERT INTO change (record_type, key, version, old_state, new_state, at_ms, image)
SELECT 'notification', o.kind || ':' || o.name || '|' || n.fan_ref || '|' || n.channel || '|' || n.kind,
    n.version, ?2, n.state, ?3,
    json_array(
        n.sale_revision, n.brand, n.sender, n.locale, n.reason, n.attempts, n.late, n.resent, n.send_ms, n.wake_ms,
        n.cut_off_ms, n.created_ms, n.triggered_ms, n.queued_ms, n.sent_ms, n.ended_ms, n.text_hash, n.provider,
        n.provider_id, n.provider_code)
FROM carray(?1) AS moved
CROSS JOIN notification AS n ON n.id = moved.value
JOIN occasion AS o ON o.occasion_key = n.occasion_key;

-- name: changes.append_demands
-- serves Demands.put and withdraw: the demands in the array as they are now; no account id, no address, no hash
INSERT INTO change (record_type, key, version, old_state, new_state, at_ms, image)
SELECT 'demand', t.target || '|' || d.fan_ref || '|' || d.sale_id || '|' || d.brand || '|' || d.channel,
    d.version, ?2, iif(d.active, 'ACTIVE', 'WITHDRAWN'), ?3,
    json_object(
        'event_id', iif(t.target LIKE 'event:%', substr(t.target, 7), NULL),
        'attraction_id', iif(t.target LIKE 'attraction:%', substr(t.target, 12), NULL),
        'fan_ref', d.fan_ref, 'sale_id', nullif(d.sale_id, ''), 'brand', d.brand,
        'channel', d.channel, 'locale', d.locale, 'zone', d.zone, 'region', d.region, 'consent_ms', d.consent_ms,
        'consent_text_id', d.consent_text_id, 'consent_source', d.consent_source,
        'consent_intake', d.consent_intake, 'recorded_ms', d.recorded_ms, 'withdrawn_ms', d.withdrawn_ms,
        'active', json(iif(d.active, 'true', 'false')), 'version', d.version)
FROM carray(?1) AS moved
JOIN demand AS d ON d.demand_key = moved.value
JOIN target AS t ON t.target_key = d.target_key;

-- name: changes.append
-- serves Events.put and Sales.put: one record with its image
INSERT INTO change (record_type, key, version, old_state, new_state, at_ms, image)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);

-- name: changes.read
-- Changes.read: a bounded stretch of the log, the wanted types only
SELECT seq, record_type, key, version, old_state, new_state, at_ms, image FROM change
WHERE seq > ?1 AND seq <= ?2 AND record_type IN (SELECT value FROM carray(?3))
ORDER BY seq LIMIT ?4;

-- name: changes.read/others
-- Changes.read: the same without notifications, by an index that does not hold them
SELECT seq, record_type, key, version, old_state, new_state, at_ms, image FROM change
WHERE record_type <> 'notification' AND seq > ?1 AND seq <= ?2 AND record_type IN (SELECT value FROM carray(?3))
ORDER BY seq LIMIT ?4;

-- name: changes.read/ends
-- Changes.read and digest: first and last number of the log
SELECT (SELECT min(seq) FROM change), (SELECT max(seq) FROM change);

-- name: changes.digest/start
-- Changes.digest: up to where the log was digested
SELECT max(to_seq) FROM change_digest;

-- name: changes.digest/end
-- Changes.digest: the last number before the first change of the running hour (all numbers, when there is none)
SELECT coalesce((SELECT min(seq) - 1 FROM change WHERE seq > ?1 AND at_ms >= ?2), (SELECT max(seq) FROM change));

-- name: changes.digest/rows
-- Changes.digest: what the hash is taken over
SELECT seq, record_type, key, version FROM change WHERE seq > ?1 AND seq <= ?2 ORDER BY seq;

-- name: changes.digest/put
-- Changes.digest: one hour of one type
INSERT INTO change_digest (hour_ms, record_type, from_seq, to_seq, count, key_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO NOTHING;

-- name: changes.digests
-- Changes.digests: all of a type, oldest first
SELECT hour_ms, record_type, from_seq, to_seq, count, key_hash FROM change_digest WHERE record_type = ?1 ORDER BY from_seq;

-- name: changes.reached
-- Changes.prune and unread: how far the consumers of the log have come
SELECT substr(name, 9), position FROM checkpoint WHERE name LIKE 'changes:%';

-- name: changes.prune/old
-- Changes.prune: up to where the log was digested in hours that ended before an instant
SELECT max(to_seq) FROM change_digest WHERE hour_ms <= ?1 - 3600000;

-- name: changes.prune
-- Changes.prune: what was digested, delivered and is old, a bounded number at a time
DELETE FROM change WHERE seq IN (SELECT seq FROM change WHERE seq <= ?1 ORDER BY seq LIMIT ?2);

-- name: checkpoints.get
-- Checkpoints.get: a position
SELECT position FROM checkpoint WHERE name = ?1;

-- name: checkpoints.move
-- Checkpoints.move: from an expected position
UPDATE checkpoint SET position = ?2 WHERE name = ?1 AND position = ?3;

-- name: checkpoints.move/first
-- Checkpoints.move: a name without a position yet
INSERT INTO checkpoint (name, position) VALUES (?1, ?2) ON CONFLICT DO NOTHING;

-- ---------------------------------------------------------------------------------------------- events

-- name: events.get
-- Events.get: those that are known
SELECT body FROM event WHERE event_id IN (SELECT value FROM carray(?1));

-- name: events.put/stored
-- Events.put: what is to be replaced
SELECT version, status FROM event WHERE event_id = ?1;

-- name: events.put
-- Events.put: after the version was compared
INSERT INTO event (event_id, version, status, body) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (event_id) DO UPDATE SET version = excluded.version, status = excluded.status, body = excluded.body;

-- name: events.put/forget_attractions
-- Events.put: an event's attractions may change
DELETE FROM event_attraction WHERE event_id = ?1;

-- name: events.put/attraction
-- Events.put: so that demand for an artist finds the event
INSERT INTO event_attraction (attraction_id, event_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING;

-- name: events.put/check
-- Events.put and Demands.put: an event that the source was not asked about yet
INSERT INTO event_check (event_id, checked_ms) VALUES (?1, 0) ON CONFLICT DO NOTHING;

-- name: events.checked
-- Events.checked: never back in time
INSERT INTO event_check (event_id, checked_ms) VALUES (?1, ?2)
ON CONFLICT (event_id) DO UPDATE SET checked_ms = max(checked_ms, excluded.checked_ms);

-- name: events.to_refresh
-- Events.to_refresh: demanded by event or by attraction, longest unchecked first
SELECT c.event_id FROM event_check AS c
WHERE c.checked_ms < ?1 AND (
    EXISTS (
        SELECT 1 FROM target AS t JOIN demand AS d ON d.target_key = t.target_key
        WHERE t.target = 'event:' || c.event_id AND d.active)
    OR EXISTS (
        SELECT 1 FROM event_attraction AS a JOIN target AS t ON t.target = 'attraction:' || a.attraction_id
        JOIN demand AS d ON d.target_key = t.target_key WHERE a.event_id = c.event_id AND d.active))
ORDER BY c.checked_ms, c.event_id LIMIT ?2;

-- name: events.of_attraction
-- Events.of_attraction: in the order of ids
SELECT event_id FROM event_attraction WHERE attraction_id = ?1 ORDER BY event_id;

-- name: events.page
-- Events.page: in the order of ids
SELECT body FROM event WHERE event_id > ?1 ORDER BY event_id LIMIT ?2;

-- ---------------------------------------------------------------------------------------------- sales

-- name: sales.get
-- Sales.get: one sale
SELECT sale_id, event_id, kind, name, status, starts_ms, ends_ms, unscheduled, suppressed, send_ms, revision,
    frozen_ms, version FROM sale WHERE sale_id = ?1;

-- name: sales.of_event
-- Sales.of_event: in the order of ids
SELECT sale_id, event_id, kind, name, status, starts_ms, ends_ms, unscheduled, suppressed, send_ms, revision,
    frozen_ms, version FROM sale WHERE event_id = ?1 ORDER BY sale_id;

-- name: sales.put
-- Sales.put: after the version was compared
INSERT INTO sale (sale_id, event_id, kind, name, status, starts_ms, ends_ms, unscheduled, suppressed, send_ms,
    revision, frozen_ms, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT (sale_id) DO UPDATE SET event_id = excluded.event_id, kind = excluded.kind, name = excluded.name,
    status = excluded.status, starts_ms = excluded.starts_ms, ends_ms = excluded.ends_ms,
    unscheduled = excluded.unscheduled, suppressed = excluded.suppressed, send_ms = excluded.send_ms,
    revision = excluded.revision, frozen_ms = excluded.frozen_ms, version = excluded.version;

-- name: sales.sending_between
-- Sales.sending_between: notifiable ones, earliest first
SELECT sale_id, event_id, kind, name, status, starts_ms, ends_ms, unscheduled, suppressed, send_ms, revision,
    frozen_ms, version FROM sale
WHERE status = 'scheduled' AND suppressed IS NULL AND send_ms >= ?1 AND send_ms < ?2 ORDER BY send_ms, sale_id;

-- name: sales.opening_after
-- Sales.opening_after: whatever their status, earliest first
SELECT sale_id, event_id, kind, name, status, starts_ms, ends_ms, unscheduled, suppressed, send_ms, revision,
    frozen_ms, version FROM sale WHERE starts_ms > ?1 ORDER BY starts_ms, sale_id LIMIT ?2;

-- ---------------------------------------------------------------------------------------------- demands

-- name: demands.fan_refs
-- Demands.fan_refs: those that are known
SELECT fan_id, fan_ref FROM fan WHERE fan_id IN (SELECT value FROM carray(?1));

-- name: demands.adopt
-- Demands.adopt and put: a ref for a fan without one
INSERT INTO fan (fan_id, fan_ref) VALUES (?1, ?2) ON CONFLICT (fan_id) DO NOTHING;

-- name: demands.holders
-- Demands.holders: fans who gave the address, oldest first
SELECT fan_ref FROM contact WHERE address_hash = ?2 AND channel = ?1 ORDER BY contact_id;

-- name: demands.contact_of
-- Demands.contact_of: the newest contact
SELECT max(contact_id) FROM contact WHERE fan_ref = ?1 AND channel = ?2;

-- name: demands.put/target
-- Demands.put: intern a target
INSERT INTO target (target) VALUES (?1) ON CONFLICT DO NOTHING;

-- name: demands.put/target_key
-- Demands.put, page, count: the key of a target
SELECT target_key FROM target WHERE target = ?1;

-- name: demands.put/contact
-- Demands.put: an address is stored once per fan; what is known of its place is only replaced by what is known
INSERT INTO contact (fan_ref, channel, address_hash, sealed, phone_zones, zone, region)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (fan_ref, channel, address_hash) DO UPDATE SET
    phone_zones = iif(excluded.phone_zones = '', phone_zones, excluded.phone_zones),
    zone = coalesce(excluded.zone, zone), region = coalesce(excluded.region, region)
WHERE (excluded.phone_zones <> '' AND excluded.phone_zones IS NOT phone_zones)
    OR (excluded.zone IS NOT NULL AND excluded.zone IS NOT zone)
    OR (excluded.region IS NOT NULL AND excluded.region IS NOT region);

-- name: demands.put_contact
-- Demands.put_contact: the key of what was put
SELECT contact_id FROM contact WHERE fan_ref = ?1 AND channel = ?2 AND address_hash = ?3;

-- name: demands.put/stored
-- Demands.put: what is to be replaced, one row for each question
SELECT d.demand_key, d.active, d.withdrawn_ms, d.locale, d.zone, d.region, d.consent_ms, d.consent_text_id,
    d.consent_source, d.consent_intake, d.contact_id, c.contact_id
FROM contact AS c
LEFT JOIN demand AS d ON d.target_key = ?1 AND d.fan_ref = ?2 AND d.sale_id = ?3 AND d.brand = ?4 AND d.channel = ?5
WHERE c.fan_ref = ?2 AND c.channel = ?5 AND c.address_hash = ?6;

-- name: demands.put/new
-- Demands.put: identities are new here
INSERT INTO demand (target_key, fan_ref, sale_id, brand, channel, contact_id, locale, zone, region, consent_ms,
    consent_text_id, consent_source, consent_intake, recorded_ms, active, version)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 1)
RETURNING demand_key;

-- name: demands.put/replace
-- Demands.put: the last word holds; a revived demand counts as recorded anew
UPDATE demand SET contact_id = ?2, locale = ?3, zone = ?4, region = ?5, consent_ms = ?6, consent_text_id = ?7,
    consent_source = ?8, consent_intake = ?9, recorded_ms = iif(active, recorded_ms, ?10), active = ?11,
    withdrawn_ms = NULL, version = version + 1
WHERE demand_key = ?1;

-- name: demands.page/end
-- Demands.page: the fan at which a page of at least the limit ends; no fan is split
SELECT fan_ref FROM demand
WHERE target_key = ?1 AND fan_ref > ?2 AND active AND fan_ref % ?4 = ?5 ORDER BY fan_ref LIMIT 1 OFFSET ?3 - 1;

-- name: demands.page
-- Demands.page and page_of_fan: the audience between two fans, preferences obeyed
SELECT d.contact_id, d.fan_ref, d.channel, d.brand, nullif(d.sale_id, ''), d.locale, c.zone, c.region,
    c.phone_zones, c.address_hash, d.recorded_ms
FROM demand AS d
JOIN contact AS c ON c.contact_id = d.contact_id
LEFT JOIN preference AS p ON p.fan_ref = d.fan_ref AND p.brand = d.brand
WHERE d.target_key = ?1 AND d.fan_ref > ?2 AND d.fan_ref <= ?3 AND d.active AND d.fan_ref % ?4 = ?5
    AND (p.channels IS NULL OR instr(p.channels, ',' || d.channel || ',') > 0)
ORDER BY d.fan_ref, d.demand_key;

-- name: demands.count
-- Demands.count: by brand and channel
SELECT d.brand, d.channel, count(*) FROM demand AS d
JOIN target AS t ON t.target_key = d.target_key
WHERE t.target = ?1 AND d.active GROUP BY d.brand, d.channel;

-- name: demands.of_fan
-- Demands.of_fan: withdrawn ones too
SELECT d.fan_ref, coalesce(f.fan_id, ''), t.target, nullif(d.sale_id, ''), d.channel, d.brand, d.locale, d.zone,
    d.region, d.consent_ms, d.consent_text_id, d.consent_source, d.consent_intake, c.address_hash, c.sealed,
    d.recorded_ms, d.active, d.version
FROM demand AS d
JOIN target AS t ON t.target_key = d.target_key
JOIN contact AS c ON c.contact_id = d.contact_id
LEFT JOIN fan AS f ON f.fan_ref = d.fan_ref
WHERE d.fan_ref = ?1 ORDER BY d.demand_key;

-- name: demands.withdraw
-- Demands.withdraw: null matches all
UPDATE demand SET active = 0, withdrawn_ms = ?2, version = version + 1
WHERE fan_ref = ?1 AND active
    AND (?3 IS NULL OR target_key = (SELECT target_key FROM target WHERE target = ?3))
    AND (?4 IS NULL OR brand = ?4) AND (?5 IS NULL OR channel = ?5)
RETURNING demand_key;

-- name: demands.disown/fan
-- Demands.disown: the account id is not known any more
DELETE FROM fan WHERE fan_ref = ?1;

-- name: demands.disown/contacts
-- Demands.disown: rows stay, because notifications point to them; what could lead to the fan goes
UPDATE contact SET sealed = x'', address_hash = CAST('erased:' || contact_id AS BLOB), phone_zones = '', zone = NULL,
    region = NULL WHERE fan_ref = ?1;

-- name: demands.disown/preferences
-- Demands.disown: nothing is left to prefer
DELETE FROM preference WHERE fan_ref = ?1;

-- name: demands.prefer
-- Demands.prefer: the last word holds
INSERT INTO preference (fan_ref, brand, channels) VALUES (?1, ?2, ?3)
ON CONFLICT (fan_ref, brand) DO UPDATE SET channels = excluded.channels;

-- name: demands.preferences
-- Demands.preferences: by brand
SELECT brand, channels FROM preference WHERE fan_ref = ?1 ORDER BY brand;

-- ---------------------------------------------------------------------------------------------- notifications

-- name: notifications.occasion
-- Notifications.claim and put: intern an occasion
INSERT INTO occasion (kind, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING;

-- name: notifications.occasion_key
-- Notifications: the key of an occasion
SELECT occasion_key FROM occasion WHERE kind = ?1 AND name = ?2;

-- name: notifications.sale_key
-- Notifications.put and trigger: the key of a sale
SELECT sale_key FROM sale WHERE sale_id = ?1;

-- name: notifications.claim
-- Notifications.claim: the first fan holds the address
INSERT INTO claim (occasion_key, kind, channel, address_hash, fan_ref) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT DO NOTHING;

-- name: notifications.claim/holder
-- Notifications.claim: who holds it
SELECT fan_ref FROM claim WHERE occasion_key = ?1 AND kind = ?2 AND channel = ?3 AND address_hash = ?4;

-- name: notifications.last_id
-- Notifications.put: rows after this one are the new ones
SELECT coalesce(max(id), 0) FROM notification;

-- name: notifications.put
-- Notifications.put: rows whose identity is absent
INSERT INTO notification (occasion_key, kind, sale_key, sale_revision, send_ms, cut_off_ms, late, created_ms,
    fan_ref, contact_id, channel, brand, sender, locale, state, reason, wake_ms, ended_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
ON CONFLICT DO NOTHING;

-- name: notifications.new_ids
-- Notifications.put: what was put since
SELECT id FROM notification WHERE id > ?1;

-- name: notifications.lanes/next
-- Notifications.lanes: the lane after a lane, by two looks into the index: a pair compared as one would scan the lane
SELECT sender, sale_key FROM (
    SELECT * FROM (
        SELECT sender, sale_key FROM notification
        WHERE state = 'CREATED' AND sender = ?1 AND sale_key > ?2 ORDER BY sale_key LIMIT 1)
    UNION ALL SELECT * FROM (
        SELECT sender, sale_key FROM notification
        WHERE state = 'CREATED' AND sender > ?1 ORDER BY sender, sale_key LIMIT 1))
ORDER BY sender, sale_key LIMIT 1;

-- name: notifications.lanes/count
-- Notifications.lanes: how many rows of a lane are due, up to a bound
SELECT count(*), (SELECT sale_id FROM sale WHERE sale_key = ?2) FROM (
    SELECT 1 FROM notification WHERE state = 'CREATED' AND sender = ?1 AND sale_key = ?2 AND wake_ms <= ?3 LIMIT ?4);

-- name: notifications.lanes/wake
-- Notifications.next_wake_at: the earliest row of a lane
SELECT min(wake_ms) FROM notification WHERE state = 'CREATED' AND sender = ?1 AND sale_key = ?2;

-- name: notifications.trigger/find
-- Notifications.trigger: due rows of a lane and revision, earliest first
SELECT id FROM notification
WHERE state = 'CREATED' AND sender = ?1 AND sale_key = ?2 AND wake_ms <= ?3 AND sale_revision IS ?4
ORDER BY wake_ms LIMIT ?5;

-- name: notifications.trigger
-- Notifications.trigger: release
UPDATE notification SET state = 'TRIGGERED', triggered_ms = ?2, wake_ms = ?2, version = version + 1
WHERE id IN (SELECT value FROM carray(?1));

-- name: notifications.triggered
-- Notifications.triggered: counted up to a bound
SELECT count(*) FROM (SELECT 1 FROM notification WHERE state = 'TRIGGERED' AND sender = ?1 LIMIT ?2);

-- name: notifications.to_send
-- Notifications.to_send: oldest first
SELECT id FROM notification WHERE state = 'TRIGGERED' AND sender = ?1 AND wake_ms <= ?2 ORDER BY wake_ms, id LIMIT ?3;

-- name: notifications.due/queued
-- Notifications.due: attempts that nobody settled
SELECT id, wake_ms FROM notification WHERE state = 'QUEUED' AND wake_ms <= ?1 ORDER BY wake_ms LIMIT ?2;

-- name: notifications.due/sent
-- Notifications.due: accepted, without a report at its deadline
SELECT id, wake_ms FROM notification WHERE state = 'SENT' AND wake_ms <= ?1 ORDER BY wake_ms LIMIT ?2;

-- name: notifications.due/unconfirmed
-- Notifications.due: of unknown outcome, to be looked at once more
SELECT id, wake_ms FROM notification WHERE state = 'UNCONFIRMED' AND wake_ms <= ?1 ORDER BY wake_ms LIMIT ?2;

-- name: notifications.due/unsent
-- Notifications.due: CREATED rows of a lane
SELECT id, wake_ms FROM notification
WHERE state = 'CREATED' AND sender = ?3 AND sale_key = ?4 AND wake_ms <= ?1 ORDER BY wake_ms LIMIT ?2;

-- name: notifications.due/senders
-- Notifications.due: senders with TRIGGERED rows
SELECT DISTINCT sender FROM notification INDEXED BY notification_triggered WHERE state = 'TRIGGERED';

-- name: notifications.due/triggered
-- Notifications.due: TRIGGERED rows of a sender
SELECT id, wake_ms FROM notification
WHERE state = 'TRIGGERED' AND sender = ?3 AND wake_ms <= ?1 ORDER BY wake_ms LIMIT ?2;

-- name: notifications.columns
-- Notifications.to_send, due, told: everything a worker needs of the rows in the array, in its order
SELECT n.id, n.version, n.state, n.kind, s.sale_id, n.sale_revision, n.attempts, n.channel, n.brand,
    coalesce(n.sender, ''), n.locale, n.cut_off_ms, n.fan_ref, n.contact_id, c.address_hash, c.sealed, c.zone, c.region,
    c.phone_zones, n.queued_ms, n.queued_monotonic, n.queued_series, n.provider_id, n.text_hash, n.look_ups, n.resent
FROM carray(?1) AS wanted
CROSS JOIN notification AS n ON n.id = wanted.value
JOIN contact AS c ON c.contact_id = n.contact_id
LEFT JOIN sale AS s ON s.sale_key = n.sale_key;

-- name: notifications.intend/stored
-- Notifications.intend: what decides whether an attempt may begin
SELECT n.id, n.version, n.state, n.sale_revision, s.revision, n.cut_off_ms,
    EXISTS (SELECT 1 FROM opt_out AS x WHERE x.address_hash = c.address_hash AND x.channel = n.channel
        AND x.scope IN ('*', n.brand) AND x.active),
    EXISTS (SELECT 1 FROM forgotten AS g WHERE g.fan_ref = n.fan_ref)
FROM carray(?1) AS wanted
CROSS JOIN notification AS n ON n.id = wanted.value
JOIN contact AS c ON c.contact_id = n.contact_id
LEFT JOIN sale AS s ON s.sale_key = n.sale_key;

-- name: notifications.intend
-- Notifications.intend: the attempt is counted before the call
UPDATE notification SET state = 'QUEUED', reason = NULL, attempts = attempts + 1, version = version + 1,
    queued_version = version + 1, text_hash = ?2, queued_ms = ?3, queued_monotonic = ?4, queued_series = ?5,
    wake_ms = ?6, look_ups = 0 WHERE id = ?1;

-- name: notifications.opted_out
-- Notifications.opted_out: rows whose address has an opt-out that binds their brand
SELECT n.id FROM carray(?1) AS wanted
CROSS JOIN notification AS n ON n.id = wanted.value
JOIN contact AS c ON c.contact_id = n.contact_id
JOIN opt_out AS x ON x.address_hash = c.address_hash AND x.channel = n.channel
WHERE x.active AND x.scope IN ('*', n.brand);

-- name: notifications.move/stored
-- Notifications.move: how the rows stand before
SELECT n.id, n.version, n.state, n.attempts, n.queued_version
FROM carray(?1) AS wanted CROSS JOIN notification AS n ON n.id = wanted.value;

-- name: notifications.move
-- Notifications.move: version and state were compared in the same transaction
UPDATE notification SET state = ?2, reason = ?3, wake_ms = ?4, version = version + 1,
    sent_ms = coalesce(?5, sent_ms), ended_ms = ?6, provider = coalesce(?7, provider),
    provider_id = iif(?2 = 'SENT', coalesce(?8, provider_id), coalesce(provider_id, ?8)),
    provider_code = coalesce(?9, provider_code), look_ups = coalesce(?10, look_ups), resent = coalesce(?11, resent),
    attempts = attempts - coalesce(?12, 0)
WHERE id = ?1;

-- name: notifications.move/acceptance
-- Notifications.move: so that a report of any attempt finds its row
INSERT INTO acceptance (provider_id, notification_id, attempt) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING;

-- name: notifications.replan/find
-- Notifications.replan: unsent rows of one kind and an older revision, and those ended with the sale that is on again
SELECT id, state FROM notification
WHERE occasion_key = ?1 AND kind = ?4 AND sale_revision < ?2
    AND (state IN ('CREATED', 'TRIGGERED')
        OR state = 'CANCELLED' AND attempts = 0 AND reason IN ('sale_cancelled', 'sale_unscheduled'))
LIMIT ?3;

-- name: notifications.replan
-- Notifications.replan: new times, back to the start
UPDATE notification SET state = 'CREATED', reason = 'replanned', sale_revision = ?2, send_ms = ?3, wake_ms = ?4,
    cut_off_ms = ?5, triggered_ms = NULL, ended_ms = NULL, version = version + 1 WHERE id IN (SELECT value FROM carray(?1));

-- name: notifications.close/find
-- Notifications.close: unsent rows of a sale
SELECT id, state FROM notification
WHERE occasion_key = ?1 AND kind = ?2 AND state IN ('CREATED', 'TRIGGERED') LIMIT ?3;

-- name: notifications.close_fan/find
-- Notifications.close_fan: unsent rows of a fan, looked up in each sale's occasion and among the replies
SELECT n.id, n.state, n.kind FROM occasion AS o
CROSS JOIN notification AS n ON n.occasion_key = o.occasion_key AND n.fan_ref = ?1
WHERE o.kind = 'sale' AND n.state IN ('CREATED', 'TRIGGERED') AND (?2 IS NULL OR n.channel = ?2)
    AND (?3 IS NULL OR n.brand = ?3)
UNION ALL
SELECT n.id, n.state, n.kind FROM notification AS n
WHERE n.sale_key = 0 AND n.fan_ref = ?1 AND n.state IN ('CREATED', 'TRIGGERED') AND (?2 IS NULL OR n.channel = ?2)
    AND (?3 IS NULL OR n.brand = ?3);

-- name: notifications.close
-- Notifications.close and close_fan: an end
UPDATE notification SET state = ?2, reason = ?3, wake_ms = NULL, ended_ms = ?4, version = version + 1
WHERE id IN (SELECT value FROM carray(?1));

-- name: notifications.reported/acceptances
-- Notifications.reported: which attempt a provider's id belongs to
SELECT a.provider_id, a.notification_id, a.attempt
FROM carray(?1) AS wanted CROSS JOIN acceptance AS a ON a.provider_id = wanted.value;

-- name: notifications.reported
-- Notifications.reported: how the rows stand
SELECT n.id, n.version, n.state, n.reason, n.attempts, n.cut_off_ms, c.address_hash, n.channel
FROM carray(?1) AS wanted
CROSS JOIN notification AS n ON n.id = wanted.value
JOIN contact AS c ON c.contact_id = n.contact_id;

-- name: notifications.told
-- Notifications.told: reminders of older revisions that left, in the order of ids
SELECT id FROM notification
WHERE occasion_key = ?1 AND kind = 'reminder' AND sale_revision < ?2 AND state IN ('SENT', 'DELIVERED') AND id > ?3
ORDER BY id LIMIT ?4;

-- name: notifications.totals
-- Notifications.totals: a sale's rows, or all
SELECT state, coalesce(reason, 'none'), count(*), sum(provider_id IS NOT NULL), sum(late)
FROM notification WHERE ?1 IS NULL OR occasion_key = ?1 GROUP BY 1, 2;

-- name: notifications.unsent
-- Notifications.unsent: by sender
SELECT sender, count(*) FROM notification
WHERE occasion_key = ?1 AND state IN ('CREATED', 'TRIGGERED') AND sender IS NOT NULL GROUP BY sender;

-- name: notifications.next_wake_at
-- Notifications.next_wake_at: rows that were released or sent, each from its own index
SELECT min(wake_ms) FROM (
    SELECT min(wake_ms) AS wake_ms FROM notification WHERE state = 'QUEUED'
    UNION ALL SELECT min(wake_ms) FROM notification WHERE state = 'SENT' AND wake_ms IS NOT NULL
    UNION ALL SELECT min(wake_ms) FROM notification WHERE state = 'UNCONFIRMED' AND wake_ms IS NOT NULL
    UNION ALL SELECT min(wake_ms) FROM notification INDEXED BY notification_triggered WHERE state = 'TRIGGERED');

-- name: notifications.last_sent_at
-- Notifications.last_sent_at: reminders and corrections
SELECT max(sent_ms) FROM notification WHERE sale_key <> 0;

-- name: notifications.of_fan
-- Notifications.of_fan: newest first
SELECT id FROM (
    SELECT n.id AS id FROM occasion AS o
    CROSS JOIN notification AS n ON n.occasion_key = o.occasion_key AND n.fan_ref = ?1 WHERE o.kind = 'sale'
    UNION ALL SELECT n.id FROM notification AS n WHERE n.sale_key = 0 AND n.fan_ref = ?1)
ORDER BY id DESC LIMIT ?2;

-- name: notifications.of_sale_fan
-- Notifications.of_sale_fan: a fan's rows for one sale
SELECT id FROM notification WHERE occasion_key = ?1 AND fan_ref = ?2 ORDER BY id;

-- name: notifications.get
-- Notifications.get, of_fan, of_sale_fan: whole rows, in the order of the array
SELECT n.id, o.kind, o.name, n.fan_ref, n.channel, n.kind, n.brand, n.sender, n.state, n.reason, n.attempts, n.late,
    n.send_ms, n.wake_ms, n.cut_off_ms, n.sale_revision, n.text_hash, n.provider_id, n.provider_code, n.created_ms,
    n.triggered_ms, n.queued_ms, n.sent_ms, n.ended_ms, n.resent, n.version
FROM carray(?1) AS wanted
CROSS JOIN notification AS n ON n.id = wanted.value
JOIN occasion AS o ON o.occasion_key = n.occasion_key;

-- ---------------------------------------------------------------------------------------------- plans

-- name: plans.put
-- Plans.put: the last write wins
INSERT INTO release_plan (sale_id, sender, opens_ms, revision, release_ms, segments, forecast_finish_ms, not_reachable,
    planned_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (sale_id, sender) DO UPDATE SET opens_ms = excluded.opens_ms, revision = excluded.revision,
    release_ms = excluded.release_ms, segments = excluded.segments, forecast_finish_ms = excluded.forecast_finish_ms,
    not_reachable = excluded.not_reachable, planned_ms = excluded.planned_ms;

-- name: plans.of_sale
-- Plans.of_sale: by sender
SELECT sale_id, sender, opens_ms, revision, release_ms, segments, forecast_finish_ms, not_reachable, planned_ms
FROM release_plan WHERE sale_id = ?1 ORDER BY sender;

-- name: plans.open
-- Plans.open: sales that have not opened yet
SELECT sale_id, sender, opens_ms, revision, release_ms, segments, forecast_finish_ms, not_reachable, planned_ms
FROM release_plan WHERE opens_ms > ?1 ORDER BY opens_ms, sale_id, sender;

-- ---------------------------------------------------------------------------------------------- opt-outs, consents

-- name: opt_outs.record
-- OptOuts.record: an older instant never replaces a newer one
INSERT INTO opt_out (address_hash, channel, scope, active, at_ms, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (address_hash, channel, scope) DO UPDATE SET active = excluded.active, at_ms = excluded.at_ms,
    source = excluded.source WHERE excluded.at_ms >= at_ms;

-- name: opt_outs.of
-- OptOuts.of: the active scopes of addresses
SELECT address_hash, scope FROM opt_out
WHERE address_hash IN (SELECT value FROM carray(?2)) AND channel = ?1 AND active;

-- name: opt_outs.all
-- carry_over.opt_outs: every last word, for the copy that takes this store's place
SELECT address_hash, channel, scope, active, at_ms, source FROM opt_out;

-- name: consents.last
-- Consents.append: the end of the chain
SELECT seq, chain_hash FROM consent_entry ORDER BY seq DESC LIMIT 1;

-- name: consents.append
-- Consents.append: the next entry
INSERT INTO consent_entry (seq, fan_ref, channel, brand, address_hash, act, at_ms, text_id, source, locale, chain_hash)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

-- name: consents.of_address
-- Consents.of_address: oldest first
SELECT fan_ref, channel, brand, address_hash, act, at_ms, text_id, source, locale FROM consent_entry
WHERE address_hash = ?2 AND channel = ?1 ORDER BY seq;

-- name: consents.walk
-- Consents.verify: a stretch of the chain
SELECT fan_ref, channel, brand, address_hash, act, at_ms, text_id, source, locale, seq, chain_hash FROM consent_entry
WHERE seq > ?1 ORDER BY seq LIMIT ?2;

-- ---------------------------------------------------------------------------------------------- queues

-- name: queues.send
-- Queues.send: an equal message with the same key that still waits is not doubled
INSERT INTO queue_message (queue, dedupe_key, body, visible_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING;

-- name: queues.receive/find
-- Queues.receive: visible messages, longest visible first
SELECT message_id FROM queue_message WHERE queue = ?1 AND visible_ms <= ?2 ORDER BY visible_ms, message_id LIMIT ?3;

-- name: queues.receive
-- Queues.receive: hide what was taken
UPDATE queue_message SET visible_ms = ?2, attempts = attempts + 1 WHERE message_id IN (SELECT value FROM carray(?1))
RETURNING message_id, body, attempts;

-- name: queues.done
-- Queues.done: the effect is recorded
DELETE FROM queue_message WHERE queue = ?1 AND message_id = ?2;

-- name: queues.again
-- Queues.again: by who received it last only
UPDATE queue_message SET visible_ms = ?4 WHERE queue = ?1 AND message_id = ?2 AND attempts = ?3;

-- name: queues.bury
-- Queues.bury: keep it with its reason
INSERT INTO dead_letter (queue, body, reason, attempts, at_ms)
SELECT queue, body, ?4, attempts, ?5 FROM queue_message WHERE queue = ?1 AND message_id = ?2 AND attempts = ?3;

-- name: queues.bury/remove
-- Queues.bury: it waits no more
DELETE FROM queue_message WHERE queue = ?1 AND message_id = ?2 AND attempts = ?3;

-- name: queues.quarantine
-- Queues.quarantine: what could not be read, with its reason
INSERT INTO dead_letter (queue, body, reason, attempts, at_ms) VALUES (?1, ?2, ?3, 1, ?4);

-- name: queues.dead_letters
-- Queues.dead_letters: newest first
SELECT letter_id, queue, body, reason, attempts, at_ms FROM dead_letter
WHERE ?1 IS NULL OR queue = ?1 ORDER BY letter_id DESC LIMIT ?2;

-- name: queues.redrive
-- Queues.redrive: what is taken out of the dead letters
DELETE FROM dead_letter WHERE letter_id IN (SELECT value FROM carray(?1)) RETURNING queue, body;

-- name: queues.waiting
-- Queues.waiting: by queue
SELECT queue, count(*) FROM queue_message GROUP BY queue;

-- name: queues.buried
-- Queues.buried: by queue
SELECT queue, count(*) FROM dead_letter GROUP BY queue;

-- name: queues.next_visible_at
-- Queues.next_visible_at: the earliest that is still hidden
SELECT min(visible_ms) FROM queue_message WHERE visible_ms > ?1;

-- ---------------------------------------------------------------------------------------------- tokens

-- name: tokens.bucket
-- Tokens.take and available: what the bucket held, and when
SELECT tokens, refilled_ms FROM bucket WHERE sender = ?1;

-- name: tokens.take
-- Tokens.take: what it holds after
INSERT INTO bucket (sender, tokens, refilled_ms) VALUES (?1, ?2, ?3)
ON CONFLICT (sender) DO UPDATE SET tokens = excluded.tokens, refilled_ms = excluded.refilled_ms;

-- ---------------------------------------------------------------------------------------------- cache

-- name: cache.get
-- Cache.get: fresh or stale, not gone
SELECT value, fresh_to_ms > ?2 FROM cached_answer WHERE key = ?1 AND stale_to_ms > ?2;

-- name: cache.put
-- Cache.put: the newest answer
INSERT INTO cached_answer (key, value, fresh_to_ms, stale_to_ms) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, fresh_to_ms = excluded.fresh_to_ms,
    stale_to_ms = excluded.stale_to_ms;

-- name: cache.put/sweep
-- Cache.put: each write removes a few that are gone, so the table stays small
DELETE FROM cached_answer WHERE key IN (SELECT key FROM cached_answer WHERE stale_to_ms <= ?1 LIMIT 10);

-- name: cache.drop
-- Cache.drop: one value
DELETE FROM cached_answer WHERE key = ?1;

-- ---------------------------------------------------------------------------------------------- inbox

-- name: inbox.leave
-- Inbox.leave_reports and leave_texts: a double that still waits is stored once
INSERT INTO inbox_entry (identity, is_text, body) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING;

-- name: inbox.take
-- Inbox.take_reports and take_texts: oldest first
SELECT entry_id, body FROM inbox_entry WHERE is_text = ?1 ORDER BY entry_id LIMIT ?2;

-- name: inbox.done
-- Inbox.done_reports and done_texts: all up to a number
DELETE FROM inbox_entry WHERE is_text = ?1 AND entry_id <= ?2;

-- name: inbox.park
-- Inbox.park: a report whose row is not known yet
INSERT INTO parked_report (identity, at_ms, body) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING;

-- name: inbox.parked
-- Inbox.parked: oldest first
SELECT body FROM parked_report ORDER BY at_ms, identity LIMIT ?1;

-- name: inbox.unpark
-- Inbox.unpark: applied or given up
DELETE FROM parked_report WHERE identity IN (SELECT value FROM carray(?1));

-- name: inbox.drop_parked_before
-- Inbox.drop_parked_before: too old
DELETE FROM parked_report WHERE at_ms < ?1;

-- ---------------------------------------------------------------------------------------------- links

-- name: links.put/stored
-- Redirects.put: whose code it is
SELECT event_id FROM redirect WHERE code = ?1;

-- name: links.put
-- Redirects.put: a code or its new target
INSERT INTO redirect (code, event_id, target_url) VALUES (?1, ?2, ?3)
ON CONFLICT (code) DO UPDATE SET target_url = excluded.target_url;

-- name: links.get
-- Redirects.get: where a code leads
SELECT code, event_id, target_url, clicks FROM redirect WHERE code = ?1;

-- name: links.clicked
-- Redirects.clicked: one more
UPDATE redirect SET clicks = clicks + 1 WHERE code = ?1;

-- name: links.clicks
-- Redirects.clicks: of an event
SELECT coalesce(sum(clicks), 0) FROM redirect WHERE event_id = ?1;

-- ---------------------------------------------------------------------------------------------- switches

-- name: switches.paused
-- Switches.paused: why
SELECT reason FROM switch WHERE name = 'pause';

-- name: switches.pause
-- Switches.pause: the last reason holds
INSERT INTO switch (name, reason) VALUES ('pause', ?1) ON CONFLICT (name) DO UPDATE SET reason = excluded.reason;

-- name: switches.resume
-- Switches.resume: sending goes on
DELETE FROM switch WHERE name = 'pause';

-- ---------------------------------------------------------------------------------------------- vault

-- name: vault.forgotten
-- Vault.forget: seen by every intent from now on
INSERT INTO forgotten (fan_ref, destroyed_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING;

-- name: vault.fan_keys
-- Vault.seal and open: the wrapped keys of fans
SELECT fan_ref, wrapped FROM fan_key WHERE fan_ref IN (SELECT value FROM carray(?1));

-- name: vault.fan_keys/put
-- Vault.seal: keys of new fans; whoever came first made them
INSERT INTO fan_key (fan_ref, wrapped) VALUES (?1, ?2) ON CONFLICT DO NOTHING;

-- name: vault.fan_keys/destroy
-- Vault.forget: the only thing that could open the fan's data
DELETE FROM fan_key WHERE fan_ref = ?1;

-- name: vault.day_key
-- Vault.seal_text and open_text: the key of a day
SELECT wrapped FROM day_key WHERE day = ?1;

-- name: vault.day_key/put
-- Vault.seal_text: the first text of a day
INSERT INTO day_key (day, wrapped) VALUES (?1, ?2) ON CONFLICT DO NOTHING;

-- name: vault.day_key/expire
-- Vault.expire_day_keys: what these keys sealed cannot be read any more
DELETE FROM day_key WHERE day < ?1;

-- name: vault.mark
-- Vault: what the right store key makes
SELECT mark FROM store_key WHERE id = 1;

-- name: vault.mark/put
-- Vault: remember the store key by its mark
INSERT INTO store_key (id, mark) VALUES (1, ?1) ON CONFLICT DO NOTHING;

-- ---------------------------------------------------------------------------------------------- API keys

-- name: api_keys.create
-- ApiKeys.create: the key without its secret
INSERT INTO api_key (key_id, person, scopes, secret_hash, created_ms) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: api_keys.check
-- ApiKeys.check: one live key; the secret is compared outside, in constant time
SELECT key_id, person, scopes, created_ms, revoked_ms, secret_hash FROM api_key
WHERE key_id = ?1 AND revoked_ms IS NULL;

-- name: api_keys.revoke
-- ApiKeys.revoke: end a live key
UPDATE api_key SET revoked_ms = ?2 WHERE key_id = ?1 AND revoked_ms IS NULL;

-- name: api_keys.list
-- ApiKeys.list: every key, oldest first
SELECT key_id, person, scopes, created_ms, revoked_ms FROM api_key ORDER BY created_ms, key_id;

-- ---------------------------------------------------------------------------------------------- measures

-- name: measures.add
-- Measures.add: what a process counted since it last said so
INSERT INTO counter (day, name, value) VALUES (?1, ?2, ?3)
ON CONFLICT (day, name) DO UPDATE SET value = value + excluded.value;

-- name: measures.counted
-- Measures.counted: the counters of the days from one on
SELECT name, sum(value) FROM counter WHERE day >= ?1 GROUP BY name;

-- name: measures.rows
-- Measures.rows: one pass over the rows written since ?1, as seen at ?2; ?3 before the cut-off is late, ?4 before
-- send_ms is early, ?5 after the cut-off a live row was dropped
SELECT
    count(*) FILTER (WHERE n.channel = 'sms' AND n.provider_id IS NOT NULL AND n.ended_ms IS NOT NULL),
    count(*) FILTER (WHERE n.channel = 'sms' AND n.provider_id IS NOT NULL AND n.state = 'DELIVERED'),
    count(*) FILTER (WHERE n.channel = 'sms' AND n.sent_ms >= n.triggered_ms),
    count(*) FILTER (WHERE n.channel = 'sms' AND n.state = 'DELIVERED' AND n.ended_ms >= n.triggered_ms),
    coalesce(avg(n.ended_ms - n.triggered_ms)
        FILTER (WHERE n.channel = 'sms' AND n.state = 'DELIVERED' AND n.ended_ms >= n.triggered_ms), 0),
    count(*) FILTER (WHERE n.kind = 'reminder' AND n.cut_off_ms <= ?2 AND n.state NOT IN ('SUPPRESSED', 'CANCELLED')
        AND NOT (n.late AND n.created_ms > n.cut_off_ms - ?3)),
    count(*) FILTER (WHERE n.kind = 'reminder' AND n.cut_off_ms <= ?2 AND n.state NOT IN ('SUPPRESSED', 'CANCELLED')
        AND NOT (n.late AND n.created_ms > n.cut_off_ms - ?3)
        AND n.sent_ms BETWEEN n.send_ms - ?4 AND n.cut_off_ms - ?3),
    count(*) FILTER (WHERE n.attempts > 0 AND n.state IN ('SENT', 'DELIVERED', 'FAILED', 'UNCONFIRMED')),
    count(*) FILTER (WHERE n.attempts > 0 AND n.state = 'FAILED'),
    count(*) FILTER (WHERE n.provider_id IS NOT NULL),
    count(*) FILTER (WHERE n.send_ms <= ?2),
    count(*) FILTER (WHERE n.state IN ('CREATED', 'TRIGGERED', 'QUEUED') AND n.cut_off_ms <= ?2 - ?5
        OR n.state IN ('FAILED', 'SUPPRESSED', 'EXPIRED', 'CANCELLED', 'UNCONFIRMED') AND n.reason IS NULL),
    count(*) FILTER (WHERE n.state IN ('EXPIRED', 'SUPPRESSED', 'UNCONFIRMED'))
FROM notification AS n WHERE n.created_ms >= ?1;

-- name: measures.hand_over
-- Measures.rows: how long the ?2-th fastest SMS took from its release until the provider had it
SELECT sent_ms - triggered_ms FROM notification
WHERE created_ms >= ?1 AND channel = 'sms' AND sent_ms >= triggered_ms ORDER BY 1 LIMIT 1 OFFSET ?2;

-- name: measures.doubled_addresses
-- Measures.rows: messages taken by a provider beyond the first for one occasion, kind, channel and address
SELECT coalesce(sum(taken - 1), 0) FROM (
    SELECT count(*) AS taken FROM notification AS n JOIN contact AS c ON c.contact_id = n.contact_id
    WHERE n.created_ms >= ?1 AND n.provider_id IS NOT NULL
    GROUP BY n.occasion_key, n.kind, n.channel, c.address_hash HAVING count(*) > 1);

-- name: measures.doubled_resends
-- Measures.rows: flagged resends whose former attempt had been taken after all
SELECT coalesce(sum(taken - 1), 0) FROM (
    SELECT count(*) AS taken FROM notification AS n JOIN acceptance AS a ON a.notification_id = n.id
    WHERE n.created_ms >= ?1 AND n.resent GROUP BY n.id HAVING count(*) > 1);

-- name: measures.last_at
-- Measures.last_at: when the newest row was written
SELECT created_ms FROM notification ORDER BY id DESC LIMIT 1;

-- name: measures.links
-- Measures.links: events with an address that somebody demands, and how many of them have a short link
SELECT count(*), count(json_extract(CAST(e.body AS TEXT), '$.short_url')) FROM event AS e
WHERE json_extract(CAST(e.body AS TEXT), '$.url') IS NOT NULL AND (
    EXISTS (SELECT 1 FROM target AS t WHERE t.target = 'event:' || e.event_id)
    OR EXISTS (SELECT 1 FROM event_attraction AS a JOIN target AS t ON t.target = 'attraction:' || a.attraction_id
        WHERE a.event_id = e.event_id));
