/* What doctor says besides: nothing half done, but good to know before a migration. */
#include <string.h>

#include "core/doctor.h"

/* "before OBJECT between DETAIL after" */
typedef struct NoteKind
{
    const char *name;
    const char *before;
    const char *between;
    const char *after;
} NoteKind;

/* clang-format off */
static const NoteKind kinds[] = {
    {"extension-used",
     "version ", " of the server extension is in use, protocol ", ""},
    {"extension-offered",
     "this database lacks the server extension, which the server could give it: CREATE EXTENSION pgstride, version ", "", ""},

    /* what was not seen: the object is what the server said, or whose privileges count */
    {"activity-hidden",
     "which sessions of others are at work is partly hidden: GRANT pg_read_all_stats TO ", "", ""},
    {"history-hidden",
     "the history is hidden, so nothing is said about migrations and sync triggers: GRANT USAGE ON SCHEMA pgstride TO ",
     "; GRANT SELECT ON ALL TABLES IN SCHEMA pgstride TO ", ""},
    {"transactions-hidden",
     "which transactions are open, and what they hold, is hidden (",
     "): GRANT PROCESS ON *.*, and SELECT ON performance_schema.*, shows it", ""},
    {"versions-hidden",
     "how many INSTANT changes a table has had is hidden (", "): GRANT PROCESS ON *.* shows it", ""},
    {"keys-unread",
     "foreign keys cannot be checked: ", "", ""},

    /* the server, the account, the connection */
    {"server",
     "the server calls itself ", ", ", ""},
    {"clear",
     "this connection is not encrypted: tls=require in the URL encrypts it, tls=verify-full also proves who answers", "", ""},
    {"encrypted",
     "this connection is encrypted by ", "", ""},
    {"read-only",
     "", " is read-only: it can be looked at, and not changed", ""},
    {"lacks",
     "this account lacks ", ": ", ""},
    {"no-trigger",
     "with the binary log on this account may not make sync triggers (1419): an administrator's SET GLOBAL "
     "log_bin_trust_function_creators = 1, or GRANT SUPER TO ", "", ""},
    {"locks-unnamed",
     "the server tells which transactions are open, and not what they keep from being changed: performance_schema = ON and "
     "performance_schema_instrument = 'wait/lock/metadata/sql/mdl=ON' in its configuration let it", "", ""},
    {"replicas",
     "", " of this server: with --standby URL doctor says how far it is behind, backfills rest meanwhile, and changes of "
     "tables wait for who reads there", ""},
    {"replica-behind",
     "standby \"", "\" is ", " behind"},
    {"replica-level",
     "standby \"", "\" has applied all that it has received", ""},
    {"replica-stopped",
     "standby \"", "\" does not apply what it receives: its own status says why, or somebody has stopped it", ""},
    {"replica-apart",
     "standby \"", "\" receives nothing: its own status says why, or somebody has stopped it", ""},
    {"replica-of-none",
     "standby \"", "\" is no replica: it copies from nobody", ""},
    {"replica-away",
     "standby \"", "\" does not answer", ""},
    {"replica-hidden",
     "how far standby \"", "\" is behind is hidden (", "): GRANT REPLICATION CLIENT ON *.* shows it (MariaDB: REPLICA MONITOR)"},

    /* tables */
    {"keyless",
     "a backfill goes along a primary key, or a unique one without NULLs, and there is none in ", "", ""},
    {"without-transactions",
     "a batch of a backfill must be taken back whole, and there are no transactions in ", ": ALTER TABLE ... ENGINE=InnoDB", ""},
    {"row-versions",
     "INSTANT changes that a table can hold are used up soon in ", ": OPTIMIZE TABLE starts the count again", ""},

    /* who is in the way */
    {"transaction",
     "session ", " has a transaction open for ", ": an ALTER of a table that it has touched waits for it"},

    /* a file */
    {"newer-library",
     "the file was last written by SQLite ", ", this library is ", ": what newer versions alone can make may be unreadable here"},
    {"rollback-journal",
     "the journal is in mode ", ": who reads keeps a commit waiting, and a commit keeps out who reads; PRAGMA journal_mode = WAL lets both go on", ""},
    {"no-journal",
     "the journal is in mode ", ": a crash in a migration would damage the file", ""},
    {"network",
     "the file is on a network (", "): locks are only as good as its own; run it on the machine that has the file", ""},
    {"wal-pinned",
     "the WAL has ", ", and grows on while somebody reads what is in it: ", ""},
    {"wal-large",
     "the WAL has ", ": the next checkpoint writes it back", ""},
    {"litestream",
     "", " beside the file: Litestream copies its WAL, so that pgstride leaves checkpoints to it", ""},
    {"free-pages",
     "", " of the file are free: VACUUM gives them back, in a quiet hour", ""},
    {"unchecked",
     "the file has ", ", and a check would keep writers out of it: PRAGMA quick_check in a quiet hour", ""},
};
/* clang-format on */

char *
doctor_note(Mem *mem, const NoteFind *find)
{
    for (int i = 0; i < LENGTH(kinds); i++)
        if (strcmp(kinds[i].name, find->kind) == 0)
            return mem_text(mem, "%s%s%s%s%s", kinds[i].before, find->object,
                            kinds[i].between, find->detail == NULL ? "" : find->detail,
                            kinds[i].after);
    return NULL;
}
