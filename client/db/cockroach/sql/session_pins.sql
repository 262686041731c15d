-- Settings that our promises rest on, whatever the role's or the database's defaults
-- are. A client that hangs in the middle of a batch gives its locks back after a minute.
SET statement_timeout = '0';
SET lock_timeout = '0';
SET idle_in_transaction_session_timeout = '60s';
SET default_transaction_isolation = 'serializable';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
