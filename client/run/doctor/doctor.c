#include "run/doctor/doctor.h"

#include <inttypes.h>

#include "run/engines/engines.h"
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

static int64_t
pid_of(const Db *db)
{
    return db == NULL ? 0 : db->driver->backend_id((Db *)db);
}

static bool
catalog_read(Run *run, Mem *mem, Finds *finds, Err *err)
{
    const char *ours =
        mem_text(mem, "{%" PRId64 ",%" PRId64 ",%" PRId64 "}", pid_of(run->worker),
                 pid_of(run->watcher), pid_of(run->warden));
    Rows rows;

    return (db_query(mem, run->watcher, "doctor", ARGS(ours), &rows, err) &&
            rows_decode(mem, &rows, catalog_columns, LENGTH(catalog_columns),
                        sizeof(CatalogFind), (void **)&finds->catalog,
                        &finds->catalog_count, err)) ||
           err_in(err, "while examining the catalog");
}

static bool
history_examined(Run *run, Mem *mem, Finds *finds, Err *err)
{
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

/* Only with the files at hand can anybody say that a kept part is no longer theirs. */
static bool
dirty_examined(Run *run, Mem *mem, Finds *finds, Err *err)
{
    Status status = {0};

    if (run->migrations.count == 0 || finds->history_hidden)
        return true;
    if (!run_status(run, mem, &status, err))
        return false;
    if (status.dirty)
    {
        finds->dirty_version = status.dirty_version;
        finds->dirty_why = status.dirty_why;
    }
    return true;
}

/* What of it works, or could; NULL: nothing to say. */
static bool
extension_remark(Run *run, Mem *mem, const char **remark, Err *err)
{
    const Extension *extension = &run->caps->extension;
    Rows rows;

    *remark = run->extension_trouble;
    if (extension->state == EXTENSION_USED)
        *remark =
            mem_text(mem, "version %s of the server extension is in use, protocol %d",
                     extension->version, extension->protocol);
    if (extension->state != EXTENSION_NONE)
        return true;
    if (!db_query(mem, run->watcher, "extension_offer", NO_ARGS, &rows, err))
        return err_in(err, "while looking for the server extension");
    if (rows.row_count > 0)
        *remark = mem_text(mem,
                           "this database lacks the server extension, which the server "
                           "could give it: CREATE EXTENSION pgstride, version %s",
                           rows_cell(&rows, 0, "version"));
    return true;
}

static bool
notes_take(Run *run, Mem *mem, const Finds *finds, Ailments *ailments, Err *err)
{
    LIST(const char *) notes = {0};
    const char *remark = NULL;
    Rows rows;

    if (!extension_remark(run, mem, &remark, err) ||
        !db_query(mem, run->watcher, "caps", NO_ARGS, &rows, err))
        return false;
    if (remark != NULL)
        *list_add(mem, &notes) = remark;

    const char *user = rows_cell(&rows, 0, "user");

    if (!rows_bool(&rows, 0, "sees_all_activity"))
        *list_add(mem, &notes) =
            mem_text(mem,
                     "which sessions of others are at work is partly hidden: GRANT "
                     "pg_read_all_stats TO %s",
                     user);
    if (finds->history_hidden)
        *list_add(mem, &notes) = mem_text(
            mem,
            "the history is hidden, so nothing is said about migrations and "
            "sync triggers: GRANT USAGE ON SCHEMA pgstride TO %s; GRANT SELECT "
            "ON ALL TABLES IN SCHEMA pgstride TO %s",
            user, user);
    ailments->notes = notes.items;
    ailments->note_count = notes.count;
    return true;
}

bool
run_doctor(Run *run, Mem *mem, Ailments *ailments, Err *err)
{
    Finds finds = {.component = run->settings->component};

    *ailments = (Ailments){0};
    if (!engine_looks(run, run->settings->verb, err) ||
        !catalog_read(run, mem, &finds, err) ||
        !history_examined(run, mem, &finds, err) ||
        !dirty_examined(run, mem, &finds, err) ||
        !notes_take(run, mem, &finds, ailments, err))
        return false;
    doctor_examine(mem, &finds, ailments);
    return true;
}
