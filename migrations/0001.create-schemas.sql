-- The rooms of the database, and what the service role may do in them.
--
-- log: the events. The owner's; later migrations grant SELECT and INSERT table by table, never more.
-- view: the projections. The service role makes, rebuilds and drops its own tables there.
-- migration: what was applied; the service role may look.

CREATE SCHEMA log;
GRANT USAGE ON SCHEMA log TO aftersales_service;

CREATE SCHEMA view;
GRANT USAGE, CREATE ON SCHEMA view TO aftersales_service;

GRANT USAGE ON SCHEMA migration TO aftersales_service;
GRANT SELECT ON migration._yoyo_migration TO aftersales_service;
