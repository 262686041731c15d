-- The runner lock: a row that ends by itself unless whoever has it says so again.
CREATE SCHEMA IF NOT EXISTS pgstride;
CREATE TABLE IF NOT EXISTS pgstride.leases (
    class       integer     NOT NULL,
    key         bigint      NOT NULL,
    holder      text        NOT NULL,
    user_name   text        NOT NULL,
    application text        NOT NULL,
    since       timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    PRIMARY KEY (class, key)
);
