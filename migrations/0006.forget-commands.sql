-- Commands are remembered by their key for a time only. What is past it is replaced when its key comes again,
-- and removed a few at a time by a worker; both need to find the old ones.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE INDEX command_recorded ON log.command (recorded_at);

GRANT DELETE, UPDATE (digest, stream_id, version, position, recorded_at) ON log.command TO aftersales_service;
