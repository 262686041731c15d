-- gives: which setting keeps writes out, NULL: none; whether others of a group take writes
-- too; whether it copies from another server, as far as everybody may know
SELECT CASE WHEN @@global.innodb_read_only THEN 'innodb_read_only'
            WHEN @@global.super_read_only THEN 'super_read_only'
            WHEN @@global.read_only THEN 'read_only' END AS read_only,
       IF(EXISTS (SELECT 1 FROM performance_schema.global_variables
                   WHERE VARIABLE_NAME = 'group_replication_single_primary_mode' AND VARIABLE_VALUE = 'OFF')
          AND EXISTS (SELECT 1 FROM performance_schema.global_variables
                       WHERE VARIABLE_NAME = 'group_replication_group_name' AND VARIABLE_VALUE <> ''), 't', 'f')
           AS multi_primary,
       'f' AS copies;
