-- States of streams, kept so that a long stream need not be replayed from its beginning: docs/log.md.
--
-- A kept state belongs to one history: the chain hash of its last event stands beside it. Rows of the bare
-- `eventsourcing` library have neither definition nor hash. All of it may be deleted at any time.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE log.snapshot
    ADD COLUMN definition     text,
    ADD COLUMN occurred_until timestamptz,
    ADD COLUMN chain_hash     bytea,
    DROP CONSTRAINT snapshot_pkey,
    ADD PRIMARY KEY (originator_id, topic, originator_version);

COMMENT ON TABLE log.snapshot IS 'States at some versions, made from events and never instead of them.';
COMMENT ON COLUMN log.snapshot.topic IS 'What kind of state it is.';
COMMENT ON COLUMN log.snapshot.definition IS 'The code that replayed it; another release takes no notice of it.';
COMMENT ON COLUMN log.snapshot.occurred_until IS 'The latest time at which any of its events happened.';
COMMENT ON COLUMN log.snapshot.chain_hash IS 'That of its last event: it belongs to this history and no other.';
