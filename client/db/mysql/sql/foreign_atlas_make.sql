-- makes the table of Atlas; it gets its name when its rows are in
CREATE TABLE `pgstride_atlas_schema_revisions` (
    `version` varchar(255) NOT NULL,
    `description` varchar(255) NOT NULL,
    `type` bigint unsigned NOT NULL DEFAULT 2,
    `applied` bigint NOT NULL DEFAULT 0,
    `total` bigint NOT NULL DEFAULT 0,
    `executed_at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    `execution_time` bigint NOT NULL,
    `error` longtext NULL,
    `error_stmt` longtext NULL,
    `hash` varchar(255) NOT NULL,
    `partial_hashes` json NULL,
    `operator_version` varchar(255) NOT NULL,
    PRIMARY KEY (`version`)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
