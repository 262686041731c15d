-- makes the table of goose, and its first row; it gets its name when its rows are in
CREATE TABLE pgstride_goose_db_version (
    id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp NULL default now(),
    PRIMARY KEY(id));
INSERT INTO pgstride_goose_db_version (version_id, is_applied) VALUES (0, true);
