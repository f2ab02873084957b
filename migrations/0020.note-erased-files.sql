-- A file that is erased in a recorded maintenance (0011, 0015) is noted with that maintenance: what cannot be
-- handed out any more says why.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE file.erased (
    sha256      bytea       NOT NULL,
    maintenance bigint      NOT NULL,
    size        bigint      NOT NULL,
    erased_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (sha256, maintenance)
);
COMMENT ON TABLE file.erased IS 'Files that events name and that a maintenance took out; it is the position at which that was opened.';

CREATE FUNCTION file.note_erased() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM log.mention WHERE name = 'file/' || encode(OLD.sha256, 'hex')) THEN
        INSERT INTO file.erased (sha256, maintenance, size)
        VALUES (OLD.sha256, current_setting('log.maintenance')::bigint, OLD.size) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER erasing_is_noted AFTER DELETE ON file.content FOR EACH ROW EXECUTE FUNCTION file.note_erased();
CREATE TRIGGER erased_is_immutable BEFORE UPDATE OR DELETE ON file.erased
    FOR EACH ROW EXECUTE FUNCTION file.refuse_change();
CREATE TRIGGER erased_is_not_truncated BEFORE TRUNCATE ON file.erased
    FOR EACH STATEMENT EXECUTE FUNCTION file.refuse_change();
ALTER TABLE file.content ENABLE ALWAYS TRIGGER erasing_is_noted;
ALTER TABLE file.erased ENABLE ALWAYS TRIGGER erased_is_immutable;
ALTER TABLE file.erased ENABLE ALWAYS TRIGGER erased_is_not_truncated;

GRANT SELECT ON file.erased TO aftersales_service;
