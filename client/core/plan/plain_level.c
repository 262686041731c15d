#include "core/plan/plain_level.h"

#include <string.h>

#include "core/plan/plain.h"
#include "core/plan/plain_swap.h"
#include "core/sql/actions.h"

void
plain_sync(const Migration *migration, Backfill *fill)
{
    const Section *expand = migration_section(migration, PHASE_EXPAND, false);

    fill->sync = fill->section->options.sync;
    if (fill->sync != SYNC_DEFAULT)
        return;
    fill->sync = SYNC_OFF;
    for (int i = 0; i < fill->assignment_count && expand != NULL; i++)
        if (section_adds_column(expand, &fill->table, fill->assignments[i].target))
            fill->sync = SYNC_FORWARD;
}

bool
plain_level(const Draft *draft, const Backfill *fill, bool back, LevelSql *level,
            Err *err)
{
    const Dialect *dialect = dialect_of(draft->request->migration->engine);
    Backfill *settled = mem_new(draft->mem, Backfill);
    LevelAsk ask = {.caps = draft->request->caps,
                    .component = draft->request->component,
                    .table = draft_table(draft, &fill->table),
                    .migration = draft->request->migration,
                    .fill = settled,
                    .back = back};

    *settled = *fill;
    plain_sync(draft->request->migration, settled);
    fill = settled;
    *level = (LevelSql){0};
    if (fill->sync == SYNC_OFF || fill->repeat || fill->is_delete)
        return true;
    if (dialect->level != NULL)
        return dialect->level(draft->mem, &ask, level, err);
    err_at(err, ERR_REFUSED, fill->statement->span.file, fill->statement->span.line,
           "%s has no sync triggers here", draft->request->caps->product);
    return err_hint(err, "Say sync:off, and let the application write both columns.");
}

/* What it is is its head; its body nobody reads in a plan. */
static const char *
level_head(Mem *mem, SqlParsed sql)
{
    size_t length = strcspn(sql.text, "\n");

    return sql.text[length] == '\0' ? sql.text
                                    : mem_text(mem, "%.*s ...", (int)length, sql.text);
}

/* A step for each text, about the backfill it belongs to. */
static void
level_steps(Draft *draft, const Backfill *fill, const LevelSql *level, bool makes)
{
    int count = makes ? level->make_count : level->drop_count;
    bool alone = !draft->request->caps->ddl_in_transaction;
    StepSeed seed = {.kind = alone ? STEP_ALONE : STEP_TRANSACTION,
                     .recipe = "sync",
                     .statement = fill->statement,
                     .alone = alone};

    for (int i = 0; i < count; i++)
    {
        SqlParsed sql = makes ? level->make[i] : level->drop[i];

        seed.detail = mem_text(draft->mem, "%s %d", makes ? "make" : "drop", i);
        draft_step(draft, &seed);
        draft->step.stands_for = NULL;
        if (alone)
            draft->step.table = fill->table;
        if (makes && alone && i < level->drop_count)
            draft_undo(draft, level->drop[i], "drop sync trigger");
        draft_sql(draft, sql, makes ? "sync trigger" : "drop sync trigger");
        draft_show(draft, level_head(draft->mem, sql));
    }
}

bool
plain_level_make(Draft *draft, Err *err)
{
    for (int i = 0; i < draft->fills.count; i++)
    {
        const Backfill *fill = &draft->fills.items[i];
        LevelSql level;

        if (!plain_level(draft, fill, false, &level, err))
            return false;
        level_steps(draft, fill, &level, true);
        for (int j = 0;
             draft->request->caps->ddl_in_transaction && j < level.drop_count; j++)
            draft_undo(draft, level.drop[j], "drop sync trigger");
    }
    return true;
}

bool
plain_level_drop(Draft *draft, Err *err)
{
    for (int i = 0; i < draft->fills.count; i++)
    {
        const Backfill *fill = &draft->fills.items[i];
        LevelSql level;

        if (!plain_level(draft, fill, true, &level, err))
            return false;
        if (!plain_swapped(draft, &fill->table))
            level_steps(draft, fill, &level, false);
    }
    return true;
}
