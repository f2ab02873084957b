-- Mails that could not be taken in are named by the log; those that wait for somebody are found by this.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE INDEX mail_set_aside ON log.event (position) WHERE type = 'mail.set_aside';
