/* Definitions of what statements make, as the catalog spells them. */
#include "core/sql/makes.h"
#include "unit/sections.h"
#include "unit/unit.h"

typedef struct Spelled
{
    const char *statement;
    const char *definition;
} Spelled;

/* clang-format off */
static const Spelled indexes[] = {
    {"CREATE INDEX i ON t (a);", "CREATE INDEX i ON t USING btree (a)"},
    {"create unique index concurrently if not exists \"I\" on only s.\"T\" (a, \"B c\", \"user\");",
     "CREATE UNIQUE INDEX \"I\" ON ONLY s.\"T\" USING btree (a, \"B c\", \"user\")"},
    {"CREATE INDEX ON t (name, value);", "CREATE INDEX i ON t USING btree (name, value)"},
    /* More than columns. */
    {"CREATE INDEX i ON t (a DESC, b NULLS FIRST);", "CREATE INDEX i ON t USING btree (a DESC, b NULLS FIRST)"},
    {"CREATE INDEX i ON t (a COLLATE \"C\");", "CREATE INDEX i ON t USING btree (a COLLATE \"C\")"},
    {"CREATE INDEX i ON t (a text_pattern_ops);", "CREATE INDEX i ON t USING btree (a text_pattern_ops)"},
    {"CREATE INDEX i ON t (lower(a));", "CREATE INDEX i ON t USING btree (lower(a))"},
    {"CREATE INDEX i ON t (a) INCLUDE (b);", "CREATE INDEX i ON t USING btree (a) INCLUDE (b)"},
    {"CREATE INDEX i ON t (a) WHERE b;", "CREATE INDEX i ON t USING btree (a) WHERE b"},
    {"CREATE INDEX i ON t (a) WITH (fillfactor = 70);", "CREATE INDEX i ON t USING btree (a) WITH (fillfactor=70)"},
    {"CREATE INDEX i ON t (a) TABLESPACE there;", "CREATE INDEX i ON t USING btree (a) TABLESPACE there"},
    {"CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT;", "CREATE UNIQUE INDEX i ON t USING btree (a) NULLS NOT DISTINCT"},
    {"CREATE INDEX i ON t USING gin (a);", "CREATE INDEX i ON t USING gin (a)"},
};

static const Spelled constraints[] = {
    {"ALTER TABLE t ADD PRIMARY KEY (a, \"B\");", "PRIMARY KEY (a, \"B\")"},
    {"ALTER TABLE t ADD PRIMARY KEY (a) INCLUDE (b);", "PRIMARY KEY (a) INCLUDE (b)"},
    {"ALTER TABLE t ADD PRIMARY KEY (a) DEFERRABLE;", "PRIMARY KEY (a) DEFERRABLE"},
    {"ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;", "CHECK (a > 0) NOT VALID"},
    {"ALTER TABLE t ADD CONSTRAINT u UNIQUE (a);", "UNIQUE (a)"},
};
/* clang-format on */

START_TEST(an_index_is_spelled_as_the_catalog_does)
{
    for (int i = 0; i < LENGTH(indexes); i++)
    {
        MEM_SCOPE(scope, NULL);
        const Makes *makes = statements_of(scope, indexes[i].statement).items[0].makes;

        ck_assert_int_eq(makes->indexes.count, 1);
        ck_assert_str_eq(makes->indexes.items[0].fact.definition,
                         indexes[i].definition);
    }
}
END_TEST

START_TEST(a_constraint_is_spelled_as_the_catalog_does)
{
    for (int i = 0; i < LENGTH(constraints); i++)
    {
        MEM_SCOPE(scope, NULL);
        const Makes *makes =
            statements_of(scope, constraints[i].statement).items[0].makes;

        ck_assert_int_eq(makes->constraints.count, 1);
        ck_assert_str_eq(makes->constraints.items[0].fact.definition,
                         constraints[i].definition);
    }
}
END_TEST

UNIT("spell", an_index_is_spelled_as_the_catalog_does,
     a_constraint_is_spelled_as_the_catalog_does)
