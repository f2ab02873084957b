-- Every event carries the hash of its bytes and the hash of the log up to it: docs/log-format.md.
--
-- Events that are there are sealed as they stand. A server of the release before can add none afterwards: an
-- event without its hashes is refused.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '1h';

ALTER TABLE log.event ADD COLUMN leaf_hash bytea, ADD COLUMN chain_hash bytea;
ALTER TABLE log.head ADD COLUMN chain_hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex');
ALTER TABLE log.head ALTER COLUMN chain_hash DROP DEFAULT;

-- The one time that rows are rewritten: both locks are held until the commit, so nobody else can meanwhile.
LOCK TABLE log.event IN ACCESS EXCLUSIVE MODE;
ALTER TABLE log.event DISABLE TRIGGER event_is_immutable;

CREATE TEMPORARY TABLE leaf ON COMMIT DROP AS
SELECT position, sha256('\x00'::bytea || 'aftersales event 1'
    || int4send(8) || int8send(position)
    || int4send(16) || uuid_send(stream_id)
    || int4send(8) || int8send(version)
    || int4send(octet_length(type)) || convert_to(type, 'UTF8')
    || int4send(8) || int8send(schema)
    || int4send(octet_length(data)) || data
    || int4send(8) || int8send((extract(epoch FROM occurred_at) * 1000000)::bigint)
    || int4send(8) || int8send((extract(epoch FROM recorded_at) * 1000000)::bigint)
    || int4send(octet_length(actor)) || convert_to(actor, 'UTF8')
    || coalesce(int4send(octet_length(reason)) || convert_to(reason, 'UTF8'), '\xffffffff')
    || int4send(16) || uuid_send(correlation_id)
    || coalesce(int4send(16) || uuid_send(causation_id), '\xffffffff')
    || coalesce(int4send(octet_length(idempotency_key)) || convert_to(idempotency_key, 'UTF8'), '\xffffffff')
) AS hash FROM log.event;
CREATE UNIQUE INDEX leaf_position ON pg_temp.leaf (position);
ANALYZE pg_temp.leaf;

CREATE TEMPORARY TABLE link ON COMMIT DROP AS
WITH RECURSIVE link (position, leaf, hash) AS (
    SELECT 0::bigint, ''::bytea, decode(repeat('00', 32), 'hex')
    UNION ALL
    SELECT leaf.position, leaf.hash, sha256('\x02'::bytea || link.hash || leaf.hash)
    FROM link JOIN pg_temp.leaf ON leaf.position = link.position + 1
)
SELECT * FROM link;
ANALYZE pg_temp.link;

UPDATE log.event SET leaf_hash = link.leaf, chain_hash = link.hash
FROM pg_temp.link WHERE event.position = link.position;
UPDATE log.head SET chain_hash = link.hash FROM pg_temp.link WHERE head.position = link.position;

ALTER TABLE log.event
    ALTER COLUMN leaf_hash SET NOT NULL,
    ALTER COLUMN chain_hash SET NOT NULL,
    ADD CHECK (octet_length(leaf_hash) = 32),
    ADD CHECK (octet_length(chain_hash) = 32);
ALTER TABLE log.head ADD CHECK (octet_length(chain_hash) = 32);
ALTER TABLE log.event ENABLE TRIGGER event_is_immutable;

COMMENT ON COLUMN log.event.leaf_hash IS 'SHA-256 of everything recorded of this event: docs/log-format.md.';
COMMENT ON COLUMN log.event.chain_hash IS 'SHA-256 of the log up to this event: of the one before and leaf_hash.';

CREATE OR REPLACE VIEW public.event_log AS
SELECT position, stream_id, version, type, schema, occurred_at, recorded_at, actor, reason,
       correlation_id, causation_id, idempotency_key, convert_from(data, 'UTF8')::jsonb AS data,
       encode(leaf_hash, 'hex') AS leaf_hash, encode(chain_hash, 'hex') AS chain_hash
FROM log.event;
