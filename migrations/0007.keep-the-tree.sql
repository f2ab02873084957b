-- The tree over the log, what was signed of it, and where that was sent: docs/log-format.md.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Hashes of complete subtrees of 256, of 256 times 256, … events, so that a proof reads a few rows. They follow
-- from log.event.leaf_hash, which are the lowest level.
CREATE TABLE log.subtree (
    level  smallint NOT NULL CHECK (level > 0 AND level % 8 = 0),
    number bigint   NOT NULL CHECK (number >= 0),
    hash   bytea    NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (level, number)
);
COMMENT ON COLUMN log.subtree.level IS 'It has 2^level events: 8, 16, 24 and so on.';
COMMENT ON COLUMN log.subtree.number IS 'Which of its level, from 0: it ends with position (number + 1) * 2^level.';

-- What was signed, by a key that is not in this database.
CREATE TABLE log.checkpoint (
    size      bigint      PRIMARY KEY CHECK (size > 0),
    root      bytea       NOT NULL CHECK (octet_length(root) = 32),
    note      text        NOT NULL,
    signed_at timestamptz NOT NULL
);
COMMENT ON COLUMN log.checkpoint.size IS 'The position of the last event that it covers.';
COMMENT ON COLUMN log.checkpoint.note IS 'The signed note, as C2SP tlog-checkpoint writes it.';

-- What witnesses signed of it.
CREATE TABLE log.cosignature (
    size        bigint      NOT NULL REFERENCES log.checkpoint,
    witness     text        NOT NULL,
    line        text        NOT NULL,
    cosigned_at timestamptz NOT NULL,
    PRIMARY KEY (size, witness)
);
COMMENT ON COLUMN log.cosignature.witness IS 'Name and key id.';

-- How far each witness and each place outside this database has been told, and what failed since.
CREATE TABLE log.delivery (
    target   text        PRIMARY KEY,
    size     bigint      NOT NULL DEFAULT 0,
    told_at  timestamptz,
    failures integer     NOT NULL DEFAULT 0,
    failure  text,
    due_at   timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE TRIGGER subtree_is_immutable BEFORE UPDATE OR DELETE ON log.subtree
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER subtree_is_not_truncated BEFORE TRUNCATE ON log.subtree
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER checkpoint_is_immutable BEFORE UPDATE OR DELETE ON log.checkpoint
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER checkpoint_is_not_truncated BEFORE TRUNCATE ON log.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER cosignature_is_immutable BEFORE UPDATE OR DELETE ON log.cosignature
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER cosignature_is_not_truncated BEFORE TRUNCATE ON log.cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

-- In every mode of the server, so that session_replication_role opens no side door.
ALTER TABLE log.subtree ENABLE ALWAYS TRIGGER subtree_is_immutable;
ALTER TABLE log.subtree ENABLE ALWAYS TRIGGER subtree_is_not_truncated;
ALTER TABLE log.checkpoint ENABLE ALWAYS TRIGGER checkpoint_is_immutable;
ALTER TABLE log.checkpoint ENABLE ALWAYS TRIGGER checkpoint_is_not_truncated;
ALTER TABLE log.cosignature ENABLE ALWAYS TRIGGER cosignature_is_immutable;
ALTER TABLE log.cosignature ENABLE ALWAYS TRIGGER cosignature_is_not_truncated;

GRANT SELECT, INSERT ON log.subtree, log.checkpoint, log.cosignature TO aftersales_service;
GRANT SELECT, INSERT, UPDATE ON log.delivery TO aftersales_service;
