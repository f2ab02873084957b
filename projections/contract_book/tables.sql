-- One row for every contract: as it stands with what was used of it, and what lists are filtered by.
CREATE TABLE contract (
    id        uuid        PRIMARY KEY,
    number    text        NOT NULL COLLATE "C",
    customer  text        NOT NULL,
    title     text        NOT NULL,
    status    text        NOT NULL,
    scope     text        NOT NULL,
    zone      text        NOT NULL,
    starts_on date        NOT NULL,
    ends_on   date        NOT NULL,
    last_on   date        NOT NULL,
    ends_at   timestamptz NOT NULL,
    state     bytea       NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX ON contract (number);
CREATE INDEX ON contract USING hash (customer);
CREATE INDEX ON contract (ends_at) WHERE status = 'active';

COMMENT ON COLUMN contract.ends_on IS 'The last day as renewed, in the zone of the contract.';
COMMENT ON COLUMN contract.last_on IS 'The last day as renewed or terminated.';
COMMENT ON COLUMN contract.ends_at IS 'The first instant after ends_on: when the contract is due to expire.';
COMMENT ON COLUMN contract.state IS 'The contract and its uses as JSON.';

-- All of time for every contract: a row for every stretch in which it counts or not, on one plan.
CREATE TABLE contract_stretch (
    contract uuid        NOT NULL,
    since    timestamptz NOT NULL,
    until    timestamptz,
    plan     text        NOT NULL,
    in_force boolean     NOT NULL,
    PRIMARY KEY (contract, since)
);

COMMENT ON COLUMN contract_stretch.until IS 'The first instant after it; the last stretch has none.';

-- The serials that a contract names, or once named.
CREATE TABLE contract_asset (
    serial   text NOT NULL,
    contract uuid NOT NULL,
    PRIMARY KEY (serial, contract)
);
