-- What came by mail and how far each mailbox was looked at; what we write and has not gone out yet.
--
-- None of this is a fact of a ticket: those are events. It may be lost without losing one: a mail that is looked
-- at again is known by its Message-ID, and a letter that no mail server has taken is written in the log.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA mail;
GRANT USAGE ON SCHEMA mail TO aftersales_service;

CREATE TABLE mail.mailbox (
    name         text        PRIMARY KEY,
    uid_validity bigint      NOT NULL DEFAULT 0,
    uid          bigint      NOT NULL DEFAULT 0,
    looked_at    timestamptz,
    failure      text
);
COMMENT ON TABLE mail.mailbox IS 'How far each mailbox was looked at, and why not further.';
COMMENT ON COLUMN mail.mailbox.uid_validity IS 'The numbers of mails are those of this mailbox; a new one counts anew (RFC 9051).';

CREATE TABLE mail.received (
    mailbox      text        NOT NULL,
    uid_validity bigint      NOT NULL,
    uid          bigint      NOT NULL,
    message      text        NOT NULL,
    sender       text        NOT NULL,
    subject      text        NOT NULL,
    arrived_at   timestamptz NOT NULL,
    taken_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    fate         text        NOT NULL,
    why          text,
    ticket_id    uuid,
    PRIMARY KEY (mailbox, uid_validity, uid)
);
CREATE INDEX ON mail.received (taken_at);
CREATE INDEX ON mail.received (sender, taken_at) WHERE fate = 'opened';
COMMENT ON TABLE mail.received IS 'Every mail that came, and what became of it.';

CREATE TABLE mail.outgoing (
    ticket_id uuid        NOT NULL,
    letter    integer     NOT NULL,
    mailbox   text        NOT NULL,
    written_at timestamptz NOT NULL,
    due_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    tries     integer     NOT NULL DEFAULT 0,
    failure   text,
    PRIMARY KEY (ticket_id, letter)
);
CREATE INDEX ON mail.outgoing (due_at);
COMMENT ON TABLE mail.outgoing IS 'Letters that no mail server has taken yet, and when it is tried again.';

GRANT SELECT, INSERT, UPDATE ON mail.mailbox TO aftersales_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON mail.received, mail.outgoing TO aftersales_service;
