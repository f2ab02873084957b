-- Who belongs to which team, the views of queues that people have saved, and who is looking at what: docs/http-api.md.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE access.member (
    person    text        NOT NULL CHECK (person <> ''),
    team      text        NOT NULL CHECK (team <> ''),
    joined_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person, team)
);
COMMENT ON COLUMN access.member.person IS 'The name of their tokens, by which tickets are assigned to them.';
GRANT SELECT, INSERT, DELETE ON access.member TO aftersales_service;

CREATE TABLE access.saved_view (
    id         uuid        PRIMARY KEY,
    name       text        NOT NULL,
    owner      text        NOT NULL,
    shared     text        NOT NULL CHECK (shared IN ('nobody', 'team', 'everybody')),
    team       text        CHECK ((team IS NOT NULL) = (shared = 'team')),
    content    bytea       NOT NULL,
    version    integer     NOT NULL,
    saved_at   timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text        NOT NULL,
    UNIQUE (owner, name)
);
COMMENT ON COLUMN access.saved_view.content IS 'Queue, filter, order and columns, as JSON.';
COMMENT ON COLUMN access.saved_view.changed_by IS 'The actor, as in the log.';
GRANT SELECT, INSERT, UPDATE, DELETE ON access.saved_view TO aftersales_service;

-- Not written ahead: after a crash of the server nobody looks at anything, and says so again within seconds.
CREATE UNLOGGED TABLE access.presence (
    ticket uuid        NOT NULL,
    token  uuid        NOT NULL,
    name   text        NOT NULL,
    role   text        NOT NULL,
    doing  text        NOT NULL,
    since  timestamptz NOT NULL,
    until  timestamptz NOT NULL,
    PRIMARY KEY (ticket, token)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON access.presence TO aftersales_service;
