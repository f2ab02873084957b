-- One row for every ticket that somebody should work on: open, with a complaint that nobody has answered, or with
-- a question to others that they have not.
CREATE TABLE queue (
    id               uuid        PRIMARY KEY,
    number           text        NOT NULL COLLATE "C",
    is_open          boolean     NOT NULL,
    rank             bigint      NOT NULL,
    position         bigint      NOT NULL,
    team             text,
    person           text,
    owner            text,
    priority         text        NOT NULL COLLATE "C",
    status           text        NOT NULL,
    tier             text        NOT NULL,
    hold             text,
    channel          text        NOT NULL,
    customer         text,
    site             text,
    product          text,
    asset            text,
    category         text,
    fault_code       text,
    impact           text,
    band             text,
    technician       text,
    plan             text        NOT NULL,
    contract         text,
    next_milestone   text,
    cycle            integer     NOT NULL,
    complaints       integer     NOT NULL,
    parts            integer     NOT NULL,
    questions        integer     NOT NULL,
    handover_team      text,
    handover_since   timestamptz,
    liaisons         integer     NOT NULL,
    liaison_due_at   timestamptz,
    review_at        timestamptz,
    reported_at      timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL,
    due_at           timestamptz,
    late_from        timestamptz,
    is_late          boolean     NOT NULL,
    paused           boolean     NOT NULL,
    words            text        NOT NULL,
    calendar         text        NOT NULL,
    calendar_version integer     NOT NULL,
    due_mark         bigint,
    left_over        bigint,
    front            bytea       NOT NULL
) WITH (fillfactor = 80, toast_tuple_target = 4080);
CREATE INDEX ON queue (team, rank, number);
CREATE INDEX ON queue (rank, number);
-- One's own few tickets among half a million, and the queues that mostly have few: 300 ms without, below 5 with.
CREATE INDEX ON queue (person);
CREATE INDEX ON queue (owner);
CREATE INDEX ON queue (rank, number) WHERE is_late;
CREATE INDEX ON queue (rank, number) WHERE paused;
CREATE INDEX ON queue (rank, number) WHERE complaints > 0;
CREATE INDEX ON queue (rank, number) WHERE cycle > 1;
CREATE INDEX ON queue (handover_team, rank, number) WHERE handover_since IS NOT NULL;
CREATE INDEX ON queue (rank, number) WHERE liaisons > 0;
CREATE INDEX ON queue (review_at) WHERE review_at IS NOT NULL;
CREATE INDEX ON queue (rank, number) WHERE parts > 0 OR hold IS NOT DISTINCT FROM 'waiting_for_part';
-- Nobody searches by it, and wide values are the dear part of measuring a table.
ALTER TABLE queue ALTER COLUMN front SET STATISTICS 0;

-- One row for everything that is open on a ticket: domain/ticket/steps.py.
CREATE TABLE open_step (
    ticket_id        uuid        NOT NULL,
    step             text        NOT NULL COLLATE "C",
    number           text        NOT NULL COLLATE "C",
    subject          text        NOT NULL,
    priority         text        NOT NULL,
    kind             text        NOT NULL,
    about            text,
    person           text,
    team             text,
    ground           text        NOT NULL,
    rank             bigint      NOT NULL,
    since            timestamptz NOT NULL,
    due_at           timestamptz,
    late_from        timestamptz,
    is_late          boolean     NOT NULL,
    paused           boolean     NOT NULL,
    calendar         text,
    calendar_version integer,
    due_mark         bigint,
    left_over        bigint,
    gap              integer,
    PRIMARY KEY (ticket_id, step)
);
CREATE INDEX ON open_step (rank, number, step);
CREATE INDEX ON open_step (person, rank, number, step);
CREATE INDEX ON open_step (team, rank, number, step);
CREATE INDEX ON open_step (kind, rank, number, step);
-- Those that nobody has are few among millions, or should be.
CREATE INDEX ON open_step (rank, number, step) WHERE person IS NULL;

COMMENT ON COLUMN open_step.step IS 'Its kind, and which one of that kind.';
COMMENT ON COLUMN open_step.ground IS 'Why it is theirs.';
COMMENT ON COLUMN open_step.rank IS 'Its place by urgency, as that of a ticket in a queue.';
COMMENT ON COLUMN open_step.late_from IS 'The first moment at which it is late.';
COMMENT ON COLUMN open_step.calendar IS 'Of its clock; none where a plain time says by when it is due.';
COMMENT ON COLUMN queue.rank IS 'Its place by urgency: docs/decisions/0031.';
COMMENT ON COLUMN queue.position IS 'Of its last event in the log.';
COMMENT ON COLUMN queue.contract IS 'The number of the contract that it falls under.';
COMMENT ON COLUMN queue.complaints IS 'Those that nobody has answered.';
COMMENT ON COLUMN queue.parts IS 'Orders of parts that have not been delivered.';
COMMENT ON COLUMN queue.handover_team IS 'The team that has yet to accept it.';
COMMENT ON COLUMN queue.liaisons IS 'Questions to departments of ours and suppliers that are open.';
COMMENT ON COLUMN queue.liaison_due_at IS 'By when the first of them is to be answered.';
COMMENT ON COLUMN queue.review_at IS 'When somebody is to look again at why it waits.';
COMMENT ON COLUMN queue.late_from IS 'The first moment at which the next milestone is late.';
COMMENT ON COLUMN queue.is_late IS 'Late whatever the time is: a paused clock that has nothing left.';
COMMENT ON COLUMN queue.words IS 'What is searched for text, case folded.';
COMMENT ON COLUMN queue.due_mark IS 'Working seconds on the calendar at which nothing remains, for a running clock.';
COMMENT ON COLUMN queue.left_over IS 'Working seconds left of a paused clock.';
COMMENT ON COLUMN queue.front IS 'The ticket as JSON, open at the end for what depends on the time.';
