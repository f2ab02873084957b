-- One row for every ticket: how it went from tier to tier and from team to team, what it waited for, how long it took.
CREATE TABLE flow (
    id            uuid        PRIMARY KEY,
    number        text        NOT NULL COLLATE "C",
    version       integer     NOT NULL,
    source        text,
    plan          text        NOT NULL,
    priority      text        NOT NULL,
    customer      text,
    product       text,
    team          text,
    came_from     text,
    held_by       text        NOT NULL,
    cancelled     boolean     NOT NULL,
    first_at      timestamptz NOT NULL,
    last_at       timestamptz NOT NULL,
    resolved_at   timestamptz,
    tier          text        NOT NULL,
    highest_tier  text        NOT NULL,
    tier_moves    integer     NOT NULL,
    refusals      integer     NOT NULL,
    hand_offs     integer     NOT NULL,
    returns       integer     NOT NULL,
    ping_pongs    integer     NOT NULL,
    reopenings    integer     NOT NULL,
    waits         integer     NOT NULL,
    waited        bigint      NOT NULL,
    waiting_since timestamptz,
    is_open       boolean     NOT NULL,
    tier_since    timestamptz NOT NULL,
    handover_since timestamptz,
    warned_percent integer    NOT NULL,
    warned_at     timestamptz,
    applied       text        NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX ON flow (number);
CREATE INDEX ON flow (tier, tier_since) WHERE is_open;

COMMENT ON COLUMN flow.source IS 'The system that it was imported from.';
COMMENT ON COLUMN flow.team IS 'The team that has it, or had it last.';
COMMENT ON COLUMN flow.held_by IS 'Every team that has had it, in order, as JSON.';
COMMENT ON COLUMN flow.last_at IS 'The latest time at which anything happened to it.';
COMMENT ON COLUMN flow.resolved_at IS 'When it was resolved for the last time.';
COMMENT ON COLUMN flow.warned_percent IS 'Of the time to resolve it, as was noted last in this cycle.';
COMMENT ON COLUMN flow.applied IS 'The rules that were applied, |name@seconds since 1970|.';
COMMENT ON COLUMN flow.waits IS 'How often it was put on hold for the customer.';
COMMENT ON COLUMN flow.waited IS 'Seconds of clock time that it was on hold for the customer, but for a hold that is still open.';
