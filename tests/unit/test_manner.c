/* The ways to change a table of MySQL and MariaDB: which version knows which, and how
 * long is waited for what is sent as it stands. */
#include <string.h>

#include "run/engines/mysql/mysql.h"
#include "unit/unit.h"

typedef struct Known
{
    const char *product;
    int version;
    const char *ways; /* from the least harmful on */
} Known;

/* clang-format off */
static const Known knowns[] = {
    {"MySQL", 80028, "INSTANT; INPLACE, writes allowed; INPLACE, writers wait; COPY, writers wait; "},
    {"MySQL", 80029, "INPLACE, writes allowed; INPLACE, writers wait; COPY, writers wait; "},
    {"MySQL", 80031, "INPLACE, writes allowed; INPLACE, writers wait; COPY, writers wait; "},
    {"MySQL", 80032, "INSTANT; INPLACE, writes allowed; INPLACE, writers wait; COPY, writers wait; "},
    {"MariaDB", 101100, "INSTANT; NOCOPY, writes allowed; INPLACE, writes allowed; INPLACE, writers wait; COPY, writers wait; "},
    {"MariaDB", 110200, "INSTANT; NOCOPY, writes allowed; INPLACE, writes allowed; COPY, writes allowed; INPLACE, writers wait; COPY, writers wait; "},
};

typedef struct Written
{
    const char *text;
    bool asked;
    bool instant; /* where nothing is asked */
    bool unseen;
} Written;

static const Written writtens[] = {
    {"ALTER TABLE t ADD a int", true, false, false},
    {"ALTER TABLE t ADD INDEX (a), ALGORITHM=INPLACE, LOCK=NONE", false, false, false},
    {"alter table t add a int, algorithm = instant", false, true, false},
    {"CREATE UNIQUE INDEX i ON t (a)", true, false, false},
    {"CREATE INDEX i ON t (a) LOCK=SHARED", false, false, false},
    {"OPTIMIZE TABLE t", false, false, false},
    {"CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a = 1", false, true, false},
    {"DROP TRIGGER g", false, true, false},
    {"CREATE TABLE t (a int)", false, true, true},
    {"create table t (a int, foreign key (a) references u (id))", false, true, false},
    {"CREATE TABLE t AS SELECT * FROM u", false, true, false},
    {"LOCK TABLES t WRITE;\nDROP TRIGGER g", false, true, false},
};
/* clang-format on */

START_TEST(a_server_knows_the_ways_of_its_version)
{
    for (int i = 0; i < LENGTH(knowns); i++)
    {
        MEM_SCOPE(scope, NULL);
        Caps caps = {.product = knowns[i].product, .version = knowns[i].version};
        Buf ways = buf_begin(scope);
        const Manner *way;

        for (int j = 0; (way = mysql_manner(&caps, &j)) != NULL; j++)
            buf_format(&ways, "%s; ", way->shown);
        ck_assert_str_eq(ways.text, knowns[i].ways);
    }
}
END_TEST

START_TEST(what_is_built_is_not_thrown_away_by_a_short_wait)
{
    for (int i = 0; i < LENGTH(writtens); i++)
    {
        const Manner *written = mysql_manner_written(writtens[i].text);

        ck_assert_msg(mysql_may_ask(writtens[i].text) == writtens[i].asked, "%s",
                      writtens[i].text);
        ck_assert_msg(written->instant == writtens[i].instant, "%s", writtens[i].text);
        ck_assert_msg(written->unseen == writtens[i].unseen, "%s", writtens[i].text);
        ck_assert_str_eq(written->shown, "as written");
    }
}
END_TEST

UNIT("manner", a_server_knows_the_ways_of_its_version,
     what_is_built_is_not_thrown_away_by_a_short_wait)
