#include <string.h>

#include "unit/fills.h"
#include "unit/unit.h"

static const char classic_expand[] = "ALTER TABLE identities ADD COLUMN new_email text";
static const char classic_backfill[] =
    "UPDATE identities SET new_email = email WHERE new_email IS NULL";

START_TEST(the_classic_example)
{
    MEM_SCOPE(scope, NULL);
    Backfill *fill =
        fill_of(scope, (Given){classic_expand, classic_backfill, SYNC_BOTH, NULL});
    Assignment *one = &fill->assignments[0];

    ck_assert_str_eq(qname_show(scope, &fill->table), "identities");
    ck_assert(!fill->is_delete && !fill->only && !fill->other_relations);
    ck_assert(!fill->looks_up);
    ck_assert_int_eq(fill->number, 1);
    ck_assert_int_eq(fill->sync, SYNC_BOTH);
    ck_assert_int_eq(fill->assignment_count, 1);
    ck_assert_str_eq(one->target, "new_email");
    ck_assert_str_eq(one->plain_source, "email");
    ck_assert_str_eq(one->expression.text, "email");
    ck_assert_str_eq(one->over_new.text, "new.email");
    ck_assert_str_eq(one->over_old.text, "old.email");
    ck_assert_int_eq(one->source_count, 1);
    ck_assert_str_eq(fill->where.text, "new_email IS NULL");
    ck_assert_str_eq(fill->where_over_new.text, "new.new_email IS NULL");
    ck_assert_ptr_null(fill->scope_over_new.text);
    ck_assert_int_eq(fill->function_count, 0);
    ck_assert_int_eq(fill->reverse_count, 1);
    ck_assert_str_eq(fill->reverses[0].target, "email");
    ck_assert_str_eq(fill->reverses[0].sources[0], "new_email");
    ck_assert_str_eq(fill->reverses[0].over_new.text, "new.new_email");
    ck_assert_str_eq(sql_not_done(scope, fill, ROW_BARE, false).text,
                     "((new_email IS NULL) AND (new_email IS DISTINCT FROM (email)))");
}
END_TEST

START_TEST(an_alias_disappears)
{
    MEM_SCOPE(scope, NULL);
    Backfill *fill = fill_of(
        scope,
        (Given){.backfill = "UPDATE ONLY public.identities AS i SET new_email = "
                            "lower(i.\"E mail\") || x.y(i.a) WHERE i.new_email IS "
                            "NULL AND i.kind = 'a' AND (i.b OR i.c)"});

    ck_assert_str_eq(qname_show(scope, &fill->table), "public.identities");
    ck_assert(fill->only && fill->looks_up);
    ck_assert_str_eq(fill->assignments[0].expression.text,
                     "lower(\"E mail\") || x.y(a)");
    ck_assert_str_eq(fill->assignments[0].over_new.text,
                     "lower(new.\"E mail\") || x.y(new.a)");
    ck_assert_ptr_null(fill->assignments[0].plain_source);
    ck_assert_str_eq(fill->where.text, "new_email IS NULL AND kind = 'a' AND (b OR c)");
    ck_assert_str_eq(fill->scope_over_new.text,
                     "(new.kind = 'a') AND (new.b OR new.c)");
    ck_assert_int_eq(fill->where_column_count, 4);
    ck_assert_int_eq(fill->function_count, 2);
    ck_assert_str_eq(fill->functions[0], "lower");
    ck_assert_str_eq(fill->functions[1], "x.y");
}
END_TEST

START_TEST(qualified_names_and_lists_of_values)
{
    MEM_SCOPE(scope, NULL);
    Backfill *fill = fill_of(
        scope,
        (Given){.backfill = "UPDATE s.t SET (a, b) = (s.t.x, t.y + 1), c = DEFAULT, "
                            "d = (t.z).f WHERE t.a IS NULL"});

    ck_assert_int_eq(fill->assignment_count, 4);
    ck_assert_str_eq(fill->assignments[0].plain_source, "x");
    ck_assert_str_eq(fill->assignments[1].over_old.text, "old.y + 1");
    ck_assert(fill->assignments[2].is_default);
    ck_assert_str_eq(fill->assignments[3].over_new.text, "(new.z).f");
    ck_assert_int_eq(fill->sync, SYNC_OFF);
}
END_TEST

START_TEST(a_subquery_keeps_the_tables_own_name)
{
    MEM_SCOPE(scope, NULL);
    Backfill *fill = fill_of(
        scope,
        (Given){.backfill = "UPDATE t i SET a = (SELECT max(o.x) FROM o WHERE o.id = "
                            "i.id AND o.z = other) WHERE EXISTS (SELECT 1 FROM q i "
                            "WHERE i.b)"});

    ck_assert(fill->other_relations && fill->looks_up);
    ck_assert_str_eq(fill->assignments[0].expression.text,
                     "(SELECT max(o.x) FROM o WHERE o.id = t.id AND o.z = other)");
    ck_assert_str_eq(fill->where.text, "EXISTS (SELECT 1 FROM q i WHERE i.b)");
    ck_assert_int_eq(fill->assignments[0].source_count, 1);
    is_refused((Given){.backfill =
                           "UPDATE t i SET a = (SELECT max(x) FROM t WHERE t.id = "
                           "i.id)"},
               ERR_USAGE, 40, "the subquery reads the same table under its own name");
}
END_TEST

START_TEST(a_delete_is_a_backfill)
{
    MEM_SCOPE(scope, NULL);
    Backfill *fill = fill_of(
        scope, (Given){.backfill =
                           "DELETE FROM s.log l WHERE l.at < now() - '1 y'::interval"});

    ck_assert(fill->is_delete);
    ck_assert_int_eq(fill->assignment_count, 0);
    ck_assert_int_eq(fill->sync, SYNC_OFF);
    ck_assert_str_eq(sql_not_done(scope, fill, ROW_BARE, false).text,
                     "(at < (now() - '1 y'::interval))");
    is_refused((Given){.backfill = "DELETE FROM t", .sync = SYNC_FORWARD}, ERR_REFUSED,
               40, "a DELETE has nothing to keep level");
}
END_TEST

START_TEST(batching_is_not_written_by_hand)
{
    static const char limit[] =
        "LIMIT has no place in a backfill: pgstride does the batching";

    is_refused(
        (Given){.backfill =
                    "UPDATE t SET a = 1\nWHERE id IN (SELECT id FROM t LIMIT 9)"},
        ERR_USAGE, 41, limit);
    is_refused(
        (Given){.backfill = "UPDATE t SET a = 1\n\nWHERE ctid = ANY (ARRAY(SELECT 1))"},
        ERR_USAGE, 42,
        "a backfill cannot use system columns: pgstride does the batching");
    is_refused(
        (Given){.backfill = "UPDATE t SET a = 1 WHERE CURRENT OF c"}, ERR_USAGE, 40,
        "WHERE CURRENT OF has no place in a backfill: pgstride does the batching");
    is_refused((Given){.backfill = "WITH b AS (SELECT 1) UPDATE t SET a = 1"},
               ERR_USAGE, 40,
               "WITH has no place in a backfill: pgstride does the batching");
    is_refused((Given){.backfill = "UPDATE t SET a = 1 RETURNING id"}, ERR_USAGE, 40,
               "nobody reads what RETURNING gives");

    MEM_SCOPE(scope, NULL);
    Err *err = refusal_of(
        scope, section_of(PHASE_BACKFILL, "UPDATE t SET a = 1\n ORDER BY id LIMIT 9"));

    ck_assert_str_eq(err->text, limit);
    ck_assert_int_eq(err->line, 41);
}
END_TEST

START_TEST(what_is_no_backfill_is_said)
{
    is_refused((Given){.backfill = "SELECT 1"}, ERR_USAGE, 40,
               "a backfill is an UPDATE or a DELETE");
    is_refused((Given){.backfill = "UPDATE t SET a = o.x FROM o"}, ERR_USAGE, 40,
               "a backfill changes one table and joins no other");
    is_refused((Given){.backfill = "DELETE FROM t USING o WHERE t.x = o.x"}, ERR_USAGE,
               40, "a backfill changes one table and joins no other");
    is_refused((Given){.backfill = "UPDATE t SET a = 1, b[2] = 3"}, ERR_USAGE, 40,
               "a backfill assigns whole columns");
    is_refused((Given){.backfill = "UPDATE t SET a = 1,\n a = 2"}, ERR_USAGE, 41,
               "a column is assigned twice");
    is_refused((Given){.backfill = "UPDATE t SET (a, b) = (SELECT 1, 2)"}, ERR_USAGE,
               40, "a backfill assigns columns from a list of values");
    is_refused((Given){.backfill = "UPDATE t i SET a =\n 'ü' || f(i)"}, ERR_USAGE, 41,
               "a backfill cannot use the whole row as a value");
    is_refused((Given){.backfill = "UPDATE t SET a = f(t.*)"}, ERR_USAGE, 40,
               "a backfill cannot use the whole row as a value");
    is_refused((Given){.backfill = "UPDATE t i SET a = t.b"}, ERR_USAGE, 40,
               "a column is qualified by a name that is not the table's");
    is_refused((Given){.backfill = "UPDATE t SET a = $1"}, ERR_USAGE, 40,
               "a migration has no parameters to fill in");
    is_refused((Given){.backfill = "UPDATE t SET a = DEFAULT"}, ERR_REFUSED, 40,
               "a backfill with DEFAULT needs a WHERE");
}
END_TEST

START_TEST(sync_goes_forward_where_expand_adds_the_column)
{
    MEM_SCOPE(scope, NULL);

    ck_assert_int_eq(
        fill_of(scope, (Given){classic_expand, classic_backfill, SYNC_DEFAULT, NULL})
            ->sync,
        SYNC_FORWARD);
    ck_assert_int_eq(fill_of(scope, (Given){.backfill = classic_backfill})->sync,
                     SYNC_OFF);
    ck_assert_int_eq(
        fill_of(scope, (Given){"ALTER TABLE public.identities ADD new_email "
                               "text NOT NULL DEFAULT 'x' CHECK (true)",
                               classic_backfill, SYNC_DEFAULT, NULL})
            ->sync,
        SYNC_FORWARD);
    ck_assert_int_eq(fill_of(scope, (Given){"ALTER TABLE other ADD new_email text",
                                            classic_backfill, SYNC_DEFAULT, NULL})
                         ->sync,
                     SYNC_OFF);
    ck_assert_int_eq(
        fill_of(scope, (Given){classic_expand, classic_backfill, SYNC_OFF, NULL})->sync,
        SYNC_OFF);
}
END_TEST

START_TEST(a_sync_that_cannot_be_right_is_refused)
{
    static const char mixed[] = "UPDATE identities SET new_email = email, seen = now()";

    is_refused(
        (Given){classic_expand, mixed, SYNC_DEFAULT, NULL}, ERR_REFUSED, 40,
        "this file's expand adds some of the assigned columns, but not \"seen\"");
    is_refused((Given){classic_expand,
                       "UPDATE identities SET new_email = (SELECT x FROM o LIMIT 1)",
                       SYNC_DEFAULT, NULL},
               ERR_REFUSED, 40, "a subquery cannot be kept level: it reads other rows");
    is_refused((Given){.backfill = "UPDATE t SET a = b, b = c", .sync = SYNC_FORWARD},
               ERR_REFUSED, 40,
               "\"a\" cannot be kept level with \"b\": this backfill assigns both");
    is_refused((Given){.backfill = "UPDATE t SET a = a + 1", .sync = SYNC_FORWARD},
               ERR_REFUSED, 40,
               "\"a\" cannot be kept level with \"a\": this backfill assigns both");
    is_refused((Given){.backfill = "UPDATE t SET a = DEFAULT WHERE a IS NULL",
                       .sync = SYNC_FORWARD},
               ERR_REFUSED, 40, "\"a\" cannot be kept level with DEFAULT");
}
END_TEST

START_TEST(the_way_back_is_derived_or_said)
{
    MEM_SCOPE(scope, NULL);
    static const char split[] = "UPDATE t SET first = split_part(name, ' ', 1), "
                                "last = split_part(name, ' ', 2)";
    Backfill *fill =
        fill_of(scope, (Given){.backfill = split,
                               .sync = SYNC_BOTH,
                               .reverse = "name = concat(first, ' ', last)"});

    ck_assert_int_eq(fill->reverse_count, 1);
    ck_assert_str_eq(fill->reverses[0].target, "name");
    ck_assert_int_eq(fill->reverses[0].source_count, 2);
    ck_assert_str_eq(fill->reverses[0].over_new.text,
                     "concat(new.first, ' ', new.last)");
    ck_assert_int_eq(fill->function_count, 2);
    ck_assert_str_eq(fill->functions[1], "concat");
    is_refused((Given){.backfill = split, .sync = SYNC_BOTH}, ERR_REFUSED, 40,
               "the way back from \"first\" is not plain");
    is_refused((Given){.backfill = "UPDATE t SET a = c, b = c", .sync = SYNC_BOTH},
               ERR_REFUSED, 40, "two columns would write back to \"c\"");
    is_refused(
        (Given){.backfill = split, .sync = SYNC_FORWARD, .reverse = "name = first"},
        ERR_REFUSED, 40, "reverse: is for sync:both");
}
END_TEST

START_TEST(a_way_back_that_is_none_is_refused)
{
    static const char lower[] = "UPDATE t SET b = lower(a)";
    static const char *const pairs[][2] = {
        {"b = upper(a)", "reverse: writes \"b\", which the backfill assigns"},
        {"a = upper(c)",
         "reverse: reads no column that the backfill assigns, so nothing "
         "would ever write \"a\""},
        {"a = (SELECT b)", "reverse:\"a = (SELECT b)\" cannot be read: it is more than "
                           "assignments over one row"},
        {"a = b WHERE c", "reverse:\"a = b WHERE c\" cannot be read: it is more than "
                          "assignments over one row"},
        {"a = b; DROP TABLE t",
         "reverse:\"a = b; DROP TABLE t\" cannot be read: it is no "
         "SQL"},
        {"upper(b)", "reverse:\"upper(b)\" cannot be read: it is no SQL"}};

    for (int i = 0; i < LENGTH(pairs); i++)
        is_refused(
            (Given){.backfill = lower, .sync = SYNC_BOTH, .reverse = pairs[i][0]},
            ERR_REFUSED, 40, pairs[i][1]);
}
END_TEST

START_TEST(parentheses_that_mean_something_stay)
{
    static const char *const terms[] = {"(NOT a) IS NULL",
                                        "(a AND b)::text = 'x'",
                                        "(ARRAY[1, 2, c])[2] = 1",
                                        "(CASE WHEN a THEN d ELSE '{}' END)[1] = 1",
                                        "(a = b) BETWEEN a AND b",
                                        "(a IS DOCUMENT) IS NOT TRUE",
                                        "(e - '1 day') AT TIME ZONE 'UTC' > f",
                                        "c - (1 - c) > 2 ^ (3 ^ 2)"};

    for (int i = 0; i < LENGTH(terms); i++)
    {
        MEM_SCOPE(scope, NULL);
        const char *update = mem_text(scope, "UPDATE t SET z = 1 WHERE %s", terms[i]);
        Backfill *fill = fill_of(scope, (Given){.backfill = update});

        /* Written again in whatever way, it is what was read. */
        ck_assert_msg(sql_same_expression(fill->where.text, terms[i], "a", "a"), "%s",
                      fill->where.text);
    }
}
END_TEST

START_TEST(names_that_go_by_the_search_path_are_seen)
{
    static const char *const up[] = {"b + 1",
                                     "b::text",
                                     "lower(b)",
                                     "b COLLATE \"C\"",
                                     "CASE b WHEN 1 THEN 2 END",
                                     "b IN (1, 2)"};
    static const char *const none[] = {"b",
                                       "NULL",
                                       "COALESCE(b, c, 'x')",
                                       "pg_catalog.lower(b)",
                                       "b::integer",
                                       "CURRENT_TIMESTAMP",
                                       "b OPERATOR(pg_catalog.+) 1",
                                       "CASE WHEN b IS NULL THEN c END"};

    for (int i = 0; i < LENGTH(up) + LENGTH(none); i++)
    {
        MEM_SCOPE(scope, NULL);
        bool looks_up = i < LENGTH(up);
        const char *value = looks_up ? up[i] : none[i - LENGTH(up)];
        const char *update = mem_text(scope, "UPDATE t SET a = %s", value);

        ck_assert_msg(fill_of(scope, (Given){.backfill = update})->looks_up == looks_up,
                      "%s", value);
    }
}
END_TEST

UNIT("backfill_read", the_classic_example, parentheses_that_mean_something_stay,
     an_alias_disappears, qualified_names_and_lists_of_values,
     a_subquery_keeps_the_tables_own_name, a_delete_is_a_backfill,
     batching_is_not_written_by_hand, what_is_no_backfill_is_said,
     sync_goes_forward_where_expand_adds_the_column,
     a_sync_that_cannot_be_right_is_refused, the_way_back_is_derived_or_said,
     a_way_back_that_is_none_is_refused, names_that_go_by_the_search_path_are_seen)
