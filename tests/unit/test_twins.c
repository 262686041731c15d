#include "core/sql/sql.h"
#include "unit/unit.h"

typedef struct Pair
{
    const char *old_one;
    const char *new_one;
    bool twins;
} Pair;

/* clang-format off */
static const Pair indexes[] = {
    {"CREATE INDEX a ON public.t USING btree (email)",
     "CREATE INDEX b ON public.t USING btree (new_email)", true},
    {"CREATE UNIQUE INDEX a ON public.t USING btree (lower(email) DESC, id) INCLUDE (email) WHERE (email IS NOT NULL)",
     "CREATE UNIQUE INDEX b ON public.t USING btree (lower(new_email) DESC, id) INCLUDE (new_email) WHERE (new_email IS NOT NULL)", true},
    {"CREATE UNIQUE INDEX a ON public.t USING btree (email)",
     "CREATE INDEX b ON public.t USING btree (new_email)", false},
    {"CREATE INDEX a ON public.t USING btree (email)",
     "CREATE INDEX b ON public.t USING btree (new_email DESC)", false},
    {"CREATE INDEX a ON public.t USING btree (email)",
     "CREATE INDEX b ON public.t USING btree (new_email) WHERE (new_email IS NOT NULL)", false},
    {"CREATE INDEX a ON public.t USING btree (email)",
     "CREATE INDEX b ON other.t USING btree (new_email)", false},
    {"CREATE INDEX a ON public.t USING btree (email COLLATE \"C\" text_pattern_ops)",
     "CREATE INDEX b ON public.t USING btree (new_email COLLATE \"C\" text_pattern_ops)", true},
    {"CREATE INDEX a ON public.t USING btree (email)",
     "CREATE INDEX b ON public.t USING btree (new_email text_pattern_ops)", false},
    {"CREATE INDEX a ON public.t USING gin (email, other) WITH (fastupdate=off)",
     "CREATE INDEX b ON public.t USING gin (new_email, other) WITH (fastupdate=off)", true},
    {"CREATE INDEX a ON t (email)", "not an index", false},
    {"CREATE INDEX a ON t (email)", "SELECT 1", false},
};

static const Pair constraints[] = {
    {"CHECK ((email <> ''::text))",           "CHECK ((new_email <> ''::text))",           true},
    {"CHECK ((email <> ''::text))",           "CHECK ((new_email <> ' '::text))",          false},
    {"CHECK ((email <> ''::text)) NOT VALID", "CHECK ((new_email <> ''::text))",           false},
    {"UNIQUE (email, id)",                    "UNIQUE (new_email, id)",                    true},
    {"UNIQUE (email)",                        "UNIQUE NULLS NOT DISTINCT (new_email)",     false},
    {"PRIMARY KEY (email) INCLUDE (email)",   "PRIMARY KEY (new_email) INCLUDE (new_email)", true},
    {"FOREIGN KEY (email) REFERENCES people(email) ON DELETE CASCADE",
     "FOREIGN KEY (new_email) REFERENCES people(email) ON DELETE CASCADE", true},
    {"FOREIGN KEY (email) REFERENCES people(email) ON DELETE CASCADE",
     "FOREIGN KEY (new_email) REFERENCES people(email)", false},
    {"FOREIGN KEY (email) REFERENCES people(email)",
     "FOREIGN KEY (new_email) REFERENCES people(new_email)", false},
    {"EXCLUDE USING gist (email WITH =, room WITH &&)",
     "EXCLUDE USING gist (new_email WITH =, room WITH &&)", true},
    {"CHECK (true), DROP COLUMN x",           "CHECK (true), DROP COLUMN x",               false},
};

static const Pair expressions[] = {
    {"lower(email)",                 "lower(new_email)",     true},
    {"lower((email)::text)",         "lower(new_email::text)", true},
    {"'email'::text",                "'email'::text",        true},
    {"'email'::text",                "'new_email'::text",    false},
    {"email(1)",                     "new_email(1)",         false},
    {"nextval('s'::regclass)",       "nextval('s'::regclass)", true},
    {"1 FROM x",                     "1 FROM x",             false},
    {"1; SELECT 2",                  "1; SELECT 2",          false},
};
/* clang-format on */

START_TEST(an_index_has_a_twin)
{
    for (int i = 0; i < LENGTH(indexes); i++)
        ck_assert_msg(sql_same_index(indexes[i].old_one, indexes[i].new_one, "email",
                                     "new_email") == indexes[i].twins,
                      "%s", indexes[i].new_one);
}
END_TEST

START_TEST(a_constraint_has_a_twin)
{
    for (int i = 0; i < LENGTH(constraints); i++)
        ck_assert_msg(sql_same_constraint(constraints[i].old_one,
                                          constraints[i].new_one, "email",
                                          "new_email") == constraints[i].twins,
                      "%s", constraints[i].new_one);
}
END_TEST

START_TEST(a_default_has_a_twin)
{
    for (int i = 0; i < LENGTH(expressions); i++)
        ck_assert_msg(sql_same_expression(expressions[i].old_one,
                                          expressions[i].new_one, "email",
                                          "new_email") == expressions[i].twins,
                      "%s", expressions[i].new_one);
}
END_TEST

UNIT("twins", an_index_has_a_twin, a_constraint_has_a_twin, a_default_has_a_twin)
