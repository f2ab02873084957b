-- One row for every part: its catalogue entry, and its quantities in all places together.
CREATE TABLE part (
    id              uuid    PRIMARY KEY,
    number          text    NOT NULL COLLATE "C",
    revision        text    NOT NULL,
    name_zh         text    NOT NULL,
    name_en         text    NOT NULL,
    unit            text    NOT NULL,
    tracking        text    NOT NULL,
    shelf_life_days integer,
    reorder_point   bigint  NOT NULL,
    perishable      boolean NOT NULL,
    good            bigint  NOT NULL,
    quarantine      bigint  NOT NULL,
    reserved        bigint  NOT NULL,
    issued          bigint  NOT NULL,
    removed         bigint  NOT NULL,
    version         bigint  NOT NULL,
    position        bigint  NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX ON part (number);

-- What a location has of a part; no row where it has nothing.
CREATE TABLE stock (
    part_id    uuid   NOT NULL,
    location   text   NOT NULL COLLATE "C",
    number     text   NOT NULL COLLATE "C",
    good       bigint NOT NULL,
    quarantine bigint NOT NULL,
    reserved   bigint NOT NULL,
    PRIMARY KEY (part_id, location)
) WITH (fillfactor = 70);
CREATE INDEX ON stock (location, number);

-- The same by lot or serial number, and what tickets have; no row where there is nothing.
CREATE TABLE stock_unit (
    part_id       uuid   NOT NULL,
    bucket        text   NOT NULL COLLATE "C",
    place         text   NOT NULL COLLATE "C",
    unit          text   NOT NULL COLLATE "C",
    quantity      bigint NOT NULL,
    ticket        uuid,
    ticket_number text,
    PRIMARY KEY (part_id, bucket, place, unit)
) WITH (fillfactor = 80);
CREATE INDEX ON stock_unit (ticket) WHERE ticket IS NOT NULL;

-- The last good day of every lot or serial number that ever had one.
CREATE TABLE stock_day (
    part_id    uuid NOT NULL,
    unit       text NOT NULL COLLATE "C",
    expires_on date NOT NULL,
    PRIMARY KEY (part_id, unit)
);

-- Every reservation that still holds something.
CREATE TABLE reservation (
    id            uuid        PRIMARY KEY,
    part_id       uuid        NOT NULL,
    location      text        NOT NULL,
    goods         bytea       NOT NULL,
    ticket        uuid        NOT NULL,
    ticket_number text        NOT NULL,
    expires_at    timestamptz NOT NULL
);
CREATE INDEX ON reservation (expires_at, id);
CREATE INDEX ON reservation (ticket);
CREATE INDEX ON reservation (part_id);

COMMENT ON COLUMN part.unit IS 'What a quantity of 1 is.';
COMMENT ON COLUMN part.perishable IS 'Whether any lot or serial number ever had a last good day.';
COMMENT ON COLUMN part.version IS 'Of its stream, after the event at position.';
COMMENT ON COLUMN stock.good IS 'On a shelf and fit for use; what is reserved or expired is still among it.';
COMMENT ON COLUMN stock_unit.place IS 'The location; of what is issued or removed, the ticket.';
COMMENT ON COLUMN stock_unit.unit IS 'The lot or serial number; empty where none is named.';
COMMENT ON COLUMN reservation.goods IS 'What is left of it, as JSON.';
