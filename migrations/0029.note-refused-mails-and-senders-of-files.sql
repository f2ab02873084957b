-- A mail that its mail server does not hand out is asked for a few times, whichever worker asks, and set aside
-- then: docs/decisions/0043-a-mail-that-is-not-handed-out-is-set-aside.md. A file that was handed in can be named by
-- whoever handed it in, and by nobody else: otherwise a form could ask whether there is a file of some content.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE mail.refused (
    mailbox      text    NOT NULL,
    uid_validity bigint  NOT NULL,
    uid          bigint  NOT NULL,
    tries        integer NOT NULL DEFAULT 1,
    said         text    NOT NULL,
    PRIMARY KEY (mailbox, uid_validity, uid)
);
COMMENT ON TABLE mail.refused IS 'How often a mail server did not hand out a mail, and what it said last.';

GRANT SELECT, INSERT, UPDATE, DELETE ON mail.refused TO aftersales_service;

-- Which recipients a letter has to go to yet is said by the events of its ticket.
ALTER TABLE mail.outgoing DROP COLUMN lacking;

CREATE TABLE file.handed_in (
    sha256 bytea NOT NULL REFERENCES file.content ON DELETE CASCADE,
    token  uuid  NOT NULL,
    PRIMARY KEY (sha256, token)
);
COMMENT ON TABLE file.handed_in IS 'Who handed in a content before a form or a message names it.';

GRANT SELECT, INSERT ON file.handed_in TO aftersales_service;
