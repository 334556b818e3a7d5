-- Who may call the web door. The secret itself is stored nowhere, only its SHA-256.
CREATE TABLE api_key (
    key_id      TEXT NOT NULL PRIMARY KEY,
    person      TEXT NOT NULL,
    scopes      TEXT NOT NULL,  -- separated by spaces
    secret_hash BLOB NOT NULL,
    created_ms  INTEGER NOT NULL,
    revoked_ms  INTEGER
) WITHOUT ROWID;
