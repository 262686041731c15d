#include "run/doctor/doctor.h"

#include <inttypes.h>
#include <stdio.h>

#include "run/engines/engines.h"
#include "run/foreign/foreign.h"
#include "run/locks/standby.h"
#include "run/verbs.h"

/* clang-format off */
static const Column catalog_columns[] = {
    COLUMN(TEXT, CatalogFind, kind),               COLUMN(TEXT, CatalogFind, object),
    COLUMN(TEXT_OR_NULL, CatalogFind, table),      COLUMN(TEXT_OR_NULL, CatalogFind, table_schema),
    COLUMN(TEXT_OR_NULL, CatalogFind, table_name), COLUMN(TEXT_OR_NULL, CatalogFind, object_schema),
    COLUMN(TEXT_OR_NULL, CatalogFind, object_name), COLUMN(TEXT_OR_NULL, CatalogFind, definition),
    COLUMN(TEXT_OR_NULL, CatalogFind, mend),       COLUMN(BOOL, CatalogFind, may_mend),
    COLUMN(BOOL, CatalogFind, has_function),
};

static const Column history_columns[] = {
    COLUMN(TEXT, HistoryFind, kind),         COLUMN(TEXT, HistoryFind, component),
    COLUMN(TEXT, HistoryFind, version),      COLUMN(TEXT_OR_NULL, HistoryFind, what),
    COLUMN(INT64, HistoryFind, number),      COLUMN(TEXT, HistoryFind, token),
    COLUMN(BOOL, HistoryFind, busy),
};
/* clang-format on */

static const Column note_columns[] = {
    COLUMN(TEXT, NoteFind, kind),
    COLUMN(TEXT, NoteFind, object),
    COLUMN(TEXT_OR_NULL, NoteFind, detail),
};

typedef struct Examining
{
    Run *run;
    Mem *mem;
    Finds finds;
    LIST(CatalogFind) catalog;
    LIST(const char *) notes;
} Examining;

static bool
note_add(Examining *exam, const NoteFind *find)
{
    const char *note = doctor_note(exam->mem, find);

    if (note != NULL)
        *list_add(exam->mem, &exam->notes) = note;
    return note != NULL;
}

/* --- what there is --------------------------------------------------------------- */

static int64_t
pid_of(const Db *db)
{
    return db == NULL ? 0 : db->driver->backend_id((Db *)db);
}

static const char *
pids_of(Mem *mem, const Run *run)
{
    return mem_text(mem, "{%" PRId64 ",%" PRId64 ",%" PRId64 "}", pid_of(run->worker),
                    pid_of(run->watcher), pid_of(run->warden));
}

/* A question that the database will not answer is an answer. */
static void
look_refused(Examining *exam, const EngineLook *look, const Err *err)
{
    char *said = mem_copy(exam->mem, err->text);

    if (!note_add(exam, &(NoteFind){(char *)look->refused, said, NULL}))
        *list_add(exam->mem, &exam->catalog) =
            (CatalogFind){.kind = (char *)look->refused,
                          .object = (char *)exam->run->database,
                          .definition = said,
                          .may_mend = true};
}

static bool
look_ask(Examining *exam, const EngineLook *look, const char *ours, Rows *rows,
         Err *err)
{
    if (db_query(exam->mem, exam->run->watcher, look->label, &ours,
                 ours == NULL ? 0 : 1, rows, err))
        return true;
    if (look->refused == NULL || (err->kind != ERR_SQL && err->kind != ERR_CONNECT))
        return err_in(err, "while examining the database");
    look_refused(exam, look, err);
    err_clear(err);
    *rows = (Rows){0};
    return true;
}

static bool
catalog_read(Examining *exam, const EngineLook *look, Err *err)
{
    for (; look->label != NULL; look++)
    {
        CatalogFind *finds;
        int count;
        Rows rows;

        if (!look_ask(exam, look, pids_of(exam->mem, exam->run), &rows, err))
            return false;
        if (rows.row_count == 0)
            continue;
        if (!rows_decode(exam->mem, &rows, catalog_columns, LENGTH(catalog_columns),
                         sizeof(CatalogFind), (void **)&finds, &count, err))
            return false;
        for (int i = 0; i < count; i++)
            *list_add(exam->mem, &exam->catalog) = finds[i];
    }
    exam->finds.catalog = exam->catalog.items;
    exam->finds.catalog_count = exam->catalog.count;
    return true;
}

static bool
notes_read(Examining *exam, const EngineLook *look, Err *err)
{
    for (; look->label != NULL; look++)
    {
        NoteFind *finds;
        int count;
        Rows rows;

        if (!look_ask(exam, look, NULL, &rows, err))
            return false;
        if (rows.row_count == 0)
            continue;
        if (!rows_decode(exam->mem, &rows, note_columns, LENGTH(note_columns),
                         sizeof(NoteFind), (void **)&finds, &count, err))
            return false;
        for (int i = 0; i < count; i++)
            note_add(exam, &finds[i]);
    }
    return true;
}

static bool
history_examined(Examining *exam, Err *err)
{
    Run *run = exam->run;
    Mem *mem = exam->mem;
    Finds *finds = &exam->finds;
    Rows rows;

    if (!db_query(mem, run->watcher, "bookkeeping_exists", NO_ARGS, &rows, err))
        return false;
    finds->history_hidden =
        rows_bool(&rows, 0, "here") && !rows_bool(&rows, 0, "readable");
    if (!rows_bool(&rows, 0, "here") || finds->history_hidden)
        return true;
    return (db_query(mem, run->watcher, "doctor_history", NO_ARGS, &rows, err) &&
            rows_decode(mem, &rows, history_columns, LENGTH(history_columns),
                        sizeof(HistoryFind), (void **)&finds->history,
                        &finds->history_count, err)) ||
           err_in(err, "while examining the history");
}

/* What another runner left midway, and we can go on with: of it our own tables know
 * nothing. */
static void
midway_examined(Examining *exam)
{
    const Run *run = exam->run;
    Finds *finds = &exam->finds;
    LIST(HistoryFind) all = {0};
    const ForeignMidway *midway = run->foreign_midway;
    char *what =
        midway == NULL ? NULL : foreign_midway_next(run, exam->mem, midway->migration);

    if (what == NULL)
        return;
    for (int i = 0; i < finds->history_count; i++)
        *list_add(exam->mem, &all) = finds->history[i];
    *list_add(exam->mem, &all) =
        (HistoryFind){.kind = mem_copy(exam->mem, "failed"),
                      .component = mem_copy(exam->mem, run->settings->component),
                      .version = mem_copy(exam->mem, midway->migration->version),
                      .what = what,
                      .token = mem_copy(exam->mem, "")};
    finds->history = all.items;
    finds->history_count = all.count;
}

/* Only with the files at hand can anybody say that a kept part is no longer theirs. */
static bool
dirty_examined(Examining *exam, Err *err)
{
    Run *run = exam->run;
    Finds *finds = &exam->finds;
    Status status = {0};

    if (run->migrations.count == 0 || finds->history_hidden)
        return true;
    if (!run_status(run, exam->mem, &status, err))
        return false;
    midway_examined(exam);
    if (status.dirty)
    {
        finds->dirty_version = status.dirty_version;
        finds->dirty_why = status.dirty_why;
        finds->dirty_mend = status.dirty_mend;
        if (status.dirty_mend != NULL)
            finds->dirty_why =
                mem_text(exam->mem, "%s\n%s", status.dirty_why, status.cure);
    }
    return true;
}

/* --- the server extension -------------------------------------------------------- */

static bool
extension_offered(Examining *exam, Err *err)
{
    Run *run = exam->run;
    Rows rows;

    if (run->driver->query(run->watcher, "extension_offer") == NULL)
        return true;
    if (!db_query(exam->mem, run->watcher, "extension_offer", NO_ARGS, &rows, err))
        return err_in(err, "while looking for the server extension");
    if (rows.row_count > 0)
        note_add(exam, &(NoteFind){"extension-offered",
                                   (char *)rows_cell(&rows, 0, "version"), NULL});
    return true;
}

/* What of it works, or could. */
static bool
extension_examined(Examining *exam, Err *err)
{
    const Extension *extension = &exam->run->caps->extension;
    char protocol[16];

    if (extension->state == EXTENSION_NONE)
        return extension_offered(exam, err);
    if (exam->run->extension_trouble != NULL)
        *list_add(exam->mem, &exam->notes) = exam->run->extension_trouble;
    snprintf(protocol, sizeof(protocol), "%d", extension->protocol);
    if (extension->state == EXTENSION_USED)
        note_add(exam, &(NoteFind){"extension-used", (char *)extension->version,
                                   mem_copy(exam->mem, protocol)});
    return true;
}

/* --- replicas -------------------------------------------------------------------- */

static void
replicas_examined(Examining *exam)
{
    for (int i = 0; i < exam->run->standby_count; i++)
    {
        const NoteFind find =
            replica_examined(exam->run, exam->mem, &exam->run->standbys[i]);

        note_add(exam, &find);
    }
}

bool
run_doctor(Run *run, Mem *mem, Ailments *ailments, Err *err)
{
    const EngineLooks *looks = engine_of(run)->looks;
    Examining exam = {
        .run = run, .mem = mem, .finds = {.component = run->settings->component}};

    *ailments = (Ailments){0};
    if (!extension_examined(&exam, err) || !catalog_read(&exam, looks->ailments, err) ||
        !history_examined(&exam, err) || !dirty_examined(&exam, err) ||
        !notes_read(&exam, looks->notes, err))
        return false;
    replicas_examined(&exam);
    doctor_examine(mem, &exam.finds, ailments);
    ailments->notes = exam.notes.items;
    ailments->note_count = exam.notes.count;
    return true;
}
