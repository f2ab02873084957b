-- One row for every clock: a milestone of one cycle of a ticket.
CREATE TABLE sla_clock (
    ticket_id        uuid        NOT NULL,
    milestone        text        NOT NULL,
    cycle            integer     NOT NULL,
    number           text        NOT NULL COLLATE "C",
    month            text        NOT NULL,
    priority         text        NOT NULL,
    team             text,
    person           text,
    technician       text,
    customer         text,
    contract         text,
    product          text,
    category         text,
    band             text,
    plan             text        NOT NULL,
    plan_version     integer     NOT NULL,
    calendar         text        NOT NULL,
    calendar_version integer     NOT NULL,
    state            text        NOT NULL,
    verdict          text        NOT NULL,
    cause            text,
    target           bigint,
    elapsed          bigint,
    paused           bigint,
    late             bigint      NOT NULL,
    due_mark         bigint,
    late_mark        bigint,
    total            bigint,
    started_at       timestamptz NOT NULL,
    stopped_at       timestamptz,
    cancelled_at     timestamptz,
    due_at           timestamptz,
    breaks_at        timestamptz,
    breached_at      timestamptz,
    gap              integer,
    first_position   bigint      NOT NULL,
    last_position    bigint      NOT NULL,
    PRIMARY KEY (ticket_id, milestone, cycle)
) WITH (fillfactor = 80);
CREATE INDEX ON sla_clock (number, milestone, cycle);
CREATE INDEX ON sla_clock (gap) WHERE gap IS NOT NULL AND verdict = 'pending';

-- The same for every clock of our own, which no customer was promised.
CREATE TABLE own_clock (
    LIKE sla_clock INCLUDING COMMENTS,
    tier text NOT NULL,
    PRIMARY KEY (ticket_id, milestone, cycle)
) WITH (fillfactor = 80);
CREATE INDEX ON own_clock (number, milestone, cycle);

-- One row for every ticket of which something will be noted when its time has come: domain/ticket/watch.py.
CREATE TABLE sla_watch (
    ticket_id uuid        PRIMARY KEY,
    at        timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX ON sla_watch (at, ticket_id);

COMMENT ON COLUMN sla_clock.month IS 'Month in which the clock started, on the wall of its calendar.';
COMMENT ON COLUMN sla_clock.team IS 'The team that had the ticket when the clock ended, or has it now.';
COMMENT ON COLUMN sla_clock.verdict IS 'As the events left it: a pending clock is breached from breaks_at on.';
COMMENT ON COLUMN sla_clock.technician IS 'Who was sent last, when the clock ended or by now.';
COMMENT ON COLUMN sla_clock.contract IS 'The number of the contract that the ticket falls under.';
COMMENT ON COLUMN sla_clock.band IS 'How far it is to the customer.';
COMMENT ON COLUMN sla_clock.elapsed IS 'Working seconds that count, of a clock that does not run.';
COMMENT ON COLUMN sla_clock.paused IS 'Working seconds that pauses took out; of a paused clock, until it was paused.';
COMMENT ON COLUMN sla_clock.due_mark IS 'The mark of its calendar at which nothing remains to a running clock.';
COMMENT ON COLUMN sla_clock.late IS 'Working seconds that counted after the promise was broken, by the last event.';
COMMENT ON COLUMN sla_clock.late_mark IS 'The mark of its calendar beyond which a running clock is late.';
COMMENT ON COLUMN sla_clock.total IS 'Of a ticket''s first resolve clock: working seconds from the report to the resolution that stands.';
COMMENT ON COLUMN sla_clock.breaks_at IS 'The first moment at which a running clock is late.';
COMMENT ON COLUMN sla_clock.gap IS 'The year without holiday data that keeps something from being known.';
COMMENT ON COLUMN sla_clock.first_position IS 'The event that started the clock.';
COMMENT ON COLUMN sla_clock.last_position IS 'The last event that changed it.';
COMMENT ON COLUMN own_clock.team IS 'The team that had the ticket until the clock ended, or has it now.';
COMMENT ON COLUMN own_clock.tier IS 'The tier that had it, likewise.';
COMMENT ON COLUMN sla_watch.at IS 'The first moment at which something has passed that is not noted yet.';
