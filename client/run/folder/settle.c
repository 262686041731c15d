#include "run/folder/settle.h"

#include <string.h>

#include "run/folder/check.h"

/* --- repeatable ones ------------------------------------------------------------- */

/* Its own runner compares every byte, and would run it again after us. */
static bool
runner_has_another(const Run *run, const Migration *migration, const History *history)
{
    return run->foreign != NULL && run->foreign_here && !run->foreign_apart &&
           history_state(history, migration->version) == STATE_CONTRACTED &&
           foreign_row(run->foreign, &run->foreign_rows, migration) == NULL;
}

static bool
has_changed(Mem *mem, const Migration *migration, const History *history)
{
    const PhaseRecord *record = history_phase(history, migration->version, PHASE_UP);
    Checksums sums;

    if (record == NULL || !record->done || record->exact == NULL)
        return false;
    check_sums(mem, migration, PHASE_UP, &sums);
    return strcmp(sums.normal, record->normal) != 0;
}

/* Each list without the records of that version. */
#define FORGET(history, items, item_count, of)                                         \
    do                                                                                 \
    {                                                                                  \
        int kept = 0;                                                                  \
                                                                                       \
        for (int at = 0; at < (history)->item_count; at++)                             \
            if (strcmp((history)->items[at].version, (of)) != 0)                       \
                (history)->items[kept++] = (history)->items[at];                       \
        (history)->item_count = kept;                                                  \
    } while (0)

void
settle_repeatables(Run *run, Mem *mem, History *history)
{
    MEM_SCOPE(scope, mem);

    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];

        if (!migration->repeatable || !(has_changed(scope, migration, history) ||
                                        runner_has_another(run, migration, history)))
            continue;
        FORGET(history, migrations, migration_count, migration->version);
        FORGET(history, phases, phase_count, migration->version);
        FORGET(history, steps, step_count, migration->version);
    }
}

/* --- shortcuts ------------------------------------------------------------------- */

/* The last shortcut that ran, or that is to run; -1: there is none. */
static int
shortcut_taken(const Run *run, const History *history)
{
    bool empty = true;
    int last = -1;
    int ran = -1;

    for (int i = 0; i < run->migrations.count; i++)
    {
        const Migration *migration = &run->migrations.items[i];
        bool known = history_kept(history, migration->version);

        empty = empty && !known;
        if (migration->shortcut && !migration->program)
            last = i;
        if (migration->shortcut && known)
            ran = i;
    }
    return empty ? last : ran;
}

void
settle_shortcuts(Run *run, const History *history)
{
    int taken = shortcut_taken(run, history);

    for (int i = 0; i < run->migrations.count; i++)
    {
        Migration *migration = &run->migrations.items[i];
        bool passed = i < taken || (migration->shortcut && i != taken);

        if (passed && !history_kept(history, migration->version))
            migration->skipped = migration->passed = true;
    }
}
