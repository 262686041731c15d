#include "base/secret.h"
#include "core/config/target_mysql.h"
#include "unit/unit.h"

#include <string.h>

typedef struct Case
{
    const char *given;
    const char *driver; /* what the driver is handed */
    const char *shown;
} Case;

/* clang-format off */
static const Case readable[] = {
    {"mysql://u:pw1x@h:3307/shop", "host=h port=3307 user=u password=pw1x database=shop", "mysql://u:******@h:3307/shop"},
    {"mariadb://h/shop", "host=h database=shop", "mysql://h/shop"},
    {"maria://u@[::1]:3306/shop", "host=::1 port=3306 user=u database=shop", "mysql://u@[::1]:3306/shop"},
    {"mysql://u:p%40x%2F@h/shop", "host=h user=u password=p@x/ database=shop", "mysql://u:******@h/shop"},
    {"mysql://u:p@x@h/shop", "host=h user=u password=p@x database=shop", "mysql://u:******@h/shop"},
    {"mysql:///shop?socket=/run/my.sock", "database=shop socket=/run/my.sock", "mysql:///shop?socket=/run/my.sock"},
    {"mysql://talos:secret@tcp(db:3306)/talos?parseTime=true",
     "host=db port=3306 user=talos password=secret database=talos", "mysql://talos:******@db:3306/talos"},
    {"talos:s:e@c/r%t@tcp(db)/talos?tls=skip-verify",
     "host=db port=3306 user=talos password=s:e@c/r%t database=talos tls=require", "mysql://talos:******@db:3306/talos"},
    {"u@unix(/run/mysqld/mysqld.sock)/shop", "socket=/run/mysqld/mysqld.sock user=u database=shop",
     "mysql://u@/shop?socket=/run/mysqld/mysqld.sock"},
    {"u:p@tcp([fe80::1]:3307)/shop", "host=fe80::1 port=3307 user=u password=p database=shop", "mysql://u:******@[fe80::1]:3307/shop"},
    {"tcp(127.0.0.1)/", "host=127.0.0.1 port=3306", "mysql://127.0.0.1:3306/"},
    {"jdbc:mysql://h:3306/shop?user=u&password=long%20pw&useSSL=true&serverTimezone=UTC",
     "host=h port=3306 database=shop user=u password='long pw' tls=require", "mysql://u:******@h:3306/shop"},
    {"jdbc:mariadb://h/shop?sslMode=verify-full&serverSslCert=/ca.pem", "host=h database=shop tls-ca=/ca.pem tls=verify-full", "mysql://h/shop"},
    {"mysql://h/shop?ssl-mode=VERIFY_IDENTITY&ssl-ca=ca.pem&sql_mode=ANSI_QUOTES&time_zone=%2B00:00",
     "host=h database=shop tls-ca=ca.pem sql_mode=ANSI_QUOTES time_zone=+00:00 tls=verify-full", "mysql://h/shop"},
    {"mysql://h/shop?tls=preferred&max_conns=3&x-migrations-table=m&charset=utf8mb4", "host=h database=shop", "mysql://h/shop"},
    {"mysql://h/shop?tls=custom&x-tls-ca=%2Fca.pem&x-tls-cert=c.pem&x-tls-key=k.pem",
     "host=h database=shop tls-ca=/ca.pem tls-cert=c.pem tls-key=k.pem tls=verify-full", "mysql://h/shop"},
    {"mysql://h/shop?x-tls-insecure-skip-verify=true&x-tls-ca=/ca.pem&tls=custom", "host=h database=shop tls=require", "mysql://h/shop"},
    {"mysql://h/shop?x-tls-insecure-skip-verify=true&tls=true", "host=h database=shop tls=verify-full", "mysql://h/shop"},
    {"mysql://h/shop?option-file=", "host=h database=shop option-file=''", "mysql://h/shop"},
};

static const Case refused[] = {
    {"mysql://u:xyz/zy@h/db",          NULL, "no number"},
    {"mysql://u:x%zy@h/db",            NULL, "starts no code"},
    {"mysql://h1,h2/db",               NULL, "several hosts"},
    {"mysql://h/db?tls=sometimes",     NULL, "cannot be \"sometimes\""},
    {"mysql://h/db?tls=custom&x-tls-cert=c.pem", NULL, "cannot be \"custom\""},
    {"mysql://h/db?allowEverything=1&nonsense=1", NULL, "\"nonsense\""},
    {"u:xyzzy@tcp(db:port)/db",        NULL, "no number"},
    {"u:xyzzy@tcp(db:3306/db",         NULL, "no host in parentheses"},
};
/* clang-format on */

START_TEST(every_spelling_reaches_the_driver)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(readable); i++)
    {
        Target target = {.engine = "mysql"};
        Err err = {0};

        ck_assert_msg(target_mysql(scope, readable[i].given, &target, &err), "%s: %s",
                      readable[i].given, err.text);
        ck_assert_str_eq(target.given, readable[i].driver);
        ck_assert_str_eq(target.shown, readable[i].shown);
    }
}
END_TEST

START_TEST(what_cannot_be_read_is_refused_without_telling_it)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(refused); i++)
    {
        Target target = {.engine = "mysql"};
        Err err = {0};

        ck_assert_msg(!target_mysql(scope, refused[i].given, &target, &err), "%s",
                      refused[i].given);
        ck_assert_int_eq(err.kind, ERR_USAGE);
        ck_assert_msg(strstr(err.text, refused[i].shown) != NULL, "%s: %s",
                      refused[i].given, err.text);
        ck_assert_msg(strstr(err.text, "xyz") == NULL, "%s", err.text);
        err_clear(&err);
    }
}
END_TEST

START_TEST(a_password_is_a_secret_in_every_spelling)
{
    MEM_SCOPE(scope, NULL);
    static const char *const given[][2] = {
        {"mysql://u:open-sesame1@h/db", "open-sesame1"},
        {"u:open/sesame2@tcp(h)/db", "open/sesame2"},
        {"mysql://h/db?password=open-sesame3", "open-sesame3"},
        {"mysql://u:open%2Dsesame4@h/db", "open-sesame4"}};

    for (int i = 0; i < LENGTH(given); i++)
    {
        Target target = {.engine = "mysql"};
        Err err = {0};

        ck_assert(target_mysql(scope, given[i][0], &target, &err));
        ck_assert(strstr(target.shown, given[i][1]) == NULL);
        ck_assert_str_eq(secret_scrub(scope, given[i][1]), SECRET_SHOWN);
    }
}
END_TEST

UNIT("target_mysql", every_spelling_reaches_the_driver,
     what_cannot_be_read_is_refused_without_telling_it,
     a_password_is_a_secret_in_every_spelling)
