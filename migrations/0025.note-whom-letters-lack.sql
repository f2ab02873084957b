-- A mail server may take a letter for some of its recipients and ask for patience for others.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE mail.outgoing ADD COLUMN lacking text[];
COMMENT ON COLUMN mail.outgoing.lacking IS 'The recipients that it still has to go to; NULL for all.';
