#include "core/backfill/slice.h"

#include <string.h>

#include "unit/fills.h"
#include "unit/unit.h"

static const Caps caps = {.engine = "postgres",
                          .product = "PostgreSQL",
                          .version = 150018,
                          .ident_quote = '"'};

static Slice slice = {.rest = {64, 9000},
                      .skipped = "{[3,4)}",
                      .sync_trigger = "~pgstride_sync_1_2",
                      .in_place = true,
                      .batch_ms = 75,
                      .slice_ms = 250,
                      .share = 0.05};

static const char *
call_of(Mem *mem, Given given, BatchLimits limits)
{
    Backfill *fill = fill_of(mem, given);
    const BatchJob job = {
        .caps = &caps,
        .fill = fill,
        .leaf = {mem_copy(mem, "public"), mem_copy(mem, "identities")},
        .leaf_oid = 16393,
        .part = 2,
        .not_done = {"(it's \"todo\")"},
        .component = "main",
        .version = "20260515",
        .run_id = "00000000-0000-4000-8000-000000000000"};
    SliceTerms terms = {
        .limits = limits, .filenode = 4711, .guard = sql_begin(mem, &caps)};

    sql_raw(&terms.guard, "SELECT true");

    SqlText text = slice_call(mem, &job, &slice, &terms);

    return sql_done(&text);
}

static void
says(const char *sql, const char *part)
{
    ck_assert_msg(strstr(sql, part) != NULL, "nothing of \"%s\" in:\n%s", part, sql);
}

static void
says_not(const char *sql, const char *part)
{
    ck_assert_msg(strstr(sql, part) == NULL, "\"%s\" is in:\n%s", part, sql);
}

START_TEST(a_slice_does_what_our_batches_would)
{
    MEM_SCOPE(scope, NULL);
    const Given given = {
        .expand = "ALTER TABLE identities ADD COLUMN new_email text;",
        .backfill = "UPDATE identities SET new_email = email WHERE new_email IS NULL;",
        .sync = SYNC_BOTH};
    const char *call = call_of(scope, given, (BatchLimits){.lock_ms = 30});

    says(call,
         "CALL pgstride_server.sweep(relation => 16393::pg_catalog.regclass, "
         "filenode => 4711::pg_catalog.oid, from_block => 64, to_block => 9000, "
         "change => 'UPDATE ONLY public.identities SET new_email = email WHERE ctid "
         "OPERATOR(pg_catalog.=) ANY ($1) AND (it''s \"todo\") IS TRUE "
         "RETURNING (it''s \"todo\")', guard => 'SELECT true', progress => '");
    says(call, "b.part = 2 AND b.run_id = ''00000000-0000-4000-8000-000000000000''");
    says(call, "'lock_timeout', '30'");
    says(call, "'synchronous_commit', 'off'");
    says(call, "sync_trigger => '~pgstride_sync_1_2', in_place => true, "
               "key_assigned => false, batch_ms => 75, slice_ms => 250");
    says(call, "share_percent => 5, ");
    says(call, "skipped => '{[3,4)}')");
    says_not(call, "session_replication_role");
}
END_TEST

START_TEST(a_delete_returns_nothing_and_locks_hard)
{
    MEM_SCOPE(scope, NULL);
    const Given given = {.backfill = "DELETE FROM identities WHERE email IS NULL;"};
    const char *call =
        call_of(scope, given, (BatchLimits){.durable = true, .skip_triggers = true});

    says(call, "change => 'DELETE FROM ONLY public.identities WHERE ctid");
    says(call, "IS TRUE', guard");
    says(call, "key_assigned => true");
    says(call, "'session_replication_role', 'replica'");
    says_not(call, "synchronous_commit");
}
END_TEST

START_TEST(a_short_batch_may_be_a_part_of_a_millisecond)
{
    MEM_SCOPE(scope, NULL);
    const Given given = {.backfill = "DELETE FROM identities WHERE email IS NULL;"};

    slice.batch_ms = slice.slice_ms = 0.25;
    says(call_of(scope, given, (BatchLimits){.lock_ms = 30}),
         "batch_ms => 0.25, slice_ms => 1,");
}
END_TEST

UNIT("slice", a_slice_does_what_our_batches_would,
     a_delete_returns_nothing_and_locks_hard,
     a_short_batch_may_be_a_part_of_a_millisecond)
