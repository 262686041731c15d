#include "core/doctor.h"

#include <string.h>

#include "unit/unit.h"

typedef struct Case
{
    const char *what;
    CatalogFind find;
    HistoryFind row;
    bool hidden;
    const char *kind; /* NULL: healthy */
    const char *mend;
} Case;

#define ON_T .table = "t", .table_schema = "public", .table_name = "t", .may_mend = true
#define SYNC                                                                           \
    .object = "\"~pgstride_s\"", .definition = "sync_20260101_0123456789ab",           \
    .has_function = true, ON_T
#define OF_1 .component = "main", .version = "20260101", .token = "20260101"
#define OPEN                                                                           \
    {                                                                                  \
        .kind = "open", OF_1, .what = "expanded"                                       \
    }
#define DROP "DROP TRIGGER \"~pgstride_s\" ON t"

/* clang-format off */
static const Case cases[] = {
    {"an index",                  {.kind = "index-ready", .object = "i", .mend = "DROP INDEX CONCURRENTLY i", ON_T}, OPEN, false, "index-ready", "DROP INDEX CONCURRENTLY i"},
    {"a trigger that is needed",  {.kind = "sync", SYNC},          OPEN, false, NULL, NULL},
    {"nobody needs it",           {.kind = "sync", SYNC},          {.kind = "open", .component = "main", .version = "2", .token = "2"}, false, "sync-orphan", DROP},
    {"disabled, and needed",      {.kind = "sync-disabled", SYNC, .mend = "ALTER TABLE t ENABLE"}, OPEN, false, "sync-disabled", "ALTER TABLE t ENABLE"},
    {"disabled, and not needed",  {.kind = "sync-disabled", SYNC}, {.kind = "none", OF_1}, false, "sync-orphan", DROP},
    {"a child without one",       {.kind = "sync-missing", SYNC, .mend = "CREATE TRIGGER"}, OPEN, false, "sync-missing", "CREATE TRIGGER"},
    {"nor does it need one",      {.kind = "sync-missing", SYNC, .mend = "CREATE TRIGGER"}, {.kind = "none", OF_1}, false, NULL, NULL},
    {"a child that went",         {.kind = "sync-stray", SYNC}, OPEN, false, "sync-stray", DROP},
    {"without a function, needed", {.kind = "trigger", .object = "`t_insert`", .definition = "t_insert", .mend = "DROP", ON_T}, {.kind = "needs", OF_1, .what = "t_insert"}, false, NULL, NULL},
    {"without one, and not",      {.kind = "trigger", .object = "`t_insert`", .definition = "t_insert", .mend = "DROP", ON_T}, {.kind = "needs", OF_1, .what = "t_update"}, false, "sync-orphan", "DROP"},
    {"a damaged file",            {.kind = "damaged", .object = "the file", .definition = "malformed"}, OPEN, false, "damaged", "put a backup back, or save what can be read: sqlite3 FILE .recover"},
    {"no history to ask",         {.kind = "sync", SYNC},          {.kind = "none", OF_1}, true, NULL, NULL},
    {"a function left",           {.kind = "sync-function", .object = "f", .definition = "sync_3_0", .mend = "DROP"}, OPEN, false, "sync-function", "DROP"},
    {"a trigger was dropped",     {.kind = "sync-function", SYNC}, OPEN, false, "sync-lost", "begin again: pgstride down, then pgstride up"},
    {"gone with the extension",   {.kind = "nothing"}, {.kind = "sync-lost", OF_1, .what = "sync trigger on n"}, false, "sync-lost", "begin again: pgstride down, then pgstride up"},
    {"a proof, and a phase open", {.kind = "proof", .object = "c", ON_T}, {.kind = "partial", OF_1, .what = "contract", .busy = true}, false, NULL, NULL},
    {"a proof left",              {.kind = "proof", .object = "c", .mend = "DROP", ON_T}, OPEN, false, "proof", "DROP"},
    {"a backfill stands still",   {.kind = "nothing"}, {.kind = "backfill", OF_1, .what = "orders"}, false, "backfill", "pgstride up 20260101"},
    {"somebody is at work on it", {.kind = "nothing"}, {.kind = "backfill", OF_1, .busy = true}, false, NULL, NULL},
    {"rows were set aside",       {.kind = "nothing"}, {.kind = "set-aside", OF_1, .what = "id 7: no", .number = 3}, false, "set-aside", "mend the rows, then: pgstride up 20260101"},
    {"half way down",             {.kind = "nothing"}, {.kind = "undoing", OF_1, .what = "undo expand"}, false, "undoing", "pgstride down 20260101"},
    {"a contract half done",      {.kind = "nothing"}, {.kind = "partial", OF_1, .what = "contract", .number = 1}, false, "partial", "pgstride contract 20260101"},
    {"its contract failed",       {.kind = "nothing"}, {.kind = "failed", OF_1, .what = "no"}, false, "failed", "pgstride up 20260101"},
    {"it waits for contract",     {.kind = "nothing"}, OPEN, false, NULL, NULL},
};
/* clang-format on */

START_TEST(what_is_half_done_is_told_and_nothing_else)
{
    MEM_SCOPE(mem, NULL);

    for (int i = 0; i < LENGTH(cases); i++)
    {
        CatalogFind find = cases[i].find;
        HistoryFind row = cases[i].row;
        Finds finds = {.catalog = &find,
                       .catalog_count = 1,
                       .history = &row,
                       .history_count = 1,
                       .history_hidden = cases[i].hidden,
                       .component = "main"};
        Ailments ailments = {0};

        doctor_examine(mem, &finds, &ailments);
        ck_assert_msg(ailments.count == (cases[i].kind != NULL), "%s", cases[i].what);
        if (cases[i].kind == NULL)
            continue;
        ck_assert_str_eq(ailments.items[0].kind->name, cases[i].kind);
        ck_assert_str_eq(ailments.items[0].mend, cases[i].mend);
        ck_assert(ailments.items[0].kind->means[0] != '\0');
    }
}
END_TEST

START_TEST(a_note_is_a_sentence_and_of_a_kind)
{
    MEM_SCOPE(mem, NULL);

    ck_assert_str_eq(doctor_note(mem, &(NoteFind){"lacks", "DROP", "GRANT DROP"}),
                     "this account lacks DROP: GRANT DROP");
    ck_assert_str_eq(doctor_note(mem, &(NoteFind){"transaction", "7 app@db", "12 s"}),
                     "session 7 app@db has a transaction open for 12 s: an ALTER of a "
                     "table that it has touched waits for it");
    ck_assert_str_eq(
        doctor_note(mem, &(NoteFind){"replicas", "replica r@h", NULL}),
        "replica r@h of this server: with --standby URL doctor says how "
        "far it is behind, backfills rest meanwhile, and changes of tables "
        "wait for who reads there");
    ck_assert_str_eq(doctor_note(mem, &(NoteFind){"replica-behind", "r", "2s"}),
                     "standby \"r\" is 2s behind");
    ck_assert_ptr_null(doctor_note(mem, &(NoteFind){"damaged", "x", NULL}));
}
END_TEST

/* The extension's function serves other triggers too, and goes with the extension. */
START_TEST(only_a_function_of_its_own_goes_with_a_trigger)
{
    MEM_SCOPE(mem, NULL);
    CatalogFind finds_of[] = {{.kind = "sync", SYNC}, {.kind = "sync", SYNC}};
    Finds finds = {.catalog = finds_of, .catalog_count = 2, .component = "main"};
    Ailments ailments = {0};

    finds_of[1].has_function = false;
    doctor_examine(mem, &finds, &ailments);
    ck_assert_int_eq(ailments.count, 2);
    ck_assert_str_eq(ailments.items[0].also,
                     "DROP FUNCTION pgstride.sync_20260101_0123456789ab()");
    ck_assert_ptr_null(ailments.items[1].also);
    ck_assert_str_eq(ailments.items[1].mend, DROP);
}
END_TEST

START_TEST(a_migration_is_told_of_once)
{
    MEM_SCOPE(mem, NULL);
    HistoryFind rows[] = {{.kind = "partial", OF_1, .what = "backfill"},
                          {.kind = "failed", OF_1, .what = "no"},
                          {.kind = "backfill", OF_1, .what = "orders"},
                          {.kind = "partial",
                           .component = "other",
                           .version = "20260101",
                           .token = "20260101",
                           .what = "up"}};
    Finds finds = {.history = rows, .history_count = 4, .component = "main"};
    Ailments ailments = {0};

    doctor_examine(mem, &finds, &ailments);
    ck_assert_int_eq(ailments.count, 2);
    ck_assert_str_eq(ailments.items[0].kind->name, "backfill");
    ck_assert_str_eq(ailments.items[1].component, "other");

    finds.dirty_version = "20260101";
    doctor_examine(mem, &finds, &ailments);
    ck_assert_int_eq(ailments.count, 2);
    ck_assert_str_eq(ailments.items[0].kind->name, "dirty");
    ck_assert_str_eq(ailments.items[0].mend, "pgstride repair 20260101");
    ck_assert(!ailment_mendable(&ailments.items[0])); /* a question decides */
}
END_TEST

UNIT("doctor", what_is_half_done_is_told_and_nothing_else,
     only_a_function_of_its_own_goes_with_a_trigger, a_migration_is_told_of_once,
     a_note_is_a_sentence_and_of_a_kind)
