-- One row for every movement. Who did it, when and why stays in the log alone.
CREATE TABLE part_movement (
    part_id       uuid    NOT NULL,
    position      bigint  NOT NULL,
    line          integer NOT NULL,
    bucket        text    NOT NULL,
    location      text,
    ticket        uuid,
    ticket_number text,
    lot           text,
    serial        text,
    delta         bigint  NOT NULL,
    balance       bigint  NOT NULL,
    PRIMARY KEY (part_id, position, line)
);
CREATE INDEX ON part_movement (ticket, part_id, position, line) WHERE ticket IS NOT NULL;

-- The last balance of every bucket of every place.
CREATE TABLE part_balance (
    part_id uuid   NOT NULL,
    bucket  text   NOT NULL COLLATE "C",
    place   text   NOT NULL COLLATE "C",
    balance bigint NOT NULL,
    PRIMARY KEY (part_id, bucket, place)
) WITH (fillfactor = 70);

COMMENT ON COLUMN part_movement.line IS 'Its place among the movements of one event, from 1.';
COMMENT ON COLUMN part_movement.balance IS 'What the bucket of that location, or of that ticket, holds after it.';
COMMENT ON COLUMN part_balance.place IS 'The location; of what is issued or removed, the ticket.';
