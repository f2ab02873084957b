-- Where in the log something is found; what it says stays in the log alone. Positions are cut into spans of 64 and
-- pages of 64 spans, as bits of a number: span = position >> 6, page = span >> 6.

-- One row for every span.
CREATE TABLE audit_span (
    span           integer     PRIMARY KEY,
    kept           bigint      NOT NULL,
    late           bigint      NOT NULL,
    first_occurred timestamptz NOT NULL,
    last_occurred  timestamptz NOT NULL,
    first_recorded timestamptz NOT NULL,
    last_recorded  timestamptz NOT NULL
) WITH (fillfactor = 70);

COMMENT ON COLUMN audit_span.kept IS 'Which of its 64 positions this view has: all but those that are held back or skipped.';
COMMENT ON COLUMN audit_span.late IS 'Which of them were recorded more than a minute after they happened.';

-- One row for every page in which a value occurs. The digest stands for the value; two may share one, so what is
-- found here is looked at in the log.
CREATE TABLE audit_mask (
    digest    bigint  NOT NULL,
    spans     bigint  NOT NULL,
    page      integer NOT NULL,
    dimension "char"  NOT NULL,
    PRIMARY KEY (digest, page, dimension)
) WITH (fillfactor = 80);

COMMENT ON COLUMN audit_mask.spans IS 'In which of the 64 spans of the page it occurs.';
COMMENT ON COLUMN audit_mask.dimension IS 'Of what it is a value: type, actor, reason, causation id or key, by the first letter.';

-- What people call a stream.
CREATE TABLE audit_stream (
    stream_id uuid PRIMARY KEY,
    number    text NOT NULL
);
CREATE INDEX ON audit_stream USING hash (number);

-- How many events there are of every type by every actor for every reason. A text may be longer than an index entry
-- can be, and nobody can make two with the same digest.
CREATE TABLE audit_count (
    digest bytea  PRIMARY KEY,
    events bigint NOT NULL,
    type   text   NOT NULL,
    actor  text   NOT NULL,
    reason text
) WITH (fillfactor = 70);
