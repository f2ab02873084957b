-- One row for every quantity that went from one place to another, by lot or serial number, or for a ticket.
CREATE TABLE trace_step (
    position      bigint  NOT NULL,
    line          integer NOT NULL,
    part_id       uuid    NOT NULL,
    number        text    NOT NULL COLLATE "C",
    lot           text    COLLATE "C",
    serial        text    COLLATE "C",
    quantity      bigint  NOT NULL,
    came_from     text    NOT NULL COLLATE "C",
    from_place    text    NOT NULL COLLATE "C",
    went_to       text    NOT NULL COLLATE "C",
    to_place      text    NOT NULL COLLATE "C",
    ticket        uuid,
    ticket_number text    COLLATE "C",
    asset         text    COLLATE "C",
    swapped       text    COLLATE "C",
    PRIMARY KEY (position, line)
);
CREATE INDEX ON trace_step (lot, position, line) WHERE lot IS NOT NULL;
CREATE INDEX ON trace_step (serial, position, line) WHERE serial IS NOT NULL;
CREATE INDEX ON trace_step (ticket, position, line) WHERE ticket IS NOT NULL;
CREATE INDEX ON trace_step (asset, position, line) WHERE asset IS NOT NULL;

-- Whose every ticket is.
CREATE TABLE trace_ticket (
    id       uuid PRIMARY KEY,
    number   text NOT NULL,
    customer text COLLATE "C"
);
CREATE INDEX ON trace_ticket USING hash (customer);

COMMENT ON COLUMN trace_step.number IS 'The part number.';
COMMENT ON COLUMN trace_step.came_from IS 'What kind of place it was at; from_place says which.';
COMMENT ON COLUMN trace_step.asset IS 'The serial number of the asset it went into or came out of.';
COMMENT ON COLUMN trace_step.swapped IS 'The serial number that came out as this went in, or the other way round.';
