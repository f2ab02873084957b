-- Which events a case is made of, in the order of the log. What happened stays in the log, and is put into
-- words when it is asked for.
CREATE TABLE timeline (
    case_id  uuid   NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (case_id, position)
);

COMMENT ON COLUMN timeline.case_id IS 'The service case: the ticket that all of it was done for.';
