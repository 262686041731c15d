/*
 * Who reads on a replica what we are about to change here.
 *
 * Its applier does the change again and waits for the metadata lock without a limit:
 * whoever reads that table there keeps it waiting, and behind it waits everybody who
 * comes later, and everything else that we write. Here nothing of that can be seen; so
 * the replicas that were named are asked first.
 */
#include "run/engines/mysql/mysql.h"

#include "run/locks/standby.h"

static const char *
reader_shown(Mem *mem, const Standby *standby, const Rows *rows)
{
    return mem_text(mem, "session %s %s@%s on standby \"%s\", %s, for %s s: %s",
                    rows_cell(rows, 0, "pid"), rows_cell(rows, 0, "user_name"),
                    rows_cell(rows, 0, "client"), standby->name,
                    rows_cell(rows, 0, "state"), rows_cell(rows, 0, "seconds"),
                    rows_cell(rows, 0, "query"));
}

/* Of one that does not answer nobody knows. */
static bool
reader_of(Run *run, Mem *mem, Standby *standby, const Ask *ask, const char **who,
          Err *err)
{
    Rows rows;

    if (standby_ask(run, mem, standby, ask, &rows))
    {
        *who = rows.row_count == 0 ? NULL : reader_shown(mem, standby, &rows);
        return true;
    }
    *who = mem_text(mem, "somebody on standby \"%s\", perhaps: it does not answer",
                    standby->name);
    return standby->denied == NULL || standby_denied(run, standby, err);
}

bool
mysql_reader_away(Run *run, Mem *mem, const QName *table, const char **who, Err *err)
{
    const char *const args[] = {table->schema, table->name};
    const Ask ask = {.label = "mdl_readers", .args = args, .arg_count = LENGTH(args)};

    *who = NULL;
    for (int i = 0; i < run->standby_count && table->name != NULL && *who == NULL; i++)
        if (!reader_of(run, mem, &run->standbys[i], &ask, who, err))
            return false;
    return true;
}
