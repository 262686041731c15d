#include "core/plan.h"

#include <string.h>

#include "core/down.h"
#include "core/layouts/layout.h"
#include "core/sql/sql.h"
#include "unit/unit.h"

static const Caps caps = {.engine = "postgres",
                          .product = "PostgreSQL",
                          .version = 150000,
                          .ident_quote = '"',
                          .ddl_in_transaction = true,
                          .concurrent_index = true,
                          .lock_nowait = true,
                          .tid_range_scan = true,
                          .sync_trigger = true};

static const char classic[] =
    "-- migrate:expand\n"
    "ALTER TABLE identities ADD COLUMN new_email text;\n"
    "\n"
    "-- migrate:backfill sync:both\n"
    "UPDATE identities SET new_email = email WHERE new_email IS NULL;\n"
    "\n"
    "-- migrate:contract\n"
    "ALTER TABLE identities ALTER COLUMN new_email SET NOT NULL;\n"
    "ALTER TABLE identities DROP COLUMN email;\n"
    "ALTER TABLE identities RENAME COLUMN new_email TO email;\n"
    "\n"
    "-- migrate:down expand\n"
    "ALTER TABLE identities DROP COLUMN new_email;\n";

/* The shop's table as the catalog would tell it. */
static Facts *
shop_facts(Mem *mem)
{
    Facts *facts = mem_new(mem, Facts);
    TableFact *table = mem_new(mem, TableFact);

    table->columns = mem_array(mem, ColumnFact, 2);
    table->columns[0] = (ColumnFact){.name = "id", .type = "uuid", .number = 1};
    table->columns[1] = (ColumnFact){.name = "email", .type = "text", .number = 2};
    table->column_count = 2;
    table->asked = (QName){NULL, "identities"};
    table->name = (QName){"public", "identities"};
    table->oid = 16384;
    table->exists = true;
    table->kind = "r";
    table->rows = 12400000;
    table->heap_bytes = 2254857830;
    table->may_own = table->may_update = true;
    table->access_method = "heap";
    *facts = (Facts){.caps = &caps,
                     .database = "shop",
                     .user = "app",
                     .search_path = "public",
                     .tables = table,
                     .table_count = 1};
    return facts;
}

static Migration *
one_migration(Mem *mem, const char *name, const char *text)
{
    SourceFile file = {
        .name = name, .path = name, .bytes = text, .length = strlen(text)};
    SourceFiles files = {&file, 1};
    Migrations migrations = {0};
    Err err = {0};

    ck_assert_msg(layout_read(mem, &files, "postgres", &migrations, &err), "%s",
                  err.text);
    for (int i = 0; i < migrations.items[0].section_count; i++)
    {
        Section *section = &migrations.items[0].sections[i];

        ck_assert_msg(sql_parse(mem, section, &section->statements, &err), "%s",
                      err.text);
    }
    return &migrations.items[0];
}

static bool
plan_of(Mem *mem, const char *text, Plan *plan, Err *err)
{
    PlanRequest request = {.migration =
                               one_migration(mem, "20260515_split_email.sql", text),
                           .facts = shop_facts(mem),
                           .caps = &caps};

    return plan_make(mem, &request, plan, err);
}

START_TEST(the_classic_example_is_planned_as_drawn)
{
    MEM_SCOPE(scope, NULL);
    Err err = {0};
    Plan plan;

    ck_assert_msg(plan_of(scope, classic, &plan, &err), "%s", err.text);
    ck_assert_int_eq(plan.step_count, 6);

    const Step *expand = &plan.steps[0];

    ck_assert_int_eq(expand->kind, STEP_TRANSACTION);
    ck_assert_int_eq(expand->lock_count, 1);
    ck_assert_int_eq(expand->locks[0].mode, LOCK_ACCESS_EXCLUSIVE);
    ck_assert_int_gt(expand->sql_count, 2); /* the column and its trigger, together */
    ck_assert(strstr(expand->sql[0].text, "ADD COLUMN new_email") != NULL);
    ck_assert(expand->last);
    ck_assert(!expand->completes);

    ck_assert_int_eq(plan.steps[1].kind, STEP_BACKFILL);
    ck_assert_int_eq(plan.steps[2].kind, STEP_ANALYZE);
    ck_assert_str_eq(plan.steps[2].sql[0].text, "ANALYZE identities (new_email)");

    ck_assert(strstr(plan.steps[3].sql[0].text, "NOT VALID") != NULL);
    ck_assert_ptr_nonnull(plan.steps[3].probe.text);
    ck_assert_int_eq(plan.steps[4].kind, STEP_VALIDATE);

    const Step *swap = &plan.steps[5];

    ck_assert(swap->irreversible);
    ck_assert(strstr(swap->sql[0].text, "SET NOT NULL") != NULL);
    ck_assert(strstr(swap->sql[swap->sql_count - 1].text, "RENAME COLUMN") != NULL);
    ck_assert(strstr(swap->sql[swap->sql_count - 2].text, "DROP COLUMN email") != NULL);
}
END_TEST

START_TEST(names_that_vanish_and_survive_are_computed)
{
    MEM_SCOPE(scope, NULL);
    Err err = {0};
    Plan plan;

    ck_assert(plan_of(scope, classic, &plan, &err));
    ck_assert_int_eq(plan.vanishing_count, 1);
    ck_assert_str_eq(plan.vanishing[0], "new_email");
    ck_assert_int_eq(plan.surviving_count, 1);
    ck_assert_str_eq(plan.surviving[0], "email");
}
END_TEST

START_TEST(the_same_text_gives_the_same_steps)
{
    MEM_SCOPE(scope, NULL);
    Err err = {0};
    Plan one;
    Plan two;

    ck_assert(plan_of(scope, classic, &one, &err));
    ck_assert(plan_of(scope, classic, &two, &err));
    for (int i = 0; i < one.step_count; i++)
        ck_assert_str_eq(one.steps[i].hash, two.steps[i].hash);
    for (int i = 1; i < one.step_count; i++)
        ck_assert_str_ne(one.steps[i].hash, one.steps[i - 1].hash);
}
END_TEST

START_TEST(set_not_null_is_proven_before_it_is_set)
{
    MEM_SCOPE(scope, NULL);
    Err err = {0};
    Plan plan;

    ck_assert(plan_of(scope,
                      "ALTER TABLE identities ALTER COLUMN email SET NOT NULL;\n",
                      &plan, &err));
    ck_assert_int_eq(plan.step_count, 3);
    ck_assert(strstr(plan.steps[0].sql[0].text, "NOT VALID") != NULL);
    ck_assert_int_eq(plan.steps[1].kind, STEP_VALIDATE);
    ck_assert_int_eq(plan.steps[2].sql_count, 2);
    ck_assert(strstr(plan.steps[2].sql[0].text, "SET NOT NULL") != NULL);
    ck_assert(strstr(plan.steps[2].sql[1].text, "DROP CONSTRAINT") != NULL);
    ck_assert(plan.steps[2].completes);
}
END_TEST

START_TEST(an_index_is_built_concurrently)
{
    MEM_SCOPE(scope, NULL);
    Err err = {0};
    Plan plan;

    ck_assert(plan_of(scope, "CREATE INDEX IF NOT EXISTS i ON identities (email);\n",
                      &plan, &err));
    ck_assert_int_eq(plan.step_count, 1);
    ck_assert_int_eq(plan.steps[0].kind, STEP_INDEX_BUILD);
    ck_assert_str_eq(plan.steps[0].sql[0].text,
                     "CREATE INDEX CONCURRENTLY i ON identities USING btree (email)");
}
END_TEST

START_TEST(a_rename_in_expand_is_refused_with_its_line)
{
    MEM_SCOPE(scope, NULL);
    Err err = {0};
    Plan plan;

    ck_assert(!plan_of(scope,
                       "-- migrate:expand\n\n"
                       "ALTER TABLE identities RENAME COLUMN email TO mail;\n",
                       &plan, &err));
    ck_assert_int_eq(err.kind, ERR_REFUSED);
    ck_assert_int_eq(err.line, 3);
    ck_assert_ptr_nonnull(err.hint);
    err_clear(&err);
}
END_TEST

START_TEST(a_new_table_has_no_hazards_and_no_locks)
{
    MEM_SCOPE(scope, NULL);
    Err err = {0};
    Plan plan;

    ck_assert_msg(plan_of(scope,
                          "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\n"
                          "CREATE INDEX orders_note ON orders (note);\n"
                          "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n",
                          &plan, &err),
                  "%s", err.text);
    ck_assert_int_eq(plan.step_count, 1);
    ck_assert_int_eq(plan.steps[0].sql_count, 3);
    ck_assert_int_eq(plan.steps[0].lock_count, 0);
}
END_TEST

START_TEST(down_without_a_section_uses_the_recorded_undo)
{
    MEM_SCOPE(scope, NULL);
    Err err = {0};
    Plan plan;
    PlanRequest request = {
        .migration = one_migration(scope, "1_role.sql",
                                   "ALTER TABLE identities ADD COLUMN role text;\n"),
        .facts = shop_facts(scope),
        .caps = &caps};
    StepRecord step = {.version = "1",
                       .phase = "up",
                       .number = 1,
                       .kind = "transaction",
                       .title = "ADD COLUMN role",
                       .done = true,
                       .sql = "",
                       .undo = "ALTER TABLE identities DROP COLUMN IF EXISTS role"};
    MigrationRecord record = {.version = "1", .state = "contracted", .how = "run"};
    History history = {.exists = true,
                       .steps = &step,
                       .step_count = 1,
                       .migrations = &record,
                       .migration_count = 1};

    ck_assert_msg(down_plan(scope, &request, &history, &plan, &err), "%s", err.text);
    ck_assert_int_eq(plan.step_count, 1);
    ck_assert(plan.steps[0].undoes);
    ck_assert_int_eq(plan.steps[0].left, STATE_PENDING);
    ck_assert_str_eq(plan.steps[0].sql[0].text, step.undo);

    step.undo = NULL;
    ck_assert(!down_plan(scope, &request, &history, &plan, &err));
    ck_assert_int_eq(err.kind, ERR_REFUSED);
    ck_assert_ptr_nonnull(err.hint);
    err_clear(&err);
}
END_TEST

START_TEST(a_contracted_migration_needs_its_own_way_back)
{
    MEM_SCOPE(scope, NULL);
    Err err = {0};
    Plan plan;
    PlanRequest request = {.migration = one_migration(scope, "1_split.sql", classic),
                           .facts = shop_facts(scope),
                           .caps = &caps};
    MigrationRecord record = {.version = "1", .state = "contracted", .how = "run"};
    History history = {.exists = true, .migrations = &record, .migration_count = 1};

    ck_assert(!down_plan(scope, &request, &history, &plan, &err));
    ck_assert_int_eq(err.kind, ERR_REFUSED);
    ck_assert(strstr(err.hint, "migrate:down contract") != NULL);
    err_clear(&err);
}
END_TEST

UNIT("plan", the_classic_example_is_planned_as_drawn,
     names_that_vanish_and_survive_are_computed, the_same_text_gives_the_same_steps,
     set_not_null_is_proven_before_it_is_set, an_index_is_built_concurrently,
     a_rename_in_expand_is_refused_with_its_line,
     a_new_table_has_no_hazards_and_no_locks,
     down_without_a_section_uses_the_recorded_undo,
     a_contracted_migration_needs_its_own_way_back)
