#include <string.h>

#include "core/sql/sql.h"
#include "unit/unit.h"

/* clang-format off */
static const char *const secrets[][2] = {
    {"ALTER ROLE x PASSWORD 'hunter2'",                  "ALTER ROLE x PASSWORD '********'"},
    {"create user x encrypted password E'hun\\'ter2' valid until 'y'",
     "create user x encrypted password E'********' valid until 'y'"},
    {"ALTER ROLE x PASSWORD /* new */\n  'hunter2';",    "ALTER ROLE x PASSWORD /* new */\n  '********';"},
    {"ALTER ROLE x PASSWORD $q$hunter2$q$;",             "ALTER ROLE x PASSWORD $q$********$q$;"},
    {"ALTER ROLE x PASSWORD 'hunter2",                   "ALTER ROLE x PASSWORD '********"},
    {"OPTIONS (user 'u', password 'hun''ter2', z '1')",  "OPTIONS (user 'u', password '********', z '1')"},
    {"CREATE SUBSCRIPTION s CONNECTION 'host=x password=hunter2 dbname=y' PUBLICATION p",
     "CREATE SUBSCRIPTION s CONNECTION 'host=x password=******** dbname=y' PUBLICATION p"},
    {"SELECT dblink('host=h password = ''hunter2 b'' user=x')",
     "SELECT dblink('host=h password = ''********'' user=x')"},
    {"SELECT dblink('postgres://u:hunter2@h/db?x=1', 'q')",
     "SELECT dblink('postgres://u:********@h/db?x=1', 'q')"},
    {"SELECT dblink('postgres://u:hunt@er2@h:1,h2/db')", "SELECT dblink('postgres://u:********@h:1,h2/db')"},
    {"SELECT 'https://h/?sslpassword=hunter2'",          "SELECT 'https://h/?sslpassword=********'"},
    {"DO $$ BEGIN EXECUTE 'ALTER ROLE x PASSWORD ''hun''''ter2'''; new.password = old.password; END $$;",
     "DO $$ BEGIN EXECUTE 'ALTER ROLE x PASSWORD ''********'''; new.password = old.password; END $$;"},
    {"DO $a$ BEGIN PERFORM dblink('password=hunter2 host=b'); END $a$",
     "DO $a$ BEGIN PERFORM dblink('password=******** host=b'); END $a$"},
    {"UPDATE u SET password = 'hunter2' WHERE name = 'y'", "UPDATE u SET password = '********' WHERE name = 'y'"},
    {"SELECT f(db_passwd => 'hunter2', b => 'c')",       "SELECT f(db_passwd => '********', b => 'c')"},
    {"UPDATE u SET \"password\" = 'hunter2'",            "UPDATE u SET \"password\" = '********'"},
    {"SELECT '{\"password\": \"hun\\\"ter2\", \"a\": 1}'::jsonb",
     "SELECT '{\"password\": \"********\", \"a\": 1}'::jsonb"},
    {"CREATE USER x IDENTIFIED  BY 'hunter2'",           "CREATE USER x IDENTIFIED  BY '********'"},
    {"ALTER USER x IDENTIFIED WITH p AS 'hunter2'",      "ALTER USER x IDENTIFIED WITH p AS '********'"},
    {"-- password: hunter2\nSELECT 1",                   "-- password: ********\nSELECT 1"},
    {"SELECT 'client_secret=hunter2'",                   "SELECT 'client_secret=********'"},
};

static const char *const harmless[] = {
    "", "SELECT 1", "ALTER ROLE x PASSWORD NULL", "ALTER ROLE x PASSWORD ''",
    "ALTER TABLE u ADD COLUMN password text DEFAULT 'none'",
    "COMMENT ON COLUMN u.password IS 'a hash'", "SELECT u.password, 'x' FROM u",
    "SELECT 'password='", "SELECT 'enter your password here'", "UPDATE u SET password = $1",
    "SELECT 'https://host:8080/path'", "SELECT 'a://b@c'", "SELECT passwords = 'x'",
    "SELECT compass_word('x')", "GRANT SELECT (password) ON u TO x", "SELECT 'größe'",
};
/* clang-format on */

START_TEST(secrets_become_stars)
{
    for (int i = 0; i < LENGTH(secrets); i++)
    {
        MEM_SCOPE(scope, NULL);
        const char *scrubbed = sql_scrub(scope, secrets[i][0]);

        ck_assert_str_eq(scrubbed, secrets[i][1]);
        ck_assert_str_eq(sql_scrub(scope, scrubbed), scrubbed);
    }
}
END_TEST

START_TEST(the_rest_stays_as_it_was)
{
    for (int i = 0; i < LENGTH(harmless); i++)
    {
        MEM_SCOPE(scope, NULL);

        ck_assert_str_eq(sql_scrub(scope, harmless[i]), harmless[i]);
    }
}
END_TEST

/* Logs cut statements short anywhere: no cut may bring back what was taken out. */
START_TEST(a_cut_text_shows_no_more)
{
    for (int i = 0; i < LENGTH(secrets); i++)
        for (size_t length = 0; length < strlen(secrets[i][0]); length++)
        {
            MEM_SCOPE(scope, NULL);
            const char *cut = mem_slice(scope, secrets[i][0], length);

            ck_assert_msg(strstr(sql_scrub(scope, cut), "ter2") == NULL, "%s", cut);
        }
}
END_TEST

typedef struct PlaceCase
{
    const char *text; /* the place of its '#' */
    SqlPlace place;
} PlaceCase;

START_TEST(places_are_known_in_any_text)
{
    static const PlaceCase known[] = {
        {"SELECT # 'a'", SQL_PLACE_CODE},
        {"SELECT 'a#'", SQL_PLACE_STRING},
        {"SELECT 'a''#", SQL_PLACE_STRING},
        {"SELECT 'a\\' #", SQL_PLACE_CODE},
        {"SELECT E'a\\'#'", SQL_PLACE_STRING},
        {"SELECT e'a'\n 'b\\'#'", SQL_PLACE_STRING},
        {"SELECT some'a\\'#", SQL_PLACE_CODE},
        {"SELECT \"a'#\"", SQL_PLACE_NAME},
        {"SELECT $$ ' # $$", SQL_PLACE_DOLLAR},
        {"SELECT $a$ $$ $b$ # $a$", SQL_PLACE_DOLLAR},
        {"SELECT $1 + '$' # $1", SQL_PLACE_CODE},
        {"SELECT a$b$ # $b$", SQL_PLACE_CODE},
        {"-- it's #", SQL_PLACE_LINE_COMMENT},
        {"-- it's\n#", SQL_PLACE_CODE},
        {"/* a /* b */ # */", SQL_PLACE_BLOCK_COMMENT},
        {"/* a /* b */ */ #", SQL_PLACE_CODE},
        {"1--#", SQL_PLACE_LINE_COMMENT},
        {"'/*' # '*/'", SQL_PLACE_CODE},
    };

    for (int i = 0; i < LENGTH(known); i++)
    {
        MEM_SCOPE(scope, NULL);
        SqlSpans spans = sql_token_spans(scope, known[i].text, strlen(known[i].text));
        size_t at = strcspn(known[i].text, "#");

        ck_assert_msg(sql_place_at(&spans, at) == known[i].place, "%s", known[i].text);
    }
}
END_TEST

START_TEST(what_only_looks_like_a_comment_is_none)
{
    MEM_SCOPE(scope, NULL);
    static const char text[] = "-- a\n-- b\n'c\n-- d\n'\n/*\n-- e\n*/ $$\n-- f";
    static const struct
    {
        char letter;
        SqlPlace place;
    } lines[] = {
        {'a', SQL_PLACE_LINE_COMMENT}, {'b', SQL_PLACE_LINE_COMMENT},
        {'d', SQL_PLACE_STRING},       {'e', SQL_PLACE_BLOCK_COMMENT},
        {'f', SQL_PLACE_DOLLAR},
    };
    SqlSpans spans = sql_token_spans(scope, text, strlen(text));

    for (int i = 0; i < LENGTH(lines); i++)
    {
        size_t line = (size_t)(strchr(text, lines[i].letter) - 3 - text);

        ck_assert_int_eq(sql_place_at(&spans, line), lines[i].place);
    }
    ck_assert(spans.items[spans.count - 1].open);
}
END_TEST

UNIT("scrub", secrets_become_stars, the_rest_stays_as_it_was, a_cut_text_shows_no_more,
     places_are_known_in_any_text, what_only_looks_like_a_comment_is_none)
