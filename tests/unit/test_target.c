#include "base/secret.h"
#include "core/config/target.h"
#include "unit/unit.h"

#include <string.h>

typedef struct Case
{
    const char *given;
    const char *libpq;
    const char *shown;
} Case;

/* clang-format off */
static const Case readable[] = {
    {"postgres://u@h:5432/db", "postgresql://u@h:5432/db", "postgresql://u@h:5432/db"},
    {"postgresql://h1:1,h2:2/db?target_session_attrs=any",
     "postgresql://h1:1,h2:2/db?target_session_attrs=any",
     "postgresql://h1:1,h2:2/db?target_session_attrs=any"},
    {"pgx5://u:pw@[::1]:5432/db", "postgresql://u:pw@[::1]:5432/db", "postgresql://u:******@[::1]:5432/db"},
    {"postgres://u:p@ss@h/db", "postgresql://u:p%40ss@h/db", "postgresql://u:******@h/db"},
    {"postgres://u:p%2Fss@h/db", "postgresql://u:p%2Fss@h/db", "postgresql://u:******@h/db"},
    {"postgres://u:@h/db", "postgresql://u:@h/db", "postgresql://u:******@h/db"},
    {"postgres://kratos:secret@localhost:5432/kratos?sslmode=disable&max_conns=20&max_idle_conns=4&max_conn_lifetime=1h&x-migrations-table=m&pool_max_conns=3",
     "postgresql://kratos:secret@localhost:5432/kratos?sslmode=disable",
     "postgresql://kratos:******@localhost:5432/kratos?sslmode=disable"},
    {"postgres:///db?host=/tmp&user=u&password=top-secret",
     "postgresql:///db?host=/tmp&user=u&password=top-secret",
     "postgresql:///db?host=/tmp&user=u&password=******"},
    {"postgres:///db?socket=/var/run/postgresql", "postgresql:///db?host=/var/run/postgresql",
     "postgresql:///db?host=/var/run/postgresql"},
    {"postgres://h/db?search_path=a,b%20c", "postgresql://h/db?options=-csearch_path%3Da,b%5C%20c",
     "postgresql://h/db?options=-csearch_path%3Da,b%5C%20c"},
    {"postgres://h/db?schema=s&options=-cgeqo%3Doff", "postgresql://h/db?options=-csearch_path%3Ds%20-cgeqo%3Doff",
     "postgresql://h/db?options=-csearch_path%3Ds%20-cgeqo%3Doff"},
    {"jdbc:postgresql://h:5432/db?user=u&password=long%40pw&currentSchema=s&targetServerType=primary&prepareThreshold=0",
     "postgresql://h:5432/db?user=u&password=long%40pw&target_session_attrs=read-write&options=-csearch_path%3Ds",
     "postgresql://h:5432/db?user=u&password=******&target_session_attrs=read-write&options=-csearch_path%3Ds"},
    {"jdbc:postgresql:shop", "postgresql:///shop", "postgresql:///shop"},
    {"host=h dbname = 'my shop' password=pw1x", "host=h dbname='my shop' password=pw1x",
     "host=h dbname='my shop' password=******"},
    {"password='it\\'s \\\\ me' host=/tmp", "password='it\\'s \\\\ me' host=/tmp", "password=****** host=/tmp"},
    {"host=h password=a://b search_path=x", "host=h password=a://b options=-csearch_path=x",
     "host=h password=****** options=-csearch_path=x"},
    {"service=prod pool_max_conns=3", "service=prod", "service=prod"},
    {"shop", "shop", "shop"},
    {"", "", "libpq's environment"},
};

static const Case refused[] = {
    {"yugabyte://talos@yb:5433/talos",                         NULL, "not speak YugabyteDB"},
    {"sqlcipher://x.db",                                       NULL, "not speak an encrypted SQLite"},
    {"sqlite::memory:",                                        NULL, "in memory"},
    {"file:x.db?mode=memory",                                  NULL, "in memory"},
    {"sqlite://?_fk=1",                                        NULL, "names no file"},
    {"oracle://h/db",                                          NULL, "\"oracle\""},
    {"postgres://u:xyz/zy@h/db",                            NULL, "characters"},
    {"postgres://u:xyz?zy@h/db",                            NULL, "characters"},
    {"postgres://u:9182/7364@h/db",                                NULL, "characters"},
    {"postgres://u:xyz%zzy@h/db",                              NULL, "%25"},
    {"postgres://h/db?password",                               NULL, "parameter 1"},
    {"host=h password=xyz zy",                             NULL, "word 3"},
    {"host=h password='xyz zy",                            NULL, "not closed"},
    {"user:xyzzy@host/db",                                      NULL, "no connection string"},
    /* What golang-migrate refuses of its own parameters (test_target_x.c). */
    {"postgres://h/db?x-migrations-table=m&x-migrations-table-quoted=perhaps", NULL, "neither true nor false"},
    {"sqlite3://a.db?x-no-tx-wrap=perhaps",                                    NULL, "neither true nor false"},
    {"postgres://h/db?x-migrations-table=%22s%22.m&x-migrations-table-quoted=true", NULL, "must be quoted"},
    {"postgres://h/db?x-migrations-table=%22&x-migrations-table-quoted=1",     NULL, "must be quoted"},
    {"postgres://h/db?x-migrations-table=%22a%22.%22b%22.%22c%22&x-migrations-table-quoted=1", NULL, "must be quoted"},
    {"sqlite3://a.db?x-migrations-table",                                      NULL, "has no \"=\""},
};
/* clang-format on */

START_TEST(targets_are_read_in_every_spelling)
{
    for (int i = 0; i < LENGTH(readable); i++)
    {
        MEM_SCOPE(scope, NULL);
        Target target;
        Err err = {0};

        ck_assert_msg(target_read(scope, readable[i].given, &target, &err), "%s: %s",
                      readable[i].given, err.text);
        ck_assert_str_eq(target.engine, "postgres");
        ck_assert_str_eq(target.given, readable[i].libpq);
        ck_assert_str_eq(target.shown, readable[i].shown);
    }
}
END_TEST

/* Where nothing names it, it has its usual name: then all would run once more. */
START_TEST(a_table_may_be_named)
{
    MEM_SCOPE(scope, NULL);
    static const char *const named[] = {
        "postgres://h/db?sslmode=disable&x-migrations-table=m",
        "mysql://u:a?b@tcp(h)/db?x-migrations-table=m&tls=false",
        "sqlite3://shop.db?x-no-tx-wrap=true&x-migrations-table=%6D"};
    Target target;
    Err err = {0};

    for (int i = 0; i < LENGTH(named); i++)
    {
        ck_assert_msg(target_read(scope, named[i], &target, &err), "%s", named[i]);
        ck_assert_str_eq(target.history_table, "m");
    }
    ck_assert(target_read(scope, "postgres://h/x-migrations-table=m", &target, &err));
    ck_assert_ptr_null(target.history_table);
}
END_TEST

START_TEST(files_are_read_in_every_spelling)
{
    static const Case files[] = {
        {"sqlite:///var/lib/talos/data.db", "/var/lib/talos/data.db", NULL},
        {"sqlite:rel.db", "rel.db", NULL},
        {"sqlite://dir/rel.db?_fk=true&_busy_timeout=5000", "dir/rel.db", NULL},
        {"sqlite3:///a%20b.db", "/a b.db", NULL},
        {"sqlite://file:x.db?cache=shared", "x.db", NULL},
        {"jdbc:sqlite:/srv/shop.db", "/srv/shop.db", NULL},
        {"./data.sqlite3", "./data.sqlite3", NULL},
        {"shop.db", "shop.db", NULL},
    };

    for (int i = 0; i < LENGTH(files); i++)
    {
        MEM_SCOPE(scope, NULL);
        Target target;
        Err err = {0};

        ck_assert_msg(target_read(scope, files[i].given, &target, &err), "%s: %s",
                      files[i].given, err.text);
        ck_assert_str_eq(target.engine, "sqlite3");
        ck_assert_str_eq(target.given, files[i].libpq);
    }
}
END_TEST

START_TEST(what_is_refused_is_never_quoted)
{
    static const char *const pieces[] = {"xyz", "zy", "9182", "7364"};

    for (int i = 0; i < LENGTH(refused); i++)
    {
        MEM_SCOPE(scope, NULL);
        Target target;
        Err err = {0};

        ck_assert_msg(!target_read(scope, refused[i].given, &target, &err), "%s",
                      refused[i].given);
        ck_assert_int_eq(err.kind, ERR_USAGE);
        ck_assert_msg(strstr(err.text, refused[i].shown) != NULL, "%s", err.text);
        for (int piece = 0; piece < LENGTH(pieces); piece++)
            ck_assert_msg(strstr(err.text, pieces[piece]) == NULL, "%s", err.text);
        err_clear(&err);
    }
}
END_TEST

START_TEST(passwords_are_registered)
{
    MEM_SCOPE(scope, NULL);
    Target target;
    Err err = {0};

    ck_assert(target_read(scope, "postgres://u:p%40ssw0rd@h/db", &target, &err));
    ck_assert(target_read(scope, "host=h password='key word'", &target, &err));
    ck_assert(target_read(scope, "postgres://postgres:postgres@h/db", &target, &err));
    ck_assert_str_eq(secret_scrub(scope, "p@ssw0rd p%40ssw0rd key word postgres"),
                     "****** ****** ****** postgres");
}
END_TEST

typedef struct Variables
{
    Environment environment; /* first: get() casts back */
    const char *const *pairs;
} Variables;

static const char *
variable(const Environment *environment, const char *name)
{
    const char *const *pair = ((const Variables *)environment)->pairs;

    for (; *pair != NULL; pair += 2)
        if (strcmp(pair[0], name) == 0)
            return pair[1];
    return NULL;
}

static bool
from(Mem *mem, const char *const *pairs, Target *target, Err *err)
{
    Variables variables = {{.get = variable}, pairs};

    return target_find(mem, &variables.environment, NULL, target, err);
}

#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})

START_TEST(the_environment_is_asked_in_order)
{
    MEM_SCOPE(scope, NULL);
    Target target;
    Err err = {0};

    ck_assert(from(scope, ENV("DATABASE_URL", "postgres://h/a"), &target, &err));
    ck_assert_str_eq(target.given, "postgresql://h/a");
    ck_assert(
        from(scope, ENV("DSN", "a", "DB_DSN", "a", "DATABASE_URL", ""), &target, &err));
    ck_assert_str_eq(target.given, "a");
    ck_assert(from(scope, ENV("PGHOST", "/tmp"), &target, &err));
    ck_assert_str_eq(target.given, "");
    ck_assert(from(scope, ENV("PGHOST", "/tmp", "DSN", "b"), &target, &err));
    ck_assert_str_eq(target.given, "b");
}
END_TEST

START_TEST(an_unclear_environment_is_refused)
{
    MEM_SCOPE(scope, NULL);
    Target target;
    Err err = {0};

    ck_assert(!from(scope, ENV("DSN", "postgres://u:one1@h/a", "TALOS_DB_DSN", "b"),
                    &target, &err));
    ck_assert_str_eq(err.text, "DSN and TALOS_DB_DSN are both set and differ");
    ck_assert(!from(scope, ENV("PGUSER", "u"), &target, &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert(!from(scope, ENV("DSN", "oracle://h/a"), &target, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "in DSN: "));
    err_clear(&err);
}
END_TEST

UNIT("target", targets_are_read_in_every_spelling, a_table_may_be_named,
     files_are_read_in_every_spelling, what_is_refused_is_never_quoted,
     passwords_are_registered, the_environment_is_asked_in_order,
     an_unclear_environment_is_refused)
