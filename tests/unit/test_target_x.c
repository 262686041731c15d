#include "core/config/target.h"
#include "unit/unit.h"

#include <string.h>

typedef struct Heard
{
    const char *given;
    const char *notes[3]; /* what each of them has in it */
} Heard;

/* clang-format off */
static const Heard heard[] = {
    {"postgres://h/db?x-migrations-table=m&x-use-transaction=true&x-lock-strategy=advisory&x-lock-table=l&x-multi-statement=0", {NULL}},
    {"pgx5://h/db?x-multi-statement=true&x-statement-timeout=5&x-lock-strategy=table",
     {"server's grammar", "--max-stall", "let none run meanwhile"}},
    {"pgx://h/db?x-multi-statement-max-size=7&x-no-lock=true&x-migration-table=m",
     {"as long as its file", "\"x-no-lock\" of the address is not known", "mean \"x-migrations-table\"?"}},
    {"mysql://h/db?x-no-lock=true&x-statement-timeout=0&x-tls-ca=ca.pem&x-try-lock-timeout=3&x-force-lock=1",
     {"all the same", "--wait", "\"x-force-lock\""}},
    {"u:p@tcp(h)/db?x-no-lock=F&x-multi-statement=true", {NULL}},
    {"sqlite3://a.db?_fk=1&x-no-tx-wrap=true&x-lock-table=l", {"\"x-lock-table\""}},
    {"cockroach://h/db?x-force-lock=true&x-lock-table=schema_lock&x-max-retries=3", {"waited for"}},
    {"host=h dbname=db x-odd=1", {"\"x-odd\""}},
};
/* clang-format on */

START_TEST(each_is_honoured_or_told)
{
    for (int i = 0; i < LENGTH(heard); i++)
    {
        MEM_SCOPE(scope, NULL);
        Target target;
        Err err = {0};
        int count = 0;

        ck_assert_msg(target_read(scope, heard[i].given, &target, &err), "%s",
                      heard[i].given);
        while (count < LENGTH(heard[i].notes) && heard[i].notes[count] != NULL)
            count++;
        ck_assert_msg(target.note_count == count, "%s: %d", heard[i].given,
                      target.note_count);
        for (int j = 0; j < count; j++)
            ck_assert_msg(strstr(target.notes[j], heard[i].notes[j]) != NULL, "%s",
                          target.notes[j]);
    }
}
END_TEST

START_TEST(a_quoted_table_may_have_a_schema)
{
    MEM_SCOPE(scope, NULL);
    Target target;
    Err err = {0};

    ck_assert(target_read(scope,
                          "postgres://h/db?x-migrations-table=%22s%22.%22m%22"
                          "&x-migrations-table-quoted=true",
                          &target, &err));
    ck_assert_str_eq(target.history_schema, "s");
    ck_assert_str_eq(target.history_table, "m");
    ck_assert(target_read(scope,
                          "postgres://h/db?x-migrations-table=%22m%22"
                          "&x-migrations-table-quoted=t",
                          &target, &err));
    ck_assert_ptr_null(target.history_schema);
    ck_assert_str_eq(target.history_table, "m");
    ck_assert(!target.unwrapped);
    ck_assert(target_read(scope, "sqlite3://a.db?x-no-tx-wrap=True", &target, &err));
    ck_assert(target.unwrapped);
}
END_TEST

UNIT("target_x", each_is_honoured_or_told, a_quoted_table_may_have_a_schema)
