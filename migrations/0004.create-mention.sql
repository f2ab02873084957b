-- What streams can be found by, many to many: the contracts that name a serial, for example. Written in the
-- transaction that appends, from the events alone, so that a command may decide by it.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE log.mention (
    name      text NOT NULL,
    stream_id uuid NOT NULL,
    PRIMARY KEY (name, stream_id)
);

GRANT SELECT, INSERT ON log.mention TO aftersales_service;
