#include <string.h>

#include "core/plan/overlay.h"
#include "core/sql/sql.h"
#include "unit/shop.h"
#include "unit/sources.h"
#include "unit/unit.h"

/* A shop, and what was laid over it so far. */
typedef struct Ahead
{
    Shop *shop;
    Overlay *overlay;
    History history; /* nothing ran */
    Facts facts;     /* as of the last look */
} Ahead;

static Ahead
ahead_open(Mem *mem)
{
    Ahead ahead = {.shop = shop_open(mem)};

    ahead.overlay = overlay_begin(mem, &ahead.shop->facts);
    return ahead;
}

/* The migration is planned on what is there by now; true: nothing it names is missing.
 */
static bool
ahead_go_on(Ahead *ahead, const char *text, State goal)
{
    Shop *shop = ahead->shop;
    Migration *migration = shop_migration(shop->mem, "20260601_next.sql", text);
    Needs needs;

    ck_assert_msg(plan_needs(shop->mem, migration, &needs, &shop->err), "%s",
                  shop->err.text);
    overlay_facts(ahead->overlay, shop->mem, &needs, &ahead->facts);
    shop->request.migration = migration;
    shop->request.facts = &ahead->facts;
    shop->request.safe = SAFE_OFF;
    return plan_make(shop->mem, &shop->request, &shop->plan, &shop->err) &&
           overlay_go_on(ahead->overlay, &shop->plan, &ahead->history, goal,
                         &shop->err);
}

/* The same, and nothing is laid. */
static bool
ahead_plan(Ahead *ahead, const char *text)
{
    return ahead_go_on(ahead, text, STATE_PENDING);
}

static void
ahead_run(Ahead *ahead, const char *text, State goal)
{
    ck_assert_msg(ahead_go_on(ahead, text, goal), "%s", ahead->shop->err.text);
}

static const TableFact *
ahead_table(Ahead *ahead, const char *schema, const char *name)
{
    QName asked = {(char *)schema, (char *)name};
    Needs needs = {.tables = &asked, .table_count = 1};

    overlay_facts(ahead->overlay, ahead->shop->mem, &needs, &ahead->facts);
    return &ahead->facts.tables[0];
}

static const char *
ahead_refusal(Ahead *ahead, const char *text)
{
    ck_assert_msg(!ahead_plan(ahead, text), "is admitted: %s", text);
    ck_assert_int_eq(ahead->shop->err.kind, ERR_REFUSED);

    const char *line =
        mem_copy(ahead->shop->mem, err_line(ahead->shop->mem, &ahead->shop->err));

    err_clear(&ahead->shop->err);
    return line;
}

START_TEST(a_table_is_told_of_as_the_catalog_would)
{
    MEM_SCOPE(scope, NULL);
    Ahead ahead = ahead_open(scope);
    const TableFact *towns;

    ck_assert(!ahead_table(&ahead, NULL, "towns")->exists);
    ahead_run(&ahead,
              "CREATE TABLE towns (id bigserial PRIMARY KEY, name varchar(40) NOT NULL "
              "UNIQUE, seen timestamptz(3) DEFAULT now(), big int8[], "
              "size int CHECK (size > 0), mayor uuid REFERENCES identities,"
              "UNIQUE (name, size));",
              STATE_CONTRACTED);
    towns = ahead_table(&ahead, "public", "towns");
    ck_assert(towns->exists && towns->fresh && towns->may_own);
    ck_assert_str_eq(towns->kind, "r");
    ck_assert_int_eq(towns->rows, 0);
    ck_assert_int_eq(towns->column_count, 6);
    ck_assert_str_eq(table_column(towns, "id")->type, "bigint");
    ck_assert(table_column(towns, "id")->not_null);
    ck_assert_str_eq(table_column(towns, "id")->default_sql,
                     "nextval('towns_id_seq'::regclass)");
    ck_assert_str_eq(table_column(towns, "name")->type, "character varying(40)");
    ck_assert(table_column(towns, "name")->not_null);
    ck_assert_str_eq(table_column(towns, "seen")->type, "timestamp(3) with time zone");
    ck_assert_str_eq(table_column(towns, "seen")->default_sql, "now()");
    ck_assert_str_eq(table_column(towns, "big")->type, "bigint[]");
    ck_assert(!table_column(towns, "size")->not_null);
    ck_assert_ptr_eq(ahead_table(&ahead, "other", "towns")->columns, NULL);
    shop_close(ahead.shop);
}
END_TEST

/* "name kind definition (columns)", one a line. */
static const char *
constraints_text(Mem *mem, const TableFact *table)
{
    Buf text = buf_begin(mem);

    buf_add(&text, "");
    for (int i = 0; i < table->constraint_count; i++)
        buf_format(&text, "%s %s%s %s (%s)\n", table->constraints[i].name,
                   table->constraints[i].kind,
                   table->constraints[i].incoming ? " incoming" : "",
                   table->constraints[i].definition, table->constraints[i].mentions);
    return text.text;
}

START_TEST(constraints_have_the_names_that_the_server_gives)
{
    MEM_SCOPE(scope, NULL);
    Ahead ahead = ahead_open(scope);
    const TableFact *table;

    ahead_run(&ahead,
              "CREATE TABLE towns (id bigint PRIMARY KEY, size int CHECK (size > 0) "
              "CHECK (size < 9), mayor uuid REFERENCES identities, "
              "CHECK (id > size), UNIQUE (id, size));",
              STATE_CONTRACTED);
    table = ahead_table(&ahead, NULL, "towns");
    ck_assert_str_eq(
        constraints_text(scope, table),
        "towns_pkey p PRIMARY KEY (id) (1)\n"
        "towns_size_check c CHECK (size > 0) (2)\n"
        "towns_size_check1 c CHECK (size < 9) (2)\n"
        "towns_mayor_fkey f FOREIGN KEY (mayor) REFERENCES identities (3)\n"
        "towns_check c CHECK (id > size) (1,2)\n"
        "towns_id_size_key u UNIQUE (id, size) (1,2)\n");
    ck_assert_int_eq(table->index_count, 2);
    ck_assert_str_eq(table->indexes[0].name.name, "towns_pkey");
    ck_assert(table->indexes[0].primary && table->indexes[0].unique);
    ck_assert_str_eq(constraints_text(scope, ahead_table(&ahead, NULL, "identities")),
                     "towns_mayor_fkey f incoming FOREIGN KEY (mayor) REFERENCES "
                     "identities ()\n");

    ahead_run(&ahead, "ALTER TABLE towns DROP COLUMN size, DROP COLUMN mayor;",
              STATE_CONTRACTED);
    table = ahead_table(&ahead, NULL, "towns");
    ck_assert_str_eq(constraints_text(scope, table),
                     "towns_pkey p PRIMARY KEY (id) (1)\n");
    ck_assert_int_eq(table->index_count, 1);
    ck_assert_int_eq(ahead_table(&ahead, NULL, "identities")->constraint_count, 0);
    shop_close(ahead.shop);
}
END_TEST

START_TEST(facts_that_were_given_away_stay_as_they_were)
{
    MEM_SCOPE(scope, NULL);
    Ahead ahead = ahead_open(scope);
    TableFact before = *ahead_table(&ahead, NULL, "identities");

    ahead_run(&ahead,
              "ALTER TABLE identities RENAME COLUMN email TO mail; ALTER TABLE "
              "identities ADD COLUMN x int NOT NULL DEFAULT 0, ALTER COLUMN id SET "
              "DEFAULT gen_random_uuid(); ALTER TABLE identities RENAME TO people;",
              STATE_CONTRACTED);

    const TableFact *after = ahead_table(&ahead, NULL, "people");

    ck_assert_int_eq(before.column_count, 2);
    ck_assert_str_eq(before.columns[1].name, "email");
    ck_assert_ptr_eq(before.columns[0].default_sql, NULL);
    ck_assert_int_eq(after->oid, before.oid);
    ck_assert_int_eq(after->column_count, 3);
    ck_assert_ptr_ne(table_column(after, "mail"), NULL);
    ck_assert_ptr_eq(table_column(after, "email"), NULL);
    ck_assert(table_column(after, "x")->not_null);
    ck_assert_str_eq(table_column(after, "id")->default_sql, "gen_random_uuid()");
    ck_assert(!ahead_table(&ahead, NULL, "identities")->exists);
    shop_close(ahead.shop);
}
END_TEST

START_TEST(only_the_phases_that_run_have_effects)
{
    MEM_SCOPE(scope, NULL);
    Ahead ahead = ahead_open(scope);
    const TableFact *table;

    ahead_run(&ahead, shop_classic, STATE_BACKFILLED);
    table = ahead_table(&ahead, NULL, "identities");
    ck_assert_ptr_ne(table_column(table, "new_email"), NULL);
    ck_assert_ptr_ne(table_column(table, "email"), NULL);
    ck_assert_int_eq(table->trigger_count, 1);
    ck_assert(table->triggers[0].ours && table->triggers[0].before_row);
    ck_assert_str_eq(table->triggers[0].enabled, "A");
    ck_assert_ptr_eq(overlay_clouded(ahead.overlay), NULL);
    shop_close(ahead.shop);

    ahead = ahead_open(scope);
    ahead_run(&ahead, shop_classic, STATE_CONTRACTED);
    table = ahead_table(&ahead, NULL, "identities");
    ck_assert_ptr_eq(table_column(table, "new_email"), NULL);
    ck_assert(table_column(table, "email")->not_null);
    ck_assert_int_eq(table->trigger_count, 0);
    ck_assert_int_eq(table->constraint_count, 0);
    shop_close(ahead.shop);
}
END_TEST

START_TEST(indexes_come_and_go)
{
    MEM_SCOPE(scope, NULL);
    Ahead ahead = ahead_open(scope);
    const TableFact *table;

    ahead_run(&ahead,
              "CREATE INDEX by_mail ON identities (lower(email), id) WHERE email <> '';"
              "CREATE INDEX ON identities (email);",
              STATE_CONTRACTED);
    table = ahead_table(&ahead, NULL, "identities");
    ck_assert_int_eq(table->index_count, 3);
    ck_assert_str_eq(table->indexes[1].name.name, "by_mail");
    ck_assert_str_eq(table->indexes[1].mentions, "1,2");
    ck_assert_str_eq(table->indexes[2].name.name, "identities_email_idx");
    ck_assert_str_eq(ahead_table(&ahead, NULL, "by_mail")->kind, "i");

    ahead_run(&ahead, "ALTER INDEX by_mail RENAME TO by_email;", STATE_CONTRACTED);
    ck_assert(!ahead_table(&ahead, NULL, "by_mail")->exists);
    ck_assert(ahead_table(&ahead, "public", "by_email")->exists);
    ahead_run(&ahead, "DROP INDEX by_email;", STATE_CONTRACTED);
    ck_assert(!ahead_table(&ahead, NULL, "by_email")->exists);
    ck_assert_int_eq(ahead_table(&ahead, NULL, "identities")->index_count, 2);
    shop_close(ahead.shop);
}
END_TEST

START_TEST(what_is_missing_is_named_and_what_was_meant)
{
    MEM_SCOPE(scope, NULL);
    Ahead ahead = ahead_open(scope);

    ahead_run(&ahead,
              "ALTER TABLE identities ADD COLUMN nick text; CREATE TABLE towns (id "
              "int); ALTER TABLE identities ADD CONSTRAINT neat CHECK (nick <> '') NOT "
              "VALID;",
              STATE_CONTRACTED);
    ck_assert_str_eq(
        ahead_refusal(&ahead, "\nALTER TABLE identities ALTER nikc SET "
                              "DEFAULT 'x';"),
        "m/20260601_next.sql:2: column \"nikc\" of \"identities\" does not "
        "exist | Did you mean \"nick\"?");
    ck_assert_str_eq(
        ahead_refusal(&ahead, "ALTER TABLE town ADD COLUMN x int;"),
        "m/20260601_next.sql:1: relation \"town\" does not exist | Did you "
        "mean \"towns\"?");
    ck_assert_str_eq(
        ahead_refusal(&ahead, "ALTER TABLE identities VALIDATE CONSTRAINT naet;"),
        "m/20260601_next.sql:1: constraint \"naet\" of \"identities\" does not exist | "
        "Did you mean \"neat\"?");
    ck_assert_str_eq(
        ahead_refusal(&ahead, "CREATE TABLE towns (id int);"),
        "m/20260601_next.sql:1: relation \"towns\" is there already | If that "
        "is as it should be, say IF NOT EXISTS.");
    ck_assert_str_eq(
        ahead_refusal(&ahead, "ALTER TABLE towns ADD COLUMN id int;"),
        "m/20260601_next.sql:1: column \"id\" is there already | If that is "
        "as it should be, say IF NOT EXISTS.");
    ck_assert_str_eq(ahead_refusal(&ahead, "DROP INDEX identities_pke;"),
                     "m/20260601_next.sql:1: index \"identities_pke\" does not exist");
    ck_assert_str_eq(ahead_refusal(&ahead, "DROP TRIGGER t ON identities;"),
                     "m/20260601_next.sql:1: trigger \"t\" of \"identities\" does not "
                     "exist");
    ck_assert_str_eq(ahead_refusal(&ahead, "DROP TABLE towns; DROP TABLE towns;"),
                     "m/20260601_next.sql:1: relation \"towns\" does not exist");
    shop_close(ahead.shop);
}
END_TEST

/* clang-format off */
static const char *const admitted[] = {
    "ALTER TABLE identities ADD COLUMN a int, ADD CONSTRAINT c UNIQUE (a);",
    "CREATE TABLE a (id int); ALTER TABLE a ADD COLUMN b int; CREATE INDEX i ON a (b, id);",
    "DROP TABLE IF EXISTS nothing; ALTER TABLE IF EXISTS nothing ADD COLUMN x int;",
    "ALTER TABLE identities DROP COLUMN IF EXISTS nothing;",
    "ALTER TABLE identities ADD COLUMN IF NOT EXISTS email text;",
    "CREATE TABLE IF NOT EXISTS identities (x int);",
    "CREATE TEMP TABLE note (t text); INSERT INTO note VALUES (1);",
    "CREATE VIEW v AS SELECT 1 AS a; ALTER VIEW v RENAME TO w; DROP VIEW w;",
    "CREATE TABLE c (LIKE identities); ALTER TABLE c DROP COLUMN email;",
    "CREATE TABLE c AS SELECT * FROM identities; ALTER TABLE c DROP COLUMN anything;",
    "ALTER TABLE identities DROP COLUMN email, ADD COLUMN email int;",
    "SET search_path = other; ALTER TABLE elsewhere ADD COLUMN x int;",
    "DO $$ BEGIN NULL; END $$; ALTER TABLE made_by_it ADD COLUMN x int;",
    "CREATE INDEX ON identities (ctid);",
    "DROP INDEX identities_pkey; DROP INDEX IF EXISTS identities_pkey;",
    "DROP TRIGGER IF EXISTS t ON identities;",
    "CREATE TRIGGER t BEFORE UPDATE ON identities EXECUTE FUNCTION f(); DROP TRIGGER t ON identities;",
};
/* clang-format on */

START_TEST(what_may_be_right_is_admitted)
{
    for (int i = 0; i < LENGTH(admitted); i++)
    {
        MEM_SCOPE(scope, NULL);
        Ahead ahead = ahead_open(scope);

        ck_assert_msg(ahead_plan(&ahead, admitted[i]), "%s: %s", admitted[i],
                      ahead.shop->err.text);
        shop_close(ahead.shop);
    }
}
END_TEST

START_TEST(what_cannot_be_read_clouds_the_rest)
{
    MEM_SCOPE(scope, NULL);
    Ahead ahead = ahead_open(scope);

    ahead_run(&ahead,
              "SET lock_timeout = '1s'; CREATE FUNCTION f() RETURNS int "
              "LANGUAGE sql AS 'SELECT 1';",
              STATE_CONTRACTED);
    ck_assert_ptr_eq(overlay_clouded(ahead.overlay), NULL);
    ahead_run(&ahead, "DO $$ BEGIN NULL; END $$;", STATE_CONTRACTED);
    ck_assert_str_eq(overlay_clouded(ahead.overlay), "20260601_next");
    shop_close(ahead.shop);
}
END_TEST

START_TEST(a_table_is_not_dropped_under_what_depends_on_it)
{
    MEM_SCOPE(scope, NULL);
    Ahead ahead = ahead_open(scope);
    char *view = "rule _RETURN on view v";

    ahead_run(
        &ahead,
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int REFERENCES a);",
        STATE_CONTRACTED);
    ck_assert_str_eq(ahead_refusal(&ahead, "DROP TABLE a;"),
                     "m/20260601_next.sql:1: \"a\" cannot be dropped: foreign key "
                     "b_a_fkey of public.b depends on it | Drop that first, in a "
                     "statement before this one.");
    ck_assert(ahead_plan(&ahead, "DROP TABLE a, b;"));
    ck_assert(ahead_plan(&ahead, "DROP TABLE a CASCADE;"));
    ck_assert(ahead_plan(&ahead, "DROP TABLE b; DROP TABLE a;"));
    shop_close(ahead.shop);

    ahead = ahead_open(scope);
    ahead.shop->columns[1].dependents = &view;
    ahead.shop->columns[1].dependent_count = 1;
    ck_assert_ptr_nonnull(
        strstr(ahead_refusal(&ahead, "DROP TABLE identities;"), view));
    ck_assert(ahead_plan(&ahead, "DROP VIEW v; DROP TABLE identities;"));
    ahead_run(&ahead, "DROP VIEW IF EXISTS v;", STATE_CONTRACTED);
    ck_assert_int_eq(
        ahead_table(&ahead, NULL, "identities")->columns[1].dependent_count, 0);
    shop_close(ahead.shop);
}
END_TEST

START_TEST(a_step_that_was_begun_may_find_its_work_done)
{
    MEM_SCOPE(scope, NULL);
    Ahead ahead = ahead_open(scope);
    StepRecord begun = {.version = "20260601", .phase = "up", .number = 1, .hash = ""};

    ahead_refusal(&ahead, "DROP INDEX CONCURRENTLY gone;");
    ahead.history = (History){.exists = true, .steps = &begun, .step_count = 1};
    ahead_run(&ahead, "DROP INDEX CONCURRENTLY gone;", STATE_CONTRACTED);
    shop_close(ahead.shop);
}
END_TEST

START_TEST(steps_that_ran_have_their_effects_already)
{
    MEM_SCOPE(scope, NULL);
    Ahead ahead = ahead_open(scope);
    StepRecord ran = {
        .version = "20260601", .phase = "up", .number = 1, .done = true, .hash = ""};

    ahead.history = (History){.exists = true, .steps = &ran, .step_count = 1};
    ahead_run(&ahead,
              "-- migrate:up\nALTER TABLE identities ADD COLUMN email text;\nCREATE "
              "INDEX CONCURRENTLY i ON identities (email);",
              STATE_CONTRACTED);
    ck_assert_int_eq(ahead_table(&ahead, NULL, "identities")->column_count, 2);
    ck_assert_int_eq(ahead_table(&ahead, NULL, "identities")->index_count, 2);
    shop_close(ahead.shop);
}
END_TEST

UNIT("overlay", a_table_is_told_of_as_the_catalog_would,
     constraints_have_the_names_that_the_server_gives,
     facts_that_were_given_away_stay_as_they_were,
     only_the_phases_that_run_have_effects, indexes_come_and_go,
     what_is_missing_is_named_and_what_was_meant, what_may_be_right_is_admitted,
     what_cannot_be_read_clouds_the_rest,
     a_table_is_not_dropped_under_what_depends_on_it,
     a_step_that_was_begun_may_find_its_work_done,
     steps_that_ran_have_their_effects_already)
