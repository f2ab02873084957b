-- One row for every open ticket, in the order in which it should be worked.
CREATE TABLE queue (
    id               uuid        PRIMARY KEY,
    number           text        NOT NULL COLLATE "C",
    team             text,
    person           text,
    priority         text        NOT NULL,
    status           text        NOT NULL,
    rank             bigint      NOT NULL,
    breaks_at        timestamptz,
    is_late          boolean     NOT NULL,
    is_paused        boolean     NOT NULL,
    calendar         text        NOT NULL,
    calendar_version integer     NOT NULL,
    due_mark         bigint,
    remaining        bigint,
    front            bytea       NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX ON queue (team, rank, number);
CREATE INDEX ON queue (rank, number) WHERE team IS NULL;
CREATE INDEX ON queue (rank, number);

COMMENT ON COLUMN queue.rank IS 'Seconds since 1970 of the next deadline; the largest number when there is none.';
COMMENT ON COLUMN queue.breaks_at IS 'The first moment at which the next milestone is late.';
COMMENT ON COLUMN queue.is_late IS 'Late whatever the time is: a paused clock that has nothing left.';
COMMENT ON COLUMN queue.due_mark IS 'Working seconds on the calendar at which nothing remains, for a running clock.';
COMMENT ON COLUMN queue.remaining IS 'Working seconds left of a paused clock.';
COMMENT ON COLUMN queue.front IS 'The ticket as JSON, open at the end for what depends on the time.';
