/* What doctor, repair and watch ask of each engine. The queries are the drivers', their
 * words core/doctor's. */
#include "run/engines/engines.h"

/* clang-format off */
static const EngineLook postgres_ailments[] = {
    {"doctor", NULL},
    {NULL, NULL},
};
static const EngineLook postgres_notes[] = {
    {"doctor_notes", NULL},
    {NULL, NULL},
};
const EngineLooks postgres_looks = {
    .ailments = postgres_ailments,
    .notes = postgres_notes,
    .begin = "BEGIN READ ONLY",
    .limit = "SET LOCAL statement_timeout = '5s'",
    .hidden = "what other roles do, replica lag and snapshots: GRANT pg_read_all_stats TO "
              "this role shows them",
};

static const EngineLook mysql_ailments[] = {
    {"doctor", NULL},
    {NULL, NULL},
};
static const EngineLook mysql_notes[] = {
    {"doctor_server", NULL},
    {"doctor_account", NULL},
    {"doctor_tables", NULL},
    {"doctor_versions", "versions-hidden"},
    {"doctor_transactions", "transactions-hidden"},
    {NULL, NULL},
};
const EngineLooks mysql_looks = {
    .ailments = mysql_ailments,
    .notes = mysql_notes,
    .begin = "START TRANSACTION READ ONLY",
    .hidden = "what other accounts do, and who waits for whom: GRANT PROCESS ON *.*, and SELECT "
              "ON performance_schema.*, to this account shows it",
};

static const EngineLook sqlite_ailments[] = {
    {"doctor", NULL},
    {"doctor_whole", "damaged"},
    {"doctor_keys", "keys-unread"},
    {NULL, NULL},
};
static const EngineLook sqlite_notes[] = {
    {"doctor_file", NULL},
    {NULL, NULL},
};
const EngineLooks sqlite_looks = {
    .ailments = sqlite_ailments,
    .notes = sqlite_notes,
    .begin = "BEGIN",
};

/* What is ill in a cluster its own console tells; ours is the history, and jobs. */
static const EngineLook cockroach_none[] = {
    {NULL, NULL},
};
const EngineLooks cockroach_looks = {
    .ailments = cockroach_none,
    .notes = cockroach_none,
    .begin = "BEGIN READ ONLY",
    .limit = "SET LOCAL statement_timeout = '5s'",
};
/* clang-format on */
