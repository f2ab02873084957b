-- Bearer tokens: only their SHA-256 is kept.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA access;
CREATE TABLE access.token (
    id         uuid        PRIMARY KEY,
    name       text        NOT NULL CHECK (name <> ''),
    role       text        NOT NULL,
    hash       bytea       NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
COMMENT ON COLUMN access.token.hash IS 'SHA-256 of the token; the token itself is shown once and kept nowhere.';

GRANT USAGE ON SCHEMA access TO aftersales_service;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON access.token TO aftersales_service;
