#include <string.h>

#include "core/sql/actions.h"
#include "core/sql/hazards.h"
#include "unit/sections.h"
#include "unit/unit.h"

typedef struct Case
{
    const char *sql;
    Action action;
    LockMode lock;
    Work work;
    const char *hazard; /* in expand */
} Case;

#define NO LOCK_NONE
#define RX LOCK_ROW_EXCLUSIVE
#define SU LOCK_SHARE_UPDATE_EXCLUSIVE
#define SH LOCK_SHARE
#define SX LOCK_SHARE_ROW_EXCLUSIVE
#define AX LOCK_ACCESS_EXCLUSIVE

/* clang-format off */
static const Case cases[] = {
    {"ALTER TABLE t ADD COLUMN a text",                          ACTION_ADD_COLUMN,             AX, WORK_FAST,    NULL},
    {"ALTER TABLE t ADD a int NOT NULL DEFAULT 5",               ACTION_ADD_COLUMN,             AX, WORK_FAST,    NULL},
    {"ALTER TABLE t ADD a timestamptz DEFAULT now()",            ACTION_ADD_COLUMN,             AX, WORK_FAST,    NULL},
    {"ALTER TABLE t ADD a text DEFAULT lower('X') || CURRENT_USER", ACTION_ADD_COLUMN,          AX, WORK_FAST,    NULL},
    {"ALTER TABLE t ADD a int REFERENCES p",                     ACTION_ADD_COLUMN,             AX, WORK_FAST,    NULL},
    {"ALTER TABLE t ADD a int DEFAULT NULL REFERENCES p",        ACTION_ADD_COLUMN,             AX, WORK_FAST,    NULL},
    {"ALTER TABLE t ADD a uuid DEFAULT gen_random_uuid()",       ACTION_ADD_COLUMN_VOLATILE,    AX, WORK_REWRITE, "volatile-default"},
    {"ALTER TABLE t ADD a int DEFAULT app.lower('x')",           ACTION_ADD_COLUMN_VOLATILE,    AX, WORK_REWRITE, "volatile-default"},
    {"ALTER TABLE t ADD a bigserial",                            ACTION_ADD_COLUMN_VOLATILE,    AX, WORK_REWRITE, "volatile-default"},
    {"ALTER TABLE t ADD a int GENERATED ALWAYS AS IDENTITY",     ACTION_ADD_COLUMN_VOLATILE,    AX, WORK_REWRITE, "volatile-default"},
    {"ALTER TABLE t ADD a int GENERATED ALWAYS AS (b + 1) STORED", ACTION_ADD_COLUMN_STORED,    AX, WORK_REWRITE, "stored-column"},
    {"ALTER TABLE t ADD a int NOT NULL",                         ACTION_ADD_COLUMN_REQUIRED,    AX, WORK_SCAN,    "add-required-column"},
    {"ALTER TABLE t ADD a int CHECK (a > 0)",                    ACTION_ADD_COLUMN_CONSTRAINED, AX, WORK_SCAN,    "constrained-column"},
    {"ALTER TABLE t ADD a int UNIQUE",                           ACTION_ADD_COLUMN_CONSTRAINED, AX, WORK_SCAN,    "constrained-column"},
    {"ALTER TABLE t ADD a int DEFAULT 1 REFERENCES p",           ACTION_ADD_COLUMN_CONSTRAINED, AX, WORK_SCAN,    "constrained-column"},
    {"ALTER TABLE t DROP COLUMN a",                              ACTION_DROP_COLUMN,            AX, WORK_FAST,    "drop-column"},
    {"ALTER TABLE t RENAME a TO b",                              ACTION_RENAME_COLUMN,          AX, WORK_FAST,    "rename-column"},
    {"ALTER TABLE t RENAME TO u",                                ACTION_RENAME_TABLE,           AX, WORK_FAST,    "rename-table"},
    {"ALTER TABLE t SET SCHEMA s",                               ACTION_SET_SCHEMA,             AX, WORK_FAST,    "set-schema"},
    {"ALTER TABLE t ALTER a TYPE bigint",                        ACTION_ALTER_TYPE,             AX, WORK_REWRITE, "alter-type"},
    {"ALTER TABLE t ALTER a SET NOT NULL",                       ACTION_SET_NOT_NULL,           AX, WORK_SCAN,    "set-not-null"},
    {"ALTER TABLE t ALTER a DROP NOT NULL",                      ACTION_DROP_NOT_NULL,          AX, WORK_FAST,    NULL},
    {"ALTER TABLE t ALTER a SET DEFAULT 1",                      ACTION_SET_DEFAULT,            AX, WORK_FAST,    NULL},
    {"ALTER TABLE t ALTER a SET STATISTICS 100",                 ACTION_SET_STATISTICS,         SU, WORK_FAST,    NULL},
    {"ALTER TABLE t ADD CHECK (a > 0)",                          ACTION_ADD_CHECK,              AX, WORK_SCAN,    "add-check"},
    {"ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",   ACTION_ADD_NOT_VALID,          AX, WORK_FAST,    NULL},
    {"ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p",           ACTION_ADD_FOREIGN_KEY,        SX, WORK_SCAN,    "add-foreign-key"},
    {"ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p NOT VALID", ACTION_ADD_NOT_VALID,          SX, WORK_FAST,    NULL},
    {"ALTER TABLE t ADD UNIQUE (a)",                             ACTION_ADD_UNIQUE,             AX, WORK_BUILD,   "add-unique"},
    {"ALTER TABLE t ADD PRIMARY KEY (a)",                        ACTION_ADD_PRIMARY_KEY,        AX, WORK_BUILD,   "add-primary-key"},
    {"ALTER TABLE t ADD UNIQUE USING INDEX i",                   ACTION_ADD_USING_INDEX,        AX, WORK_FAST,    NULL},
    {"ALTER TABLE t ADD EXCLUDE USING gist (a WITH &&)",         ACTION_ADD_EXCLUDE,            AX, WORK_BUILD,   "add-exclude"},
    {"ALTER TABLE t VALIDATE CONSTRAINT c",                      ACTION_VALIDATE,               SU, WORK_SCAN,    NULL},
    {"ALTER TABLE t DROP CONSTRAINT c",                          ACTION_DROP_CONSTRAINT,        AX, WORK_FAST,    NULL},
    {"ALTER TABLE t SET (fillfactor = 80)",                      ACTION_SET_OPTIONS,            SU, WORK_FAST,    NULL},
    {"ALTER TABLE t SET TABLESPACE x",                           ACTION_REWRITE_TABLE,          AX, WORK_REWRITE, "rewrite"},
    {"ALTER TABLE t DISABLE TRIGGER ALL",                        ACTION_TOGGLE_TRIGGER,         SX, WORK_FAST,    NULL},
    {"ALTER TABLE t ENABLE ROW LEVEL SECURITY",                  ACTION_POLICY,                 AX, WORK_FAST,    NULL},
    {"ALTER TABLE t REPLICA IDENTITY FULL",                      ACTION_REPLICA_IDENTITY,       AX, WORK_FAST,    NULL},
    {"ALTER TABLE t ATTACH PARTITION p DEFAULT",                 ACTION_ATTACH_PARTITION,       SU, WORK_SCAN,    "attach-partition"},
    {"ALTER TABLE t DETACH PARTITION p",                         ACTION_DETACH_PARTITION,       AX, WORK_FAST,    "detach-partition"},
    {"ALTER TABLE t DETACH PARTITION p CONCURRENTLY",            ACTION_DETACH_CONCURRENTLY,    SU, WORK_FAST,    NULL},
    {"ALTER TABLE t INHERIT p",                                  ACTION_OTHER,                  AX, WORK_FAST,    NULL},
    {"CREATE TABLE t PARTITION OF p DEFAULT",                    ACTION_CREATE_PARTITION,       AX, WORK_SCAN,    "create-partition"},
    {"CREATE INDEX i ON t (a)",                                  ACTION_CREATE_INDEX,           SH, WORK_BUILD,   "create-index"},
    {"CREATE INDEX CONCURRENTLY i ON t (a)",                     ACTION_CREATE_INDEX_CONCURRENTLY, SU, WORK_BUILD, NULL},
    {"REINDEX TABLE t",                                          ACTION_REINDEX,                SH, WORK_BUILD,   "reindex"},
    {"REINDEX (CONCURRENTLY) TABLE t",                           ACTION_REINDEX_CONCURRENTLY,   SU, WORK_BUILD,   NULL},
    {"DROP TABLE t",                                             ACTION_DROP_TABLE,             AX, WORK_FAST,    "drop-table"},
    {"DROP TRIGGER x ON t",                                      ACTION_DROP_TRIGGER,           AX, WORK_FAST,    NULL},
    {"TRUNCATE t",                                               ACTION_TRUNCATE,               AX, WORK_FAST,    "truncate"},
    {"CREATE TRIGGER x BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f()", ACTION_CREATE_TRIGGER, SX, WORK_FAST, NULL},
    {"LOCK TABLE t",                                             ACTION_LOCK,                   AX, WORK_FAST,    "lock-table"},
    {"LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE",              ACTION_LOCK,                   SU, WORK_FAST,    NULL},
    {"VACUUM t",                                                 ACTION_VACUUM,                 SU, WORK_SCAN,    NULL},
    {"VACUUM (FULL) t",                                          ACTION_REWRITE_TABLE,          AX, WORK_REWRITE, "rewrite"},
    {"CLUSTER t USING i",                                        ACTION_REWRITE_TABLE,          AX, WORK_REWRITE, "rewrite"},
    {"ANALYZE t",                                                ACTION_ANALYZE,                SU, WORK_SCAN,    NULL},
    {"COMMENT ON COLUMN t.a IS 'x'",                             ACTION_COMMENT,                SU, WORK_FAST,    NULL},
    {"REFRESH MATERIALIZED VIEW t",                              ACTION_REFRESH,                AX, WORK_REWRITE, "refresh"},
    {"UPDATE t SET a = 1",                                       ACTION_UPDATE,                 RX, WORK_SCAN,    "update-in-one-go"},
    {"INSERT INTO t VALUES (1)",                                 ACTION_INSERT,                 RX, WORK_FAST,    NULL},
    {"CREATE TABLE t (a int)",                                   ACTION_CREATE_TABLE,           NO, WORK_FAST,    NULL},
    {"CREATE TEMP TABLE t (a int)",                              ACTION_CREATE_TEMP,            NO, WORK_FAST,    NULL},
    {"CREATE TABLE t AS SELECT 1",                               ACTION_CREATE_TABLE_AS,        NO, WORK_SCAN,    NULL},
    {"SELECT 1 INTO t",                                          ACTION_CREATE_TABLE_AS,        NO, WORK_SCAN,    NULL},
};
/* clang-format on */

START_TEST(every_action_knows_its_lock_and_its_hazard)
{
    for (int i = 0; i < LENGTH(cases); i++)
    {
        MEM_SCOPE(scope, NULL);
        const Case *one = &cases[i];
        const Act *act = act_of(scope, one->sql);
        ActionRule rule = action_rule(act, NULL);
        const Hazard *hazard = hazard_of(act, PHASE_EXPAND, NULL);
        const char *id = hazard == NULL ? "none" : hazard->id;
        const char *table = act->action == ACTION_CREATE_PARTITION ? act->other.name
                                                                   : act->relation.name;

        ck_assert_msg(act->action == one->action, "%s: %s", one->sql, rule.name);
        ck_assert_msg(rule.lock == one->lock, "%s: %s", one->sql,
                      lock_mode_sql(rule.lock));
        ck_assert_msg(rule.work == one->work, "%s", one->sql);
        ck_assert_msg(strcmp(id, one->hazard == NULL ? "none" : one->hazard) == 0,
                      "%s: %s", one->sql, id);
        ck_assert_str_eq(table, "t");
    }
}
END_TEST

/* What of a domain is checked is read in every table that uses it. */
START_TEST(a_domain_knows_what_its_tables_pay)
{
    static const struct
    {
        const char *sql;
        Action action;
        bool hazard;
    } rows[] = {
        {"ALTER DOMAIN d ADD CHECK (value > 0)", ACTION_CHECK_DOMAIN, true},
        {"ALTER DOMAIN d SET NOT NULL", ACTION_CHECK_DOMAIN, true},
        {"ALTER DOMAIN d VALIDATE CONSTRAINT c", ACTION_CHECK_DOMAIN, true},
        {"ALTER DOMAIN d ADD CHECK (value > 0) NOT VALID", ACTION_TYPE, false},
        {"ALTER DOMAIN d DROP CONSTRAINT c", ACTION_TYPE, false},
        {"ALTER DOMAIN d SET DEFAULT 5", ACTION_TYPE, false},
    };

    for (int i = 0; i < LENGTH(rows); i++)
    {
        MEM_SCOPE(scope, NULL);
        const Act *act = act_of(scope, rows[i].sql);

        ck_assert_msg(act->action == rows[i].action, "%s", rows[i].sql);
        ck_assert((hazard_of(act, PHASE_UP, NULL) != NULL) == rows[i].hazard);
    }
}
END_TEST

START_TEST(the_tables_have_no_holes)
{
    for (int i = 0; i < ACTION_COUNT; i++)
        ck_assert_msg(action_name((Action)i) != NULL, "action %d has no row", i);
    for (int i = 0; hazard_row(i) != NULL; i++)
    {
        const Hazard *hazard = hazard_row(i);

        ck_assert_ptr_nonnull(hazard_named(hazard->id));
        ck_assert_uint_eq(strspn(hazard->id, "abcdefghijklmnopqrstuvwxyz-"),
                          strlen(hazard->id));
        ck_assert_int_eq(hazard->cure[strlen(hazard->cure) - 1], '.');
        ck_assert_int_ne(hazard->why[strlen(hazard->why) - 1], '.');
    }
    ck_assert_ptr_null(hazard_named("no-such-hazard"));
    ck_assert_ptr_null(hazard_row(-1));
}
END_TEST

START_TEST(contract_is_for_dropping_and_renaming)
{
    MEM_SCOPE(scope, NULL);
    const Act *drop = act_of(scope, "ALTER TABLE t DROP COLUMN a");
    const Act *rename = act_of(scope, "ALTER TABLE t RENAME a TO b");
    const Act *not_null = act_of(scope, "ALTER TABLE t ALTER a SET NOT NULL");

    ck_assert_ptr_null(hazard_of(drop, PHASE_CONTRACT, NULL));
    ck_assert_ptr_null(hazard_of(rename, PHASE_CONTRACT, NULL));
    ck_assert_ptr_nonnull(hazard_of(not_null, PHASE_CONTRACT, NULL));
    ck_assert_ptr_null(hazard_of(drop, PHASE_UP, NULL));
    ck_assert_ptr_nonnull(hazard_of(rename, PHASE_UP, NULL));
}
END_TEST

START_TEST(older_servers_take_other_locks)
{
    MEM_SCOPE(scope, NULL);
    Caps ten = {.version = 100023};
    Caps eleven = {.version = 110022};
    const Act *rename = act_of(scope, "ALTER INDEX i RENAME TO j");
    const Act *attach = act_of(scope, "ALTER TABLE p ATTACH PARTITION q DEFAULT");
    const Act *add = act_of(scope, "ALTER TABLE t ADD a int DEFAULT 5");

    ck_assert_int_eq(action_rule(rename, NULL).other_lock, SU);
    ck_assert_int_eq(action_rule(rename, &eleven).other_lock, AX);
    ck_assert_int_eq(action_rule(attach, &eleven).lock, AX);
    ck_assert_int_eq(action_rule(add, &ten).work, WORK_REWRITE);
    ck_assert_str_eq(hazard_of(add, PHASE_EXPAND, &ten)->id, "volatile-default");
    ck_assert_ptr_null(hazard_of(add, PHASE_EXPAND, &eleven));
}
END_TEST

START_TEST(details_of_an_act_are_kept)
{
    MEM_SCOPE(scope, NULL);
    Statements all = statements_of(
        scope,
        "ALTER TABLE s.t ADD COLUMN IF NOT EXISTS a numeric(10,2) NOT NULL DEFAULT 1 + "
        "2;"
        "CREATE UNIQUE INDEX i ON t (a, lower(b)) WHERE c IS NULL;"
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES o.p (x, y);"
        "DROP INDEX s.i, j; ALTER TABLE t RENAME CONSTRAINT c TO d;"
        "CREATE TABLE n (a int REFERENCES p, FOREIGN KEY (a) REFERENCES q);"
        "ALTER TABLE t ALTER a TYPE varchar(20)[] USING ARRAY[a]");
    const Act *add = &all.items[0].acts[0];
    const Act *index = &all.items[1].acts[0];
    const Act *key = &all.items[2].acts[0];
    const Act *type = &all.items[6].acts[0];

    ck_assert_str_eq(qname_show(scope, &add->relation), "s.t");
    ck_assert_str_eq(add->type, "numeric(10, 2)");
    ck_assert_str_eq(add->expression.text, "1 + 2");
    ck_assert(add->not_null && add->has_default && add->if_exists);
    ck_assert(index->unique && index->column_count == 2);
    ck_assert_str_eq(index->columns[0], "a");
    ck_assert_str_eq(index->columns[1], "");
    ck_assert_str_eq(index->expression.text, "c IS NULL");
    ck_assert_str_eq(key->object, "f");
    ck_assert_str_eq(qname_show(scope, &key->other), "o.p");
    ck_assert_int_eq(key->column_count, 2);
    ck_assert_int_eq(all.items[3].act_count, 2);
    ck_assert_str_eq(qname_show(scope, &all.items[3].acts[0].other), "s.i");
    ck_assert_int_eq(action_rule(&all.items[3].acts[0], NULL).other_lock, AX);
    ck_assert_str_eq(all.items[4].acts[0].object, "c");
    ck_assert_str_eq(all.items[4].acts[0].new_name, "d");
    ck_assert_int_eq(all.items[5].act_count, 3);
    ck_assert_str_eq(all.items[5].acts[2].other.name, "q");
    ck_assert_str_eq(type->type, "varchar(20)[]");
    ck_assert_str_eq(type->expression.text, "ARRAY[a]");
}
END_TEST

typedef struct AloneCase
{
    const char *sql;
    const char *why; /* NULL: it may join a transaction */
} AloneCase;

START_TEST(statements_that_refuse_a_transaction_are_known)
{
    static const AloneCase known[] = {
        {"CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY"},
        {"CREATE INDEX i ON t (a)", NULL},
        {"CREATE INDEX concurrently ON t (a)", "CREATE INDEX CONCURRENTLY"},
        {"CREATE INDEX \"concurrently\" ON t (a)", NULL},
        {"DROP INDEX CONCURRENTLY i", "DROP INDEX CONCURRENTLY"},
        {"REINDEX INDEX CONCURRENTLY i", "REINDEX CONCURRENTLY"},
        {"REINDEX (CONCURRENTLY false) TABLE t", NULL},
        {"REINDEX SCHEMA s", "REINDEX SCHEMA"},
        {"REINDEX DATABASE d", "REINDEX DATABASE"},
        {"REINDEX SYSTEM d", "REINDEX SYSTEM"},
        {"VACUUM", "VACUUM"},
        {"VACUUM ANALYZE t", "VACUUM"},
        {"ANALYZE", NULL},
        {"ALTER SYSTEM SET work_mem = '1MB'", "ALTER SYSTEM"},
        {"CREATE DATABASE d", "CREATE DATABASE"},
        {"DROP DATABASE d", "DROP DATABASE"},
        {"ALTER DATABASE d SET TABLESPACE x", "ALTER DATABASE ... SET TABLESPACE"},
        {"ALTER DATABASE d SET work_mem = '1MB'", NULL},
        {"CREATE TABLESPACE x LOCATION '/x'", "CREATE TABLESPACE"},
        {"DROP TABLESPACE x", "DROP TABLESPACE"},
        {"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p",
         "CREATE SUBSCRIPTION with a slot"},
        {"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot = "
         "false)",
         NULL},
        {"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = off)",
         NULL},
        {"ALTER SUBSCRIPTION s REFRESH PUBLICATION", "ALTER SUBSCRIPTION ... REFRESH"},
        {"ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)", NULL},
        {"DROP SUBSCRIPTION s", "DROP SUBSCRIPTION"},
        {"DISCARD ALL", "DISCARD ALL"},
        {"DISCARD TEMP", NULL},
        {"CLUSTER", "CLUSTER without a table"},
        {"CLUSTER t", NULL},
        {"ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
         "DETACH PARTITION CONCURRENTLY"},
        {"ALTER TABLE t DETACH PARTITION p FINALIZE", NULL},
        {"ALTER TYPE e ADD VALUE 'x'", NULL},
        {"REFRESH MATERIALIZED VIEW CONCURRENTLY m", NULL},
        {"SELECT 'CREATE INDEX CONCURRENTLY'", NULL}};

    for (int i = 0; i < LENGTH(known); i++)
    {
        MEM_SCOPE(scope, NULL);
        Statements one = statements_of(scope, known[i].sql);
        const char *why = one.items[0].alone_why;

        ck_assert_int_eq(one.items[0].alone, known[i].why != NULL);
        ck_assert_msg((why == NULL) == (known[i].why == NULL), "%s", known[i].sql);
        if (why != NULL)
            ck_assert_str_eq(why, known[i].why);
    }
}
END_TEST

START_TEST(session_state_is_seen)
{
    static const char *const keeps[] = {
        "SET search_path = a",
        "RESET ALL",
        "SET ROLE x",
        "SET SESSION AUTHORIZATION x",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "CREATE TEMP TABLE t (a int)",
        "CREATE TEMP VIEW v AS SELECT 1",
        "CREATE TEMP SEQUENCE s",
        "SELECT 1 INTO TEMP t",
        "CREATE TEMP TABLE t AS SELECT 1",
        "PREPARE p AS SELECT 1",
        "DEALLOCATE p",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        "LISTEN x",
        "UNLISTEN *",
        "LOAD 'x'",
        "DISCARD PLANS",
        "SELECT set_config('a.b', 'c', false)",
        "SELECT pg_advisory_lock(1)",
        "SELECT count(*) FROM (SELECT pg_try_advisory_lock_shared(1)) x"};
    static const char *const leaves_nothing[] = {"SET LOCAL search_path = a",
                                                 "SET TRANSACTION READ ONLY",
                                                 "SHOW work_mem",
                                                 "SET CONSTRAINTS ALL DEFERRED",
                                                 "DECLARE c CURSOR FOR SELECT 1",
                                                 "SELECT set_config('a.b', 'c', true)",
                                                 "SELECT pg_advisory_xact_lock(1)",
                                                 "CREATE TABLE t (a int)",
                                                 "NOTIFY x"};

    for (int i = 0; i < LENGTH(keeps); i++)
    {
        MEM_SCOPE(scope, NULL);

        ck_assert_msg(statements_of(scope, keeps[i]).items[0].session, "%s", keeps[i]);
    }
    for (int i = 0; i < LENGTH(leaves_nothing); i++)
    {
        MEM_SCOPE(scope, NULL);

        ck_assert_msg(!statements_of(scope, leaves_nothing[i]).items[0].session, "%s",
                      leaves_nothing[i]);
    }
}
END_TEST

START_TEST(a_table_made_here_is_nobodys_yet)
{
    MEM_SCOPE(scope, NULL);
    Section section =
        section_of(PHASE_EXPAND, "ALTER TABLE t ADD a int; CREATE TABLE t (b int);"
                                 "CREATE INDEX i ON t (b); CREATE INDEX j ON s.t (b);"
                                 "CREATE TABLE IF NOT EXISTS u (b int);"
                                 "CREATE INDEX k ON u (b)");
    Statements all = section_read(scope, &section);
    Migration migration = {.sections = &section, .section_count = 1};

    ck_assert(!act_on_new_table(&migration, &all.items[0].acts[0]));
    ck_assert(act_on_new_table(&migration, &all.items[2].acts[0]));
    ck_assert(!act_on_new_table(&migration, &all.items[3].acts[0]));
    ck_assert(!act_on_new_table(&migration, &all.items[5].acts[0]));
}
END_TEST

UNIT("actions", every_action_knows_its_lock_and_its_hazard,
     a_domain_knows_what_its_tables_pay, the_tables_have_no_holes,
     contract_is_for_dropping_and_renaming, older_servers_take_other_locks,
     details_of_an_act_are_kept, statements_that_refuse_a_transaction_are_known,
     session_state_is_seen, a_table_made_here_is_nobodys_yet)
