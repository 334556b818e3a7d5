-- vault.db: the keys and nothing else, wrapped by a store key that lies outside the data directory.

CREATE TABLE fan_key (
    fan_ref INTEGER PRIMARY KEY,
    wrapped BLOB NOT NULL
);

CREATE TABLE day_key (
    day     INTEGER PRIMARY KEY,  -- days since 1970-01-01, UTC
    wrapped BLOB NOT NULL
);

-- One row: a mark that only the right store key makes.
CREATE TABLE store_key (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    mark BLOB NOT NULL
);
