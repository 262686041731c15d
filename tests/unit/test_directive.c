#include "core/files/directive.h"

#include "unit/sources.h"
#include "unit/unit.h"

/* The line as line 3 of m/1_a.sql; the error as one line, or "". */
static const char *
read_line(Mem *mem, const char *text, bool first_column, Directive *directive)
{
    CommentLine line = {
        .text = text, .place = {"m/1_a.sql", 3}, .first_column = first_column};
    Err err = {0};
    bool good = directive_read(mem, &line, directive, &err);

    ck_assert(good == (err.kind == ERR_NONE));
    ck_assert(good || err.kind == ERR_USAGE);
    return err_line(mem, &err);
}

START_TEST(sections_are_opened)
{
    /* clang-format off */
    static const struct { const char *text; Phase phase; bool down; } rows[] = {
        {"-- migrate:up",             PHASE_UP,       false},
        {"-- migrate:expand",         PHASE_EXPAND,   false},
        {"-- migrate:backfill",       PHASE_BACKFILL, false},
        {"-- migrate:contract",       PHASE_CONTRACT, false},
        {"-- migrate:down",           PHASE_UP,       true},
        {"-- migrate:down expand",    PHASE_EXPAND,   true},
        {"-- migrate:down \t backfill  ", PHASE_BACKFILL, true},
        {"-- migrate:down contract transaction:false", PHASE_CONTRACT, true},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(rows); i++)
    {
        Directive directive;

        ck_assert_str_eq(read_line(scope, rows[i].text, true, &directive), "");
        ck_assert_int_eq(directive.kind, DIRECTIVE_SECTION);
        ck_assert_int_eq(directive.phase, rows[i].phase);
        ck_assert_int_eq(directive.down, rows[i].down);
    }
}
END_TEST

START_TEST(prose_is_no_directive)
{
    /* clang-format off */
    static const char *const comments[] = {
        "--", "-- ", "-- add a column", "-- migrate the users table",
        "-- migrate up the hill", "-- migration for issue 7: see there",
        "-- migrated: 2026-05-15", "-- pgstride runs this", "--+ hint", "-- up", "-- down: no",
        "-- immigrate:no", "-- rollback: DROP TABLE a", "---------- up ----------",
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(comments); i++)
    {
        Directive directive;

        ck_assert_str_eq(read_line(scope, comments[i], true, &directive), "");
        ck_assert_int_eq(directive.kind, DIRECTIVE_NONE);
        ck_assert_str_eq(read_line(scope, comments[i], false, &directive), "");
    }
}
END_TEST

START_TEST(a_typo_never_becomes_a_comment)
{
    /* clang-format off */
    static const struct { const char *text, *meant; } rows[] = {
        {"--migrate:up",             "-- migrate:up"},
        {"--  migrate:up",           "-- migrate:up"},
        {"-- Migrate:up",            "-- migrate:up"},
        {"-- MIGRATE:UP",            "-- migrate:up"},
        {"-- migrate: down expand",  "-- migrate:down expand"},
        {"-- migrate :up",           "-- migrate:up"},
        {"-- migrat:backfill sync:both", "-- migrate:backfill sync:both"},
        {"-- mirgate:contract",      "-- migrate:contract"},
        {"-- migration: up",         "-- migrate:up"},
        {"-- migrate up",            "-- migrate:up"},
        {"-- migrate down expand",   "-- migrate:down expand"},
        {"-- migrate backfill sync:both", "-- migrate:backfill sync:both"},
        {"--- migrate:up",           "-- migrate:up"},
        {"-- +goose Up",             "-- migrate:up"},
        {"-- +migrate Down",         "-- migrate:down"},
        {"--pgstride: after:24h",    "-- pgstride: after:24h"},
        {"-- PGStride: after:24h",   "-- pgstride: after:24h"},
        {"-- pgstrid: after:24h",    "-- pgstride: after:24h"},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(rows); i++)
    {
        Directive directive;

        ck_assert_str_eq(
            read_line(scope, rows[i].text, true, &directive),
            mem_text(scope,
                     "m/1_a.sql:3: this looks like a directive and is none: %s | Did "
                     "you mean \"%s\"?",
                     rows[i].text, rows[i].meant));
    }
}
END_TEST

START_TEST(a_directive_begins_in_the_first_column)
{
    MEM_SCOPE(scope, NULL);
    Directive directive;

    ck_assert_str_eq(read_line(scope, "-- migrate:up", false, &directive),
                     "m/1_a.sql:3: a directive must begin in the first column: -- "
                     "migrate:up | Did you mean \"-- migrate:up\"?");
    ck_assert_str_eq(read_line(scope, "-- pgstride: after:2d", false, &directive),
                     "m/1_a.sql:3: a directive must begin in the first column: -- "
                     "pgstride: after:2d | Did you mean \"-- pgstride: after:2d\"?");
}
END_TEST

START_TEST(a_wrong_section_names_its_cure)
{
    /* clang-format off */
    static const struct { const char *text, *says; } rows[] = {
        {"-- migrate:expnd", "unknown section \"expnd\" | Did you mean \"-- migrate:expand\"?"},
        {"-- migrate:Up", "unknown section \"Up\" | Did you mean \"-- migrate:up\"?"},
        {"-- migrate:rollback",
         "unknown section \"rollback\" | Sections are up, expand, backfill, contract, down, "
         "and down expand, down backfill, down contract."},
        {"-- migrate:", "the directive names no section | Sections are up, expand, backfill, "
         "contract, down, and down expand, down backfill, down contract."},
        {"-- migrate:down exand",
         "\"exand\" is no phase that can be taken down alone | Did you mean \"-- migrate:down expand\"?"},
        {"-- migrate:down up",
         "\"up\" is no phase that can be taken down alone | Did you mean \"-- migrate:down\"?"},
        {"-- migrate:expand backfill",
         "\"backfill\" is no option | Options are written key:value; only down names a phase."},
        {"-- migrate:down expand again",
         "\"again\" is no option | Options are written key:value."},
        {"-- migrate:up :x", "\":x\" is no option | Options are written key:value."},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(rows); i++)
    {
        Directive directive;

        ck_assert_str_eq(read_line(scope, rows[i].text, true, &directive),
                         mem_text(scope, "m/1_a.sql:3: %s", rows[i].says));
    }
}
END_TEST

START_TEST(a_wrong_option_names_its_cure)
{
    /* clang-format off */
    static const struct { const char *text, *says; } rows[] = {
        {"-- migrate:backfill snyc:both", "unknown option \"snyc\" | Did you mean \"sync\"?"},
        {"-- migrate:backfill Sync:both", "unknown option \"Sync\" | Did you mean \"sync\"?"},
        {"-- migrate:backfill colour:red", "unknown option \"colour\""},
        {"-- migrate:backfill sync:", "option \"sync\" has no value"},
        {"-- migrate:backfill sync: both", "option \"sync\" has no value"},
        {"-- migrate:backfill sync:maybe",
         "option \"sync\" cannot be \"maybe\" | It is one of off, forward, both."},
        {"-- migrate:up transaction:no",
         "option \"transaction\" cannot be \"no\" | It is one of true, false."},
        {"-- migrate:backfill triggers:off",
         "option \"triggers\" cannot be \"off\" | It is one of skip, fire."},
        {"-- migrate:backfill batch-time:100",
         "option \"batch-time\" cannot be \"100\" | It is a number above 0 with its unit: "
         "100ms, 5s, 10min, 24h, 2d."},
        {"-- migrate:backfill batch-time:0ms",
         "option \"batch-time\" cannot be \"0ms\" | It is a number above 0 with its unit: "
         "100ms, 5s, 10min, 24h, 2d."},
        {"-- migrate:backfill reverse:\"  \" sync:both", "option \"reverse\" is empty"},
        {"-- migrate:backfill reverse:\"a = b", "option \"reverse\": the quote is never closed"},
        {"-- migrate:backfill reverse:\"a\"\"", "option \"reverse\": the quote is never closed"},
        {"-- migrate:backfill reverse:\"a\"b",
         "option \"reverse\": a blank must follow the closing quote"},
        {"-- migrate:backfill reverse:a=\"b\"",
         "option \"reverse\": a value with a quote in it is quoted as a whole | Write "
         "reverse:\"...\" with \"\" for each quote inside."},
        {"-- migrate:backfill sync:both triggers:skip sync:off",
         "option \"sync\" is given twice: here and in line 3"},
        {"-- migrate:contract sync:both",
         "option \"sync\" cannot stand in a \"contract\" section | It belongs to: backfill."},
        {"-- migrate:backfill after:24h",
         "option \"after\" cannot stand in a \"backfill\" section | It belongs to: contract."},
        {"-- migrate:backfill transaction:false",
         "option \"transaction\" cannot stand in a \"backfill\" section | It belongs to: "
         "up, expand, contract, down."},
        {"-- migrate:down expand triggers:skip",
         "option \"triggers\" cannot stand in a \"down\" section | It belongs to: backfill."},
        {"-- migrate:expand window:\"sun 02:00-05:00\"",
         "window \"sun 02:00-05:00\": its time zone is missing | A window is DAYS "
         "HH:MM-HH:MM ZONE, several joined by \";\": \"sat,sun 02:00-05:00 "
         "Europe/Berlin\"."},
        {"-- migrate:backfill repeat:often",
         "option \"repeat\" cannot be \"often\" | It is one of true, false."},
        {"-- pgstride:", "the header line gives no option"},
        {"-- pgstride: made by hand", "\"made\" is no option | Options are written key:value."},
        {"-- pgstride: after:24h after:1h",
         "option \"after\" is given twice: here and in line 3"},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(rows); i++)
    {
        Directive directive;

        ck_assert_str_eq(read_line(scope, rows[i].text, true, &directive),
                         mem_text(scope, "m/1_a.sql:3: %s", rows[i].says));
    }
}
END_TEST

START_TEST(a_hazard_is_allowed_by_name_and_with_a_reason)
{
    /* clang-format off */
    static const struct { const char *text, *says; } rows[] = {
        {"-- migrate:up allow:", "option \"allow\" needs a hazard and a reason | Write "
                                 "allow:HAZARD:\"reason\"."},
        {"-- migrate:up allow:drop-column", "option \"allow\" needs a hazard and a reason | "
                                            "Write allow:HAZARD:\"reason\"."},
        {"-- migrate:up allow:drop-column:", "option \"allow\" has no value"},
        {"-- migrate:up allow:drop-column:\" \"", "option \"allow\" needs a reason"},
        {"-- migrate:up allow:drop-colum:\"it is empty\"",
         "unknown hazard \"drop-colum\" | Did you mean \"drop-column\"?"},
        {"-- migrate:up allow:drop-column:old allow:drop-column:older",
         "option \"allow:drop-column\" is given twice: here and in line 3"},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);
    Directive directive;

    for (int i = 0; i < LENGTH(rows); i++)
        ck_assert_str_eq(read_line(scope, rows[i].text, true, &directive),
                         mem_text(scope, "m/1_a.sql:3: %s", rows[i].says));
    ck_assert_str_eq(
        read_line(scope,
                  "-- migrate:up allow:drop-column:\"the \"\"old\"\" one\" "
                  "allow:lost-twin:unused",
                  true, &directive),
        "");
    ck_assert_int_eq(directive.options.count, 2);
    ck_assert_str_eq(directive.options.items[0].hazard, "drop-column");
    ck_assert_str_eq(directive.options.items[0].value, "the \"old\" one");
    ck_assert_str_eq(directive.options.items[1].value, "unused");
}
END_TEST

/* What a section of that kind is left with after header and own line. */
static SectionOptions
resolve(Mem *mem, const char *header, const char *own)
{
    Directive above = {0};
    Directive line = {0};
    Section section = {.file = "m/1_a.sql"};
    Err err = {0};

    ck_assert_str_eq(read_line(mem, header, true, &above), "");
    ck_assert_str_eq(read_line(mem, own, true, &line), "");
    section.phase = line.phase;
    section.down = line.down;
    ck_assert(options_resolve(mem, &above.options, &line.options, &section, &err));
    return section.options;
}

START_TEST(every_option_reaches_its_field)
{
    MEM_SCOPE(scope, NULL);
    SectionOptions options =
        resolve(scope, "--",
                "-- migrate:backfill sync:both reverse:\"email = lower(\"\"New\"\")\" "
                "batch-time:250ms max-stall:50ms triggers:skip");

    ck_assert_int_eq(options.sync, SYNC_BOTH);
    ck_assert_str_eq(options.reverse, "email = lower(\"New\")");
    ck_assert_int_eq(options.batch_time, 250);
    ck_assert_int_eq(options.max_stall, 50);
    ck_assert(options.triggers_skip && !options.no_transaction);

    options = resolve(scope, "--", "-- migrate:contract after:24h transaction:false");
    ck_assert_int_eq(options.after, 86400000);
    ck_assert(options.no_transaction);
    ck_assert_int_eq(options.sync, SYNC_DEFAULT);
}
END_TEST

START_TEST(a_section_wins_over_the_header)
{
    MEM_SCOPE(scope, NULL);
    const char *header = "-- pgstride: sync:both max-stall:50ms after:2d triggers:skip "
                         "allow:drop-column:\"from above\" transaction:false";
    SectionOptions options =
        resolve(scope, header,
                "-- migrate:backfill sync:off triggers:fire allow:drop-column:\"own\"");

    ck_assert_int_eq(options.sync, SYNC_OFF);
    ck_assert_int_eq(options.max_stall, 50);
    ck_assert(!options.triggers_skip);
    ck_assert_int_eq(options.allow_count, 1);
    ck_assert_str_eq(options.allows[0].reason, "own");
    /* What cannot stand in a backfill does not reach it from the header either. */
    ck_assert_int_eq(options.after, 0);
    ck_assert(!options.no_transaction);
    ck_assert_int_eq(resolve(scope, header, "-- migrate:contract").after, 172800000);
}
END_TEST

START_TEST(reverse_needs_sync_both)
{
    MEM_SCOPE(scope, NULL);
    Directive line;
    GivenOptions none = {0};
    Section section = {.phase = PHASE_BACKFILL, .file = "m/1_a.sql", .span.line = 3};
    Err err = {0};

    ck_assert_str_eq(
        read_line(scope, "-- migrate:backfill reverse:\"a = b\"", true, &line), "");
    ck_assert(!options_resolve(scope, &none, &line.options, &section, &err));
    ck_assert_str_eq(err_line(scope, &err),
                     "m/1_a.sql:3: option \"reverse\" needs sync:both");
}
END_TEST

UNIT("directive", sections_are_opened, prose_is_no_directive,
     a_typo_never_becomes_a_comment, a_directive_begins_in_the_first_column,
     a_wrong_section_names_its_cure, a_wrong_option_names_its_cure,
     a_hazard_is_allowed_by_name_and_with_a_reason, every_option_reaches_its_field,
     a_section_wins_over_the_header, reverse_needs_sync_both)
