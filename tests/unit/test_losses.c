#include "core/plan/twins.h"

#include <string.h>

#include "unit/shop.h"
#include "unit/sources.h"
#include "unit/unit.h"

#define OLD 2
#define NEW 3

/* The shop before contract: email, and new_email that takes its place. */
static Shop *
before_contract(Mem *mem)
{
    Shop *shop = shop_open(mem);

    shop_add_column(shop, "new_email", "text");
    return shop;
}

static IndexFact *
add_index(Shop *shop, const char *name, const char *column, const char *number)
{
    IndexFact *index = &shop->indexes[shop->tables[0].index_count++];

    *index = (IndexFact){.name = {"public", mem_copy(shop->mem, name)},
                         .definition = mem_text(
                             shop->mem,
                             "CREATE UNIQUE INDEX %s ON public.identities USING btree "
                             "(lower(%s))",
                             name, column),
                         .mentions = mem_copy(shop->mem, number),
                         .unique = true,
                         .valid = true,
                         .ready = true};
    return index;
}

static ConstraintFact *
add_constraint(Shop *shop, const char *kind, const char *definition, const char *number)
{
    ConstraintFact *constraint = &shop->constraints[shop->tables[0].constraint_count++];

    *constraint = (ConstraintFact){
        .name = mem_text(shop->mem, "c%d", shop->tables[0].constraint_count),
        .kind = mem_copy(shop->mem, kind),
        .definition = mem_copy(shop->mem, definition),
        .mentions = mem_copy(shop->mem, number),
        .valid = true};
    return constraint;
}

/* What would be lost, a line each. */
static const char *
lost(const Shop *shop)
{
    Losses losses = twins_missing(shop->mem, &shop->tables[0], "email", "new_email");
    Buf text = buf_begin(shop->mem);

    buf_add(&text, "");
    for (int i = 0; i < losses.count; i++)
        buf_format(&text, "%s\n", losses.items[i]);
    return text.text;
}

START_TEST(an_index_needs_a_valid_twin)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = before_contract(scope);
    IndexFact *twin;

    add_index(shop, "by_email", "email", "2");
    ck_assert_str_eq(lost(shop),
                     "index \"by_email\" of \"email\" has no twin on \"new_email\"\n");
    twin = add_index(shop, "by_new", "new_email", "3");
    ck_assert_str_eq(lost(shop), "");
    twin->valid = false;
    ck_assert_ptr_nonnull(strstr(lost(shop), "by_email"));
    twin->valid = true;
    shop->indexes[1].replica_identity = true;
    ck_assert_ptr_nonnull(strstr(lost(shop), "by_email"));
    shop->indexes[1].valid = shop->indexes[1].replica_identity = false;
    twin->definition =
        "CREATE INDEX by_new ON public.identities USING btree (new_email)";
    ck_assert_str_eq(lost(shop), "");
    shop_close(shop);
}
END_TEST

START_TEST(a_check_and_a_key_need_a_twin_and_the_proof_none)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = before_contract(scope);

    add_constraint(shop, "c", "CHECK ((email <> ''::text))", "2");
    ck_assert_str_eq(lost(shop),
                     "check \"c1\" of \"email\" has no twin on \"new_email\"\n");
    add_constraint(shop, "c", "CHECK ((new_email <> ''::text))", "3");
    ck_assert_str_eq(lost(shop), "");
    add_constraint(shop, "f", "FOREIGN KEY (email) REFERENCES people(email)", "2");
    ck_assert_str_eq(lost(shop),
                     "foreign key \"c3\" of \"email\" has no twin on \"new_email\"\n");
    shop->constraints[2].name = "pgstride_proof_identities_13c73513";
    ck_assert_str_eq(lost(shop), "");
    shop_close(shop);
}
END_TEST

START_TEST(a_key_of_another_table_can_have_no_twin)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = before_contract(scope);

    add_constraint(shop, "f", "FOREIGN KEY (mail) REFERENCES identities(email)", "2")
        ->incoming = true;
    ck_assert_ptr_nonnull(strstr(lost(shop), "foreign key of another table \"c1\""));
    shop_close(shop);
}
END_TEST

START_TEST(a_trigger_on_the_old_column_is_in_the_way)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = before_contract(scope);
    static char *columns[] = {"email"};

    shop->triggers[0] = (TriggerFact){
        .name = "watch", .enabled = "O", .columns = columns, .column_count = 1};
    shop->tables[0].trigger_count = 1;
    ck_assert_str_eq(lost(shop),
                     "trigger \"watch\" of \"email\" has no twin on \"new_email\"\n");
    shop->triggers[0].column_count = 0;
    ck_assert_str_eq(lost(shop), "");
    shop_close(shop);
}
END_TEST

START_TEST(what_hangs_on_the_column_itself_is_compared)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = before_contract(scope);
    ColumnFact *old = &shop->columns[OLD - 1];
    ColumnFact *new = &shop->columns[NEW - 1];

    old->default_sql = "lower('X'::text)";
    old->grants = "{app=r/owner}";
    old->comment = "where to write to";
    old->in_statistics = old->published = true;
    ck_assert_str_eq(lost(shop),
                     "the default of \"email\" has no twin on \"new_email\"\n"
                     "the column grants of \"email\" has no twin on \"new_email\"\n"
                     "extended statistics of \"email\" has no twin on \"new_email\"\n"
                     "a publication's column list of \"email\" has no twin on "
                     "\"new_email\"\n"
                     "the comment of \"email\" has no twin on \"new_email\"\n");
    new->default_sql = "lower('X')";
    new->grants = old->grants;
    new->comment = old->comment;
    new->in_statistics = new->published = true;
    ck_assert_ptr_nonnull(strstr(lost(shop), "the default"));
    new->default_sql = old->default_sql;
    ck_assert_str_eq(lost(shop), "");
    old->identity = true;
    ck_assert_ptr_nonnull(strstr(lost(shop), "the identity"));
    shop_close(shop);
}
END_TEST

START_TEST(losses_are_refused_together_unless_they_are_accepted)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = before_contract(scope);
    const char *contract = "ALTER TABLE identities DROP COLUMN email;\n"
                           "ALTER TABLE identities RENAME COLUMN new_email TO email;\n";
    Migration *strict = shop_migration(
        scope, "1_x.sql", mem_text(scope, "-- migrate:contract\n%s", contract));
    Migration *lenient = shop_migration(
        scope, "1_x.sql",
        mem_text(scope, "-- migrate:contract allow:lost-twin:\"known\"\n%s", contract));
    Migration *dropping = shop_migration(
        scope, "1_x.sql",
        "-- migrate:contract\nALTER TABLE identities DROP COLUMN email;\n");

    shop->columns[OLD - 1].comment = "x";
    add_index(shop, "by_email", "email", "2");
    ck_assert(!twins_check(scope, strict, &shop->facts, &shop->err));
    ck_assert_int_eq(shop->err.kind, ERR_REFUSED);
    ck_assert_ptr_nonnull(
        strstr(err_line(scope, &shop->err),
               "m/1_x.sql:1: contract is refused: 2 things on the old column would be "
               "lost | index \"by_email\""));
    ck_assert(twins_check(scope, lenient, &shop->facts, &shop->err));
    /* A column that nothing replaces takes what hangs on it along, as it is meant to.
     */
    ck_assert(twins_check(scope, dropping, &shop->facts, &shop->err));
    shop_close(shop);
}
END_TEST

UNIT("losses", an_index_needs_a_valid_twin,
     a_check_and_a_key_need_a_twin_and_the_proof_none,
     a_key_of_another_table_can_have_no_twin, a_trigger_on_the_old_column_is_in_the_way,
     what_hangs_on_the_column_itself_is_compared,
     losses_are_refused_together_unless_they_are_accepted)
