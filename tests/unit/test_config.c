#include <string.h>

#include "core/config/config.h"
#include "unit/unit.h"

static bool
reads(Mem *mem, const char *text, Config *config, Err *err)
{
    return config_read(mem, "c.yml", text, strlen(text), config, err);
}

typedef struct Broken
{
    const char *text;
    int line;
    const char *said;
} Broken;

/* clang-format off */
static const Broken broken[] = {
    {"a: [1\nb: 2\n",                       2, "c.yml:2:2: no YAML: did not find expected ',' or ']'"},
    {"a:\n\tb: 2\n",                        2, "c.yml:2:1: no YAML"},
    {"a: \xff\n",                           1, "no YAML: invalid leading UTF-8 octet"},
    {"a: &x {b: *x}\n",                     1, "an alias that contains itself"},
    {"a: 1\n---\nb: 2\n",                   3, "a second document begins here"},
    {"a: 1\nb: 2\na: 3\n",                  3, "\"a\" is given twice"},
    {"? [1]\n: 2\n",                        1, "a key that is no text"},
    {"- a\n",                               1, "this is no configuration"},
    {"pgstride: 1\n",                       1, "\"pgstride\" holds flags"},
    {"pgstride:\n  dir:\n",                 2, "\"dir\" has no value"},
    {"pgstride:\n  dir: {a: b}\n",          2, "\"dir\" takes a value, not a map"},
    {"pgstride:\n  components: a\n",        2, "\"components\" is a list of maps"},
    {"pgstride:\n  components: []\n",       2, "\"components\" is a list of maps"},
    {"pgstride:\n  components: [a]\n",      2, "\"components\" holds maps"},
    {"pgstride:\n  components:\n  - {dir: a}\n",          3, "a component has no name"},
    {"pgstride:\n  components:\n  - {name: a}\n",         3, "component \"a\" has no dir"},
    {"pgstride:\n  components:\n  - {name: A, dir: a}\n", 3, "\"A\" is no name"},
    {"pgstride:\n  components:\n  - {name: a, dir: a}\n  - {name: a, dir: b}\n", 4, "\"a\" is the name of two"},
    {"pgstride:\n  components:\n  - {name: a, dir: a, layout: geese}\n", 3, "\"geese\" is a layout that"},
    {"pgstride:\n  components:\n  - {name: a, dir: a, history: theirs}\n", 3, "\"theirs\" is no history"},
    {"pgstride:\n  components:\n  - {name: a, dri: a}\n", 3, "\"dri\" is nothing that a component has"},
    {"pgstride:\n  components:\n  - {name: a, dir: {a: b}}\n", 3, "\"dir\" needs one text"},
};
/* clang-format on */

START_TEST(what_is_wrong_is_told_with_its_line)
{
    for (int i = 0; i < LENGTH(broken); i++)
    {
        MEM_SCOPE(scope, NULL);
        Config config;
        Err err = {0};

        ck_assert_msg(!reads(scope, broken[i].text, &config, &err), "%s",
                      broken[i].text);
        ck_assert_int_eq(err.kind, ERR_USAGE);
        ck_assert_str_eq(err.file, "c.yml");
        ck_assert_msg(err.line == broken[i].line, "%s: line %d", err.text, err.line);
        ck_assert_msg(strncmp(err.text, broken[i].said, strlen(broken[i].said)) == 0,
                      "%s", err.text);
        err_clear(&err);
    }
}
END_TEST

START_TEST(a_file_without_us_is_no_error)
{
    static const char *const empty[] = {"", "# nothing\n", "---\n", "pgstride:\n",
                                        "log: {level: debug}\nserve: [1, 2]\n"};

    for (int i = 0; i < LENGTH(empty); i++)
    {
        MEM_SCOPE(scope, NULL);
        Config config;
        Err err = {0};

        ck_assert_msg(reads(scope, empty[i], &config, &err), "%s", err.text);
        ck_assert_int_eq(config.settings.count, 0);
        ck_assert_int_eq(config.addresses.count, 0);
    }
}
END_TEST

START_TEST(flags_are_read_with_their_lines)
{
    MEM_SCOPE(scope, NULL);
    Config config;
    Err err = {0};

    ck_assert(reads(scope,
                    "pgstride:\n  max-stall: 50ms\n  yes: true\n  config: [a, b]\n",
                    &config, &err));
    ck_assert_int_eq(config.settings.count, 4);
    ck_assert_str_eq(config.settings.items[0].name, "max-stall");
    ck_assert_str_eq(config.settings.items[0].value, "50ms");
    ck_assert_int_eq(config.settings.items[0].line, 2);
    ck_assert_str_eq(config.settings.items[1].value, "true");
    ck_assert_str_eq(config.settings.items[3].value, "b");
}
END_TEST

/* clang-format off */
static const struct { const char *text, *key, *value; } addressed[] = {
    {"dsn: postgres://h/kratos\n",            "dsn",    "postgres://h/kratos"},
    {"db:\n  dsn: postgres://h/talos\n",      "db.dsn", "postgres://h/talos"},
    {"datasources:\n  postgres:\n    url: jdbc:postgresql://h:5432/kestra\n    username: k\n    password: p&w\n",
     "datasources.postgres.url", "jdbc:postgresql://h:5432/kestra?user=k&password=p%26w"},
    {"flyway:\n  url: jdbc:postgresql://h/f?ssl=true\n  user: u\n",
     "flyway.url", "jdbc:postgresql://h/f?ssl=true&user=u"},
    {"dsn: postgres://h/other\npgstride:\n  database: postgres://h/ours\n",
     "pgstride.database", "postgres://h/ours"},
    {"dsn: &d postgres://h/same\ndb: {dsn: *d}\n", "dsn", "postgres://h/same"},
};
/* clang-format on */

START_TEST(the_database_of_other_programs_is_found)
{
    for (int i = 0; i < LENGTH(addressed); i++)
    {
        MEM_SCOPE(scope, NULL);
        const Address *address;
        Config config;
        Err err = {0};

        ck_assert(reads(scope, addressed[i].text, &config, &err));
        ck_assert(config_address(&config, &address, &err));
        ck_assert_str_eq(address->key, addressed[i].key);
        ck_assert_str_eq(address->value, addressed[i].value);
    }
}
END_TEST

START_TEST(two_databases_are_refused)
{
    MEM_SCOPE(scope, NULL);
    const Address *address;
    Config config;
    Err err = {0};

    ck_assert(
        reads(scope, "dsn: host=a password=hush\ndb: {dsn: host=b}\n", &config, &err));
    ck_assert(!config_address(&config, &address, &err));
    ck_assert_int_eq(err.kind, ERR_USAGE);
    ck_assert_str_eq(err.text,
                     "\"db.dsn\" and \"dsn\" (line 1) name different databases");
    err_clear(&err);
}
END_TEST

START_TEST(flyway_says_where_and_in_what_order)
{
    MEM_SCOPE(scope, NULL);
    Config config;
    Err err = {0};

    ck_assert(reads(scope,
                    "flyway:\n  datasources:\n    postgres:\n"
                    "      locations: [filesystem:sql, classpath:db]\n"
                    "      out-of-order: true\n  locations: nowhere\n",
                    &config, &err));
    ck_assert_int_eq(config.settings.count, 3);
    ck_assert_str_eq(config.settings.items[0].value, "nowhere");
    ck_assert_str_eq(config.settings.items[1].name, "dir");
    ck_assert_str_eq(config.settings.items[1].value, "filesystem:sql,classpath:db");
    ck_assert_str_eq(config.settings.items[2].name, "out-of-order");
    ck_assert(config.settings.items[2].foreign);
}
END_TEST

START_TEST(components_stand_in_their_order)
{
    MEM_SCOPE(scope, NULL);
    Config config;
    Err err = {0};

    ck_assert(reads(scope,
                    "pgstride:\n  components:\n  - {name: kratos, dir: [k, l]}\n"
                    "  - {name: hydra-2, dir: h, database: 'host=x', layout: native}\n",
                    &config, &err));
    ck_assert_int_eq(config.components.count, 2);
    ck_assert_str_eq(config.components.items[0].name, "kratos");
    ck_assert_str_eq(config.components.items[0].dir, "k,l");
    ck_assert_ptr_null(config.components.items[0].database);
    ck_assert_str_eq(config.components.items[1].dir, "h");
    ck_assert_str_eq(config.components.items[1].database, "host=x");
    ck_assert_int_eq(config.components.items[1].line, 4);
}
END_TEST

START_TEST(half_a_file_never_crashes)
{
    for (int i = 0; i < LENGTH(addressed) + LENGTH(broken); i++)
    {
        const char *text =
            i < LENGTH(broken) ? broken[i].text : addressed[i - LENGTH(broken)].text;

        for (size_t length = 0; length < strlen(text); length++)
        {
            MEM_SCOPE(scope, NULL);
            Config config;
            Err err = {0};

            ck_assert(config_read(scope, "c.yml", text, length, &config, &err) ==
                      (err.kind == ERR_NONE));
            err_clear(&err);
        }
    }
}
END_TEST

UNIT("config", what_is_wrong_is_told_with_its_line, a_file_without_us_is_no_error,
     flags_are_read_with_their_lines, the_database_of_other_programs_is_found,
     two_databases_are_refused, flyway_says_where_and_in_what_order,
     components_stand_in_their_order, half_a_file_never_crashes)
