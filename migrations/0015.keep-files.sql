-- Photos and files, kept by the hash of their content: docs/decisions/0029-files-are-kept-in-the-database.md.
--
-- A content is its pieces in their order. Which ticket has it, under what name, is said by events alone.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA file;
GRANT USAGE ON SCHEMA file TO aftersales_service;

CREATE TABLE file.upload (
    id       uuid        PRIMARY KEY,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE file.piece (
    upload uuid    NOT NULL,
    place  integer NOT NULL CHECK (place >= 0),
    bytes  bytea   NOT NULL,
    PRIMARY KEY (upload, place)
);
ALTER TABLE file.piece ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE TABLE file.content (
    sha256     bytea       PRIMARY KEY CHECK (octet_length(sha256) = 32),
    size       bigint      NOT NULL CHECK (size > 0),
    upload     uuid        NOT NULL UNIQUE,
    offered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE file.upload IS 'What is being sent, or was broken off; what is whole has a row in file.content instead.';
COMMENT ON COLUMN file.content.offered_at IS 'When somebody last sent it. What no event names a day later is removed.';

CREATE FUNCTION file.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what files consist of is never changed: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

-- What an event names stays, except in an opened maintenance (0011.record-maintenance.sql), which the log records.
CREATE FUNCTION file.guard_content() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said constant text := current_setting('log.maintenance', true);
    last record;
BEGIN
    IF NOT EXISTS (SELECT FROM log.mention WHERE name = 'file/' || encode(OLD.sha256, 'hex')) THEN
        RETURN OLD;
    END IF;
    SELECT position, type INTO last FROM log.event
    WHERE stream_id = '52131844-a2c9-550b-bcc3-a114680afaf7' ORDER BY version DESC LIMIT 1;
    IF NOT FOUND OR last.position::text IS DISTINCT FROM said OR last.type <> 'log.maintenance_opened' THEN
        RAISE EXCEPTION 'an event names this file: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION file.guard_piece() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM file.content WHERE upload = OLD.upload) THEN
        RAISE EXCEPTION 'a file consists of this piece: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER content_is_kept BEFORE DELETE ON file.content FOR EACH ROW EXECUTE FUNCTION file.guard_content();
CREATE TRIGGER content_is_immutable BEFORE UPDATE OF sha256, size, upload ON file.content
    FOR EACH ROW EXECUTE FUNCTION file.refuse_change();
CREATE TRIGGER content_is_not_truncated BEFORE TRUNCATE ON file.content
    FOR EACH STATEMENT EXECUTE FUNCTION file.refuse_change();
CREATE TRIGGER piece_is_kept BEFORE DELETE ON file.piece FOR EACH ROW EXECUTE FUNCTION file.guard_piece();
CREATE TRIGGER piece_is_immutable BEFORE UPDATE ON file.piece FOR EACH ROW EXECUTE FUNCTION file.refuse_change();
CREATE TRIGGER piece_is_not_truncated BEFORE TRUNCATE ON file.piece
    FOR EACH STATEMENT EXECUTE FUNCTION file.refuse_change();
ALTER TABLE file.content ENABLE ALWAYS TRIGGER content_is_kept;
ALTER TABLE file.content ENABLE ALWAYS TRIGGER content_is_immutable;
ALTER TABLE file.content ENABLE ALWAYS TRIGGER content_is_not_truncated;
ALTER TABLE file.piece ENABLE ALWAYS TRIGGER piece_is_kept;
ALTER TABLE file.piece ENABLE ALWAYS TRIGGER piece_is_immutable;
ALTER TABLE file.piece ENABLE ALWAYS TRIGGER piece_is_not_truncated;

GRANT SELECT, INSERT, DELETE ON file.upload, file.piece, file.content TO aftersales_service;
GRANT UPDATE (offered_at) ON file.content TO aftersales_service;
GRANT UPDATE (begun_at) ON file.upload TO aftersales_service;
