-- One row for every ticket: as it stands with its clocks, and what lists are filtered by.
CREATE TABLE ticket (
    id       uuid  PRIMARY KEY,
    number   text  NOT NULL COLLATE "C",
    status   text  NOT NULL,
    priority text  NOT NULL,
    team     text,
    person   text,
    customer text,
    product  text,
    asset    text,
    source   text,
    contract text,
    questions integer NOT NULL,
    subject  text  NOT NULL,
    state    bytea NOT NULL
) WITH (fillfactor = 80, toast_tuple_target = 4080);
CREATE INDEX ON ticket (number);
-- The newest of one customer or asset, however many there are of it.
CREATE INDEX ON ticket (customer, number);
CREATE INDEX ON ticket (asset, number);
CREATE INDEX ON ticket USING hash (source);
CREATE INDEX ON ticket (contract, number) WHERE contract IS NOT NULL;
CREATE INDEX ON ticket (number) WHERE questions > 0;
-- Nobody searches by it, and wide values are the dear part of measuring a table.
ALTER TABLE ticket ALTER COLUMN state SET STATISTICS 0;

-- What a ticket is searched by, once and for all: its number and subject never change. Its list of what is to be
-- entered is short, for every search reads it.
CREATE TABLE ticket_words (
    id    uuid PRIMARY KEY,
    pairs text NOT NULL COLLATE "C"
);
CREATE INDEX ON ticket_words USING gin ((pairs::jsonb) jsonb_path_ops) WITH (gin_pending_list_limit = 64);
ALTER TABLE ticket_words ALTER COLUMN pairs SET STATISTICS 0;

COMMENT ON COLUMN ticket.contract IS 'The number of the contract that it falls under.';
COMMENT ON COLUMN ticket.questions IS 'How many questions are open, which a person must decide.';
COMMENT ON COLUMN ticket.state IS 'The ticket and its clocks as JSON.';
COMMENT ON COLUMN ticket_words.pairs IS 'Every two characters that follow each other in a word, case folded, as JSON.';
