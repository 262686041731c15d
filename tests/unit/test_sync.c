#include "core/sync/sync.h"

#include <string.h>

#include "unit/unit.h"

static const Caps caps = {
    .product = "PostgreSQL", .ident_quote = '"', .sync_trigger = true};

/* The classic example: identities.email, new_email, sync:both. Tests bend it. */
typedef struct Shop
{
    Mem *mem;
    Facts facts;
    TableFact table;
    ColumnFact columns[3];
    TriggerFact triggers[1];
    FunctionFact functions[1];
    Migration migration;
    Section sections[2];
    Statement statements[3];
    Act acts[3];
    Backfill fills[2];
    Assignment assignments[2];
    Reverse reverses[1];
    const char *names[4];
    Allow allows[1];
    SyncTrigger trigger;
    Err err;
} Shop;

static SqlParsed
parsed(const char *text)
{
    return (SqlParsed){.text = text};
}

static void
shop_statement(Shop *shop, int index, Phase phase, Act act)
{
    shop->acts[index] = act;
    shop->acts[index].relation = (QName){NULL, "identities"};
    shop->statements[index] =
        (Statement){.span = {.file = "1_x.sql", .line = index + 2},
                    .acts = &shop->acts[index],
                    .act_count = 1};
    shop->sections[index] = (Section){
        .phase = phase, .statements = {.items = &shop->statements[index], .count = 1}};
}

static void
shop_fill(Shop *shop)
{
    shop->names[0] = "email";
    shop->names[1] = "new_email";
    shop->assignments[0] = (Assignment){.target = "new_email",
                                        .expression = parsed("email"),
                                        .over_new = parsed("new.email"),
                                        .plain_source = "email",
                                        .sources = &shop->names[0],
                                        .source_count = 1};
    shop->reverses[0] = (Reverse){.target = "email",
                                  .sources = &shop->names[1],
                                  .source_count = 1,
                                  .expression = parsed("new_email"),
                                  .over_new = parsed("new.new_email")};
    shop->fills[0] = (Backfill){.number = 1,
                                .table = {NULL, "identities"},
                                .assignments = shop->assignments,
                                .assignment_count = 1,
                                .where = parsed("new_email IS NULL"),
                                .where_over_new = parsed("new.new_email IS NULL"),
                                .where_columns = &shop->names[1],
                                .where_column_count = 1,
                                .sync = SYNC_BOTH,
                                .reverses = shop->reverses,
                                .reverse_count = 1,
                                .statement = &shop->statements[1],
                                .section = &shop->sections[1]};
}

static Shop *
shop_new(Mem *mem)
{
    Shop *shop = mem_new(mem, Shop);

    shop->mem = mem;
    shop->columns[0] = (ColumnFact){.name = "id", .type = "bigint", .number = 1};
    shop->columns[1] = (ColumnFact){.name = "email", .type = "text", .number = 2};
    shop->table = (TableFact){.asked = {NULL, "identities"},
                              .name = {"public", "identities"},
                              .oid = 16385,
                              .exists = true,
                              .kind = "r",
                              .columns = shop->columns,
                              .column_count = 2,
                              .triggers = shop->triggers};
    shop->facts = (Facts){.caps = &caps,
                          .search_path = "app, public",
                          .tables = &shop->table,
                          .table_count = 1,
                          .functions = shop->functions};
    shop->migration = (Migration){.version = "20260515",
                                  .label = "20260515_split_email",
                                  .sections = shop->sections,
                                  .section_count = 2};
    shop_statement(
        shop, 0, PHASE_EXPAND,
        (Act){.action = ACTION_ADD_COLUMN, .column = "new_email", .type = "text"});
    shop_statement(shop, 1, PHASE_BACKFILL, (Act){.action = ACTION_UPDATE});
    shop_fill(shop);
    return shop;
}

static bool
shop_plan(Shop *shop)
{
    SyncRequest request = {.migration = &shop->migration,
                           .facts = &shop->facts,
                           .table = &shop->facts.tables[0],
                           .fills = shop->fills,
                           .fill_count = 1};

    return sync_plan(shop->mem, &request, &shop->trigger, &shop->err);
}

static void
shop_refuses(Shop *shop, const char *because)
{
    ck_assert(!shop_plan(shop));
    ck_assert_int_eq(shop->err.kind, ERR_REFUSED);
    ck_assert_msg(strstr(shop->err.text, because) != NULL, "%s", shop->err.text);
    ck_assert_str_eq(shop->err.file, "1_x.sql");
    ck_assert_int_eq(shop->err.line, 3);
    err_clear(&shop->err);
}

static void
shop_says(Shop *shop, const char *text)
{
    ck_assert_msg(shop_plan(shop), "%s", shop->err.text);
    ck_assert_msg(strstr(shop->trigger.create[0].text, text) != NULL, "%s",
                  shop->trigger.create[0].text);
}

START_TEST(the_classic_example_reads_as_its_rules)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    ck_assert(shop_plan(shop));
    ck_assert(shop->trigger.needed);
    ck_assert_str_eq(shop->trigger.shows, "sync trigger email ⇄ new_email");
    ck_assert_str_eq(shop->trigger.title, "sync trigger on new_email");
    const char *body = strstr(shop->trigger.create[0].text, "$\nBEGIN");
    ck_assert_ptr_nonnull(body);
    ck_assert_str_eq(
        body, "$\n"
              "BEGIN\n"
              "    IF TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN\n"
              "        IF NEW.email IS NULL AND NOT (NEW.new_email IS NULL) THEN\n"
              "            NEW.email := new.new_email;\n"
              "        END IF;\n"
              "        IF NEW.new_email IS NULL THEN\n"
              "            NEW.new_email := new.email;\n"
              "        END IF;\n"
              "    ELSE\n"
              "        IF (ROW(NEW.email)::pg_catalog.record"
              " OPERATOR(pg_catalog.*<>) ROW(OLD.email))"
              " AND NOT (ROW(NEW.new_email)::pg_catalog.record"
              " OPERATOR(pg_catalog.*<>) ROW(OLD.new_email)) THEN\n"
              "            NEW.new_email := new.email;\n"
              "        END IF;\n"
              "        IF (ROW(NEW.new_email)::pg_catalog.record"
              " OPERATOR(pg_catalog.*<>) ROW(OLD.new_email))"
              " AND NOT (ROW(NEW.email)::pg_catalog.record"
              " OPERATOR(pg_catalog.*<>) ROW(OLD.email)) THEN\n"
              "            NEW.email := new.new_email;\n"
              "        END IF;\n"
              "    END IF;\n"
              "    IF new.new_email IS NULL THEN\n"
              "        NEW.new_email := new.email;\n"
              "    END IF;\n"
              "    RETURN NEW;\n"
              "END\n"
              "$pgstride$");
}
END_TEST

START_TEST(trigger_and_function_are_named_for_one_migration_and_table)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    ck_assert(shop_plan(shop));
    const char *name = shop->trigger.trigger;

    ck_assert_int_le((int)strlen(name), 63);
    ck_assert_str_eq(shop->trigger.drop[1].text,
                     mem_text(scope, "DROP FUNCTION IF EXISTS pgstride.%s()",
                              name + strlen("~pgstride_")));
    ck_assert(shop_plan(shop));
    ck_assert_str_eq(shop->trigger.trigger, name);
    shop->migration.label = "20260515_other";
    ck_assert(shop_plan(shop));
    ck_assert_str_ne(shop->trigger.trigger, name);
    shop->migration.label = "20260515_split_email";
    shop->table.name.schema = "b";
    ck_assert(shop_plan(shop));
    ck_assert_str_ne(shop->trigger.trigger, name);
    shop->migration.version =
        "a version that is longer than any name in PostgreSQL may be, by far";
    ck_assert(shop_plan(shop));
    ck_assert_int_le((int)strlen(shop->trigger.trigger), 63);
}
END_TEST

START_TEST(statements_name_the_table_and_fire_always)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    ck_assert(shop_plan(shop));
    const char *name = shop->trigger.trigger;

    ck_assert_str_eq(
        shop->trigger.create[1].text,
        mem_text(scope,
                 "CREATE TRIGGER \"%s\" BEFORE INSERT OR UPDATE ON public.identities"
                 " FOR EACH ROW EXECUTE FUNCTION pgstride.%s()",
                 name, name + strlen("~pgstride_")));
    ck_assert_str_eq(
        shop->trigger.create[2].text,
        mem_text(scope, "ALTER TABLE public.identities ENABLE ALWAYS TRIGGER \"%s\"",
                 name));
    ck_assert_str_eq(
        shop->trigger.drop[0].text,
        mem_text(scope, "DROP TRIGGER IF EXISTS \"%s\" ON public.identities", name));
    ck_assert_ptr_nonnull(strstr(shop->trigger.in_force.text, "tgenabled = 'A'"));
}
END_TEST

START_TEST(names_never_become_syntax)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    shop->names[1] = "a\"; DROP TABLE x; --$pgstride$";
    shop->assignments[0].target = shop->names[1];
    shop->acts[0].column = shop->names[1];
    shop->reverses[0].expression = parsed("\"a\"\"; DROP TABLE x; --$pgstride$\"");
    shop_says(shop, "NEW.\"a\"\"; DROP TABLE x; --$pgstride$\" := new.email;");
    ck_assert_ptr_nonnull(strstr(shop->trigger.create[0].text, " AS $pgstride1$\n"));
    shop->table.name = (QName){"Odd Schema", "My\"Table"};
    shop->table.asked = shop->fills[0].table = (QName){NULL, "My\"Table"};
    ck_assert(shop_plan(shop));
    ck_assert_ptr_nonnull(strstr(shop->trigger.create[1].text,
                                 " ON \"Odd Schema\".\"My\"\"Table\" FOR EACH ROW"));
}
END_TEST

START_TEST(only_what_is_looked_up_pays_for_a_search_path)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    ck_assert(shop_plan(shop));
    ck_assert_ptr_null(strstr(shop->trigger.create[0].text, "search_path"));
    shop->fills[0].looks_up = true;
    shop_says(shop, " SET search_path TO app, public, pg_temp AS ");
    shop->facts.search_path = "";
    shop_says(shop, " SET search_path TO pg_temp AS ");
}
END_TEST

/* Not a plain copy of one type: f may fail, and r need not give back what f took. */
START_TEST(an_expression_is_guarded_and_compared)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    shop->acts[0].type = "varchar(20)";
    shop_says(shop, "            wanted := NEW;\n"
                    "            BEGIN\n"
                    "                wanted.new_email := new.email;\n"
                    "            EXCEPTION WHEN data_exception OR"
                    " integrity_constraint_violation OR raise_exception THEN\n"
                    "                wanted.new_email := NULL;\n"
                    "            END;\n"
                    "            IF (ROW(NEW.new_email)::pg_catalog.record"
                    " OPERATOR(pg_catalog.*<>) ROW(wanted.new_email)) THEN\n"
                    "                NEW.email := new.new_email;\n"
                    "            END IF;\n");
    ck_assert_ptr_nonnull(
        strstr(shop->trigger.create[0].text, "DECLARE\n    wanted record;\n"));
}
END_TEST

/* A copy there with a way back that is none would rewrite what the sweep copies. */
START_TEST(a_way_back_of_its_own_is_never_taken_for_a_copy)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    shop->reverses[0].expression = parsed("lower(new_email)");
    shop->reverses[0].over_new = parsed("lower(new.new_email)");
    shop_says(shop, "ROW(wanted.new_email)) THEN\n"
                    "                NEW.email := lower(new.new_email);\n");
}
END_TEST

START_TEST(a_value_equal_to_its_default_was_not_given)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    shop->acts[0].expression = parsed("'(none)'::text");
    shop_says(shop, "        wanted := NEW;\n"
                    "        wanted.new_email := '(none)'::text;\n");
    shop_says(shop, "IF (NEW.new_email IS NULL OR NOT"
                    " (ROW(NEW.new_email)::pg_catalog.record"
                    " OPERATOR(pg_catalog.*<>) ROW(wanted.new_email))) THEN\n");
    shop_says(shop, "SET search_path");
}
END_TEST

START_TEST(rows_outside_the_scope_are_left_alone)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    shop->fills[0].scope_over_new = parsed("new.kind = 'a'");
    shop_says(shop, "IF (new.kind = 'a') AND NEW.email IS NULL");
    shop_says(shop, "IF (new.kind = 'a') AND NEW.new_email IS NULL THEN");
    shop_says(shop, "IF (new.kind = 'a') AND (ROW(NEW.email)");
    shop_says(shop, "IF (new.kind = 'a') AND (ROW(NEW.new_email)");
}
END_TEST

START_TEST(without_a_synced_backfill_there_is_no_trigger)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    shop->fills[0].sync = SYNC_OFF;
    ck_assert(shop_plan(shop) && !shop->trigger.needed);
    shop->fills[0].sync = SYNC_BOTH;
    shop->fills[0].is_delete = true;
    ck_assert(shop_plan(shop) && !shop->trigger.needed);
    shop->fills[0].is_delete = false;
    shop->fills[0].table.name = "orders";
    ck_assert(shop_plan(shop) && !shop->trigger.needed);
}
END_TEST

START_TEST(a_null_written_on_purpose_must_be_thought_of)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    shop->fills[0].sync = SYNC_FORWARD;
    shop->fills[0].reverse_count = 0;
    shop_refuses(shop, "may be NULL for good");

    shop->allows[0] = (Allow){"sync-null", "new code never does"};
    shop->sections[1].options.allows = shop->allows;
    shop->sections[1].options.allow_count = 1;
    ck_assert(shop_plan(shop));
    shop->sections[1].options.allow_count = 0;

    /* Contract makes it NOT NULL, under the name that it has by then. */
    shop_statement(shop, 1, PHASE_CONTRACT,
                   (Act){.action = ACTION_RENAME_COLUMN,
                         .column = "new_email",
                         .new_name = "email"});
    shop->acts[2] = (Act){.action = ACTION_SET_NOT_NULL,
                          .column = "email",
                          .relation = {"public", "identities"}};
    shop->statements[1].act_count = 2;
    ck_assert(shop_plan(shop));
    ck_assert_str_eq(shop->trigger.shows, "sync trigger email → new_email");
}
END_TEST

START_TEST(columns_that_a_trigger_cannot_follow_are_refused)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    shop->columns[1].generated = true;
    shop_refuses(shop, "\"email\": it is a generated column");
    shop->columns[1].generated = false;

    shop->acts[0].expression = parsed("gen_random_uuid()");
    shop_refuses(shop, "its default is computed");
    shop->acts[0].expression = parsed(NULL);

    shop->assignments[1] = shop->assignments[0];
    shop->fills[0].assignment_count = 2;
    shop_refuses(shop, "two synced backfills set \"new_email\"");
    shop->fills[0].assignment_count = 1;

    shop->names[2] = "email";
    shop->reverses[0].sources = &shop->names[2];
    shop_refuses(shop, "reads \"email\", which no backfill sets");
}
END_TEST

START_TEST(functions_of_the_day_are_refused_or_noted)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    shop->names[2] = "to_char";
    shop->fills[0].functions = &shop->names[2];
    shop->fills[0].function_count = 1;
    shop->functions[0] = (FunctionFact){.name = "to_char", .volatility = "s"};
    shop->facts.function_count = 1;
    ck_assert(shop_plan(shop));
    ck_assert_int_eq(shop->trigger.note_count, 1);
    ck_assert_ptr_nonnull(strstr(shop->trigger.notes[0], "\"to_char\" may depend"));
    shop->functions[0].volatility = "v";
    shop_refuses(shop, "cannot use \"to_char\": it is volatile");
}
END_TEST

START_TEST(nothing_may_run_after_the_sync_trigger)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);

    shop->table.trigger_count = 1;
    shop->triggers[0] = (TriggerFact){
        .name = "zz_touch", .enabled = "O", .before_row = true, .on_update = true};
    ck_assert(shop_plan(shop));
    ck_assert_int_eq(shop->trigger.note_count, 1);
    ck_assert_ptr_nonnull(strstr(shop->trigger.notes[0], "\"zz_touch\" runs before"));
    shop->triggers[0].name = "étouffé";
    shop_refuses(shop, "would run after the sync trigger");
    shop->triggers[0].before_row = false;
    ck_assert(shop_plan(shop));
    shop->triggers[0] = (TriggerFact){.name = "~pgstride_x", .ours = true};
    shop_refuses(shop, "of another migration");
}
END_TEST

/* Whatever has changed since expand, the way back and the way out stay open. */
START_TEST(what_was_installed_can_always_be_dropped)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_new(scope);
    SyncRequest request = {.migration = &shop->migration,
                           .facts = &shop->facts,
                           .table = &shop->table,
                           .fills = shop->fills,
                           .fill_count = 1};

    ck_assert(shop_plan(shop));
    shop->columns[1].generated = true;
    shop_refuses(shop, "generated");
    SyncTrigger installed = sync_installed(scope, &request);

    ck_assert_int_eq(installed.create_count, 0);
    ck_assert_ptr_nonnull(
        strstr(installed.drop[1].text, installed.trigger + strlen("~pgstride_")));
    ck_assert_ptr_nonnull(strstr(installed.in_force.text, installed.trigger));
    shop->fills[0].sync = SYNC_OFF;
    ck_assert(!sync_installed(scope, &request).needed);
}
END_TEST

UNIT("sync", the_classic_example_reads_as_its_rules,
     trigger_and_function_are_named_for_one_migration_and_table,
     statements_name_the_table_and_fire_always, names_never_become_syntax,
     only_what_is_looked_up_pays_for_a_search_path,
     an_expression_is_guarded_and_compared,
     a_way_back_of_its_own_is_never_taken_for_a_copy,
     a_value_equal_to_its_default_was_not_given, rows_outside_the_scope_are_left_alone,

     without_a_synced_backfill_there_is_no_trigger,
     a_null_written_on_purpose_must_be_thought_of,
     columns_that_a_trigger_cannot_follow_are_refused,
     functions_of_the_day_are_refused_or_noted, nothing_may_run_after_the_sync_trigger,
     what_was_installed_can_always_be_dropped)
