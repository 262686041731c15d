#include "unit/shop.h"

#include <check.h>
#include <string.h>

#include "base/buf.h"
#include "core/layouts/layout.h"
#include "core/sql/sql.h"
#include "unit/sources.h"

const Caps shop_caps = {.engine = "postgres",
                        .product = "PostgreSQL",
                        .version = 150000,
                        .ident_quote = '"',
                        .ddl_in_transaction = true,
                        .concurrent_index = true,
                        .lock_nowait = true,
                        .tid_range_scan = true,
                        .sync_trigger = true};

const char shop_classic[] =
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

TableFact *
shop_add_table(Shop *shop, const char *name)
{
    TableFact *table = &shop->tables[shop->facts.table_count++];

    *table = (TableFact){.asked = {NULL, mem_copy(shop->mem, name)},
                         .name = {"public", mem_copy(shop->mem, name)},
                         .oid = 16384 + shop->facts.table_count,
                         .exists = true,
                         .kind = "r",
                         .owner = "app",
                         .rows = 12400000,
                         .heap_bytes = 2254857830,
                         .may_own = true,
                         .may_update = true,
                         .may_delete = true,
                         .access_method = "heap",
                         .columns = shop->columns,
                         .column_count = 2};
    return table;
}

ColumnFact *
shop_add_column(Shop *shop, const char *name, const char *type)
{
    ColumnFact *column = &shop->columns[shop->tables[0].column_count++];

    *column = (ColumnFact){.name = mem_copy(shop->mem, name),
                           .type = mem_copy(shop->mem, type),
                           .number = shop->tables[0].column_count};
    return column;
}

Shop *
shop_open(Mem *mem)
{
    Shop *shop = mem_new(mem, Shop);
    TableFact *identities;

    shop->mem = mem;
    shop->facts = (Facts){.caps = &shop_caps,
                          .database = "shop",
                          .user = "app",
                          .search_path = "public",
                          .tables = shop->tables,
                          .functions = shop->functions};
    shop->columns[0] = (ColumnFact){.name = "id", .type = "uuid", .number = 1};
    shop->columns[1] = (ColumnFact){.name = "email", .type = "text", .number = 2};
    shop->indexes[0] =
        (IndexFact){.name = {"public", "identities_pkey"},
                    .definition = "CREATE UNIQUE INDEX identities_pkey "
                                  "ON public.identities USING btree (id)",
                    .mentions = "1",
                    .unique = true,
                    .primary = true,
                    .constraint = true,
                    .valid = true,
                    .ready = true};
    identities = shop_add_table(shop, "identities");
    identities->indexes = shop->indexes;
    identities->index_count = 1;
    identities->constraints = shop->constraints;
    identities->triggers = shop->triggers;
    shop->request = (PlanRequest){
        .facts = &shop->facts, .caps = &shop_caps, .max_stall = 100, .batch_time = 100};
    return shop;
}

void
shop_close(Shop *shop)
{
    err_clear(&shop->err);
}

Migration *
shop_migration(Mem *mem, const char *name, const char *text)
{
    SourceFile *file = mem_new(mem, SourceFile);
    SourceFiles files = {.items = file, .count = 1};
    Migrations migrations = {0};
    Err err = {0};

    *file = source_of(mem, name, text);
    ck_assert_msg(native_folder(mem, &files, "postgres", &migrations, &err), "%s",
                  err.text);
    for (int i = 0; i < migrations.items[0].section_count; i++)
    {
        Section *section = &migrations.items[0].sections[i];

        ck_assert_msg(sql_parse(mem, section, &section->statements, &err), "%s",
                      err.text);
        section->parsed = true;
    }
    return &migrations.items[0];
}

bool
shop_plan(Shop *shop, const char *text)
{
    shop->request.migration =
        shop_migration(shop->mem, "20260515_split_email.sql", text);
    return plan_make(shop->mem, &shop->request, &shop->plan, &shop->err);
}

void
shop_planned(Shop *shop, const char *text)
{
    ck_assert_msg(shop_plan(shop, text), "%s", shop->err.text);
}

const char *
shop_refusal(Shop *shop, const char *text)
{
    ck_assert_msg(!shop_plan(shop, text), "was planned: %s", text);
    ck_assert_int_eq(shop->err.kind, ERR_REFUSED);
    return err_line(shop->mem, &shop->err);
}

const char *
shop_step(const Shop *shop, int number)
{
    Buf text = buf_begin(shop->mem);

    ck_assert_int_le(number, shop->plan.step_count);

    const Step *step = &shop->plan.steps[number - 1];

    for (int i = 0; i < step->sql_count; i++)
        buf_format(&text, "%s;\n", step->sql[i].text);
    return text.text;
}

const char *
shop_sent(const Shop *shop)
{
    Buf text = buf_begin(shop->mem);

    for (int i = 0; i < shop->plan.step_count; i++)
        buf_format(&text, "%s%s", i > 0 ? "\n" : "", shop_step(shop, i + 1));
    return text.text;
}
