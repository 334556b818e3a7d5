-- What processes counted, by day (days since 1970 in UTC): a restart forgets nothing. Names as telemetry.counted gives.
CREATE TABLE counter (
    day   INTEGER NOT NULL,
    name  TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (day, name)
) WITHOUT ROWID;
