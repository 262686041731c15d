#include "base/secret.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

typedef struct Case
{
    const char *text;
    const char *shown;
} Case;

/* clang-format off */
static const Case shapes[] = {
    {"postgres://u:pw@h/db",              "postgres://u:******@h/db"},
    {"postgres://u:p@w/?x@h:1/db?a=b",    "postgres://u:******@h:1/db?a=b"},
    {"mysql://u:p:w@tcp(h:3306)/db",      "mysql://u:******@tcp(h:3306)/db"},
    {"see postgres://u:pw@h/a and b@c",   "see postgres://u:******@h/a and b@c"},
    {"postgres://u@h/db",                 "postgres://u@h/db"},
    {"http://h:80/path",                  "http://h:80/path"},
    {"postgres://h/db?password=pw&a=b",   "postgres://h/db?password=******&a=b"},
    {"host=h password=pw dbname=d",       "host=h password=****** dbname=d"},
    {"password='a \\' b' host=h",         "password='******' host=h"},
    {"password = 'a'",                    "password = '******'"},
    {"PASSWORD=pw",                       "PASSWORD=******"},
    {"PGPASSWORD=pw psql",                "PGPASSWORD=****** psql"},
    {"sslpassword=pw",                    "sslpassword=******"},
    {"ALTER ROLE r PASSWORD 'it''s' x",   "ALTER ROLE r PASSWORD '******' x"},
    {"password E'a\\'b'",                 "password ******"},
    {"PASSWORD $x$a$$b$x$ VALID",         "PASSWORD ****** VALID"},
    {"OPTIONS (user 'u', password 'pw')", "OPTIONS (user 'u', password '******')"},
    {"PASSWORD 'open",                    "PASSWORD '******'"},
    {"CREATE USER u IDENTIFIED BY 'pw'",  "CREATE USER u IDENTIFIED BY '******'"},
    {"IDENTIFIED BY \"p\"\"w\" x",          "IDENTIFIED BY ****** x"},
    {"IDENTIFIED WITH plug BY 'pw'",      "IDENTIFIED WITH plug BY '******'"},
    {"IDENTIFIED VIA plug USING 'pw'",    "IDENTIFIED VIA plug USING '******'"},
    {"IDENTIFIED BY PASSWORD '*pw'",      "IDENTIFIED BY PASSWORD '******'"},
    {"SET PASSWORD = PASSWORD('pw')",     "SET PASSWORD = PASSWORD('******')"},
    {"MASTER_PASSWORD = 'pw', X='y'",     "MASTER_PASSWORD = '******', X='y'"},
    {"my_password=\"pw\"",                "my_password=******"},
    {"EXECUTE '... PASSWORD ''pw'' x'",   "EXECUTE '... PASSWORD '******' x'"},
    {"EXECUTE '... PASSWORD ''pw",        "EXECUTE '... PASSWORD '******'"},
    {"password='' user=x",                "password='******' user=x"},
    {"PASSWORD U&'pw' x",                 "PASSWORD ****** x"},
    {"PASSWORD /* a */ 'pw' x",            "PASSWORD /* a */ '******' x"},
    {"client_secret = 'pw', a = 'b'",     "client_secret = '******', a = 'b'"},
    {"{\"password\": \"p\\\"w\", \"a\": 1}", "{\"password\": ******, \"a\": 1}"},
    {"PASSWORD /* open",                  "PASSWORD /* open"},
    {"\"password\":",                     "\"password\":"},
    {"the secret is out",                 "the secret is out"},
    {"column \"password\" is gone",       "column \"password\" is gone"},
    {"identified by nobody",              "identified by nobody"},
    {"PASSWORD NULL",                     "PASSWORD NULL"},
    {"SET password = old_password",       "SET password = old_password"},
    {"no password supplied",              "no password supplied"},
    {"password_hash=x, my_password=y",    "password_hash=x, my_password=y"},
    {"ends with password",                "ends with password"},
    {"ends with password=",               "ends with password="},
    {"",                                  ""},
};
/* clang-format on */

START_TEST(every_shape_is_known)
{
    for (int i = 0; i < LENGTH(shapes); i++)
    {
        MEM_SCOPE(scope, NULL);

        ck_assert_str_eq(secret_scrub(scope, shapes[i].text), shapes[i].shown);
    }
    ck_assert_ptr_null(secret_scrub(NULL, NULL));
}
END_TEST

/* The byte behind the end is poisoned here, as it is nowhere in the program. */
START_TEST(nothing_is_read_behind_the_end)
{
    static const char *const ends[] = {"password",   "password=",  "password = ", "://",
                                       "password $", "password '", "password E"};

    for (int i = 0; i < LENGTH(ends); i++)
    {
        size_t size = strlen(ends[i]) + 1;
        char *text = malloc(size);

        ck_assert_ptr_nonnull(text);
        memcpy(text, ends[i], size);

        MEM_SCOPE(scope, NULL);

        ck_assert_ptr_nonnull(secret_scrub(scope, text));
        free(text);
    }
}
END_TEST

START_TEST(registered_secrets_are_found_anywhere)
{
    MEM_SCOPE(scope, NULL);

    secret_register("s3cret!");
    secret_register("s3cret!x");
    secret_register("abc"); /* too short to be told from chance */
    secret_register(NULL);
    ck_assert_str_eq(secret_scrub(scope, "(s3cret!) s3cret!x abc"),
                     "(******) ****** abc");
    secret_register("word");
    ck_assert_str_eq(secret_scrub(scope, "word sword wordy word."),
                     "****** sword wordy ******.");
}
END_TEST

START_TEST(arguments_are_hidden_in_place)
{
    MEM_SCOPE(scope, NULL);
    char verb[] = "up";
    char url[] = "postgres://u:a-long-password@h/db";
    char tight[] = "postgres://u:p@h";
    char *argv[] = {verb, url, tight, NULL};
    char **copy = secret_hide_argv(scope, 3, argv);

    ck_assert_str_eq(verb, "up");
    ck_assert_str_eq(url, "postgres://u:******@h/db");
    ck_assert_str_eq(tight, "postgres://u:***"); /* never longer than it was */
    ck_assert_str_eq(copy[1], "postgres://u:a-long-password@h/db");
    ck_assert_str_eq(copy[2], "postgres://u:p@h");
    ck_assert_ptr_null(copy[3]);
    for (size_t i = strlen(url); i < sizeof(url); i++)
        ck_assert_int_eq(url[i], '\0');
}
END_TEST

UNIT("secret", every_shape_is_known, nothing_is_read_behind_the_end,
     registered_secrets_are_found_anywhere, arguments_are_hidden_in_place)
