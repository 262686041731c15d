#include "core/files/validate.h"

#include "core/plan/plan.h"
#include "core/sql/actions.h"
#include "core/sql/sql.h"

/* What stands in a backfill section: first the data, then what relies on it. */
typedef enum Turn
{
    TURN_DATA,
    TURN_AFTER_DATA,
    TURN_NEVER
} Turn;

typedef struct TurnRow
{
    Action action;
    Turn turn;
} TurnRow;

/* clang-format off */
static const TurnRow turns[] = {
    {ACTION_UPDATE,                    TURN_DATA},
    {ACTION_DELETE,                    TURN_DATA},
    {ACTION_CREATE_INDEX,              TURN_AFTER_DATA},
    {ACTION_CREATE_INDEX_CONCURRENTLY, TURN_AFTER_DATA},
    {ACTION_ADD_CHECK,                 TURN_AFTER_DATA},
    {ACTION_ADD_FOREIGN_KEY,           TURN_AFTER_DATA},
    {ACTION_ADD_UNIQUE,                TURN_AFTER_DATA},
    {ACTION_ADD_PRIMARY_KEY,           TURN_AFTER_DATA},
    {ACTION_ADD_EXCLUDE,               TURN_AFTER_DATA},
    {ACTION_ADD_NOT_NULL,              TURN_AFTER_DATA},
    {ACTION_ADD_NOT_VALID,             TURN_AFTER_DATA},
    {ACTION_ADD_USING_INDEX,           TURN_AFTER_DATA},
    {ACTION_VALIDATE,                  TURN_AFTER_DATA},
};
/* clang-format on */

static Turn
act_turn(const Act *act)
{
    for (int i = 0; i < LENGTH(turns); i++)
    {
        if (turns[i].action == act->action)
            return turns[i].turn;
    }
    return TURN_NEVER;
}

/* Each of its acts by itself; a statement comes when its last act may. */
static bool
statement_turn(const Statement *statement, Turn *turn, Err *err)
{
    *turn = TURN_DATA;
    for (int i = 0; i < statement->act_count; i++)
    {
        Turn wanted = act_turn(&statement->acts[i]);

        if (wanted == TURN_NEVER)
        {
            err_at(err, ERR_USAGE, statement->span.file, statement->span.line,
                   "a backfill section cannot hold %s",
                   action_name(statement->acts[i].action));
            return err_hint(err,
                            "It holds UPDATE and DELETE, then CREATE INDEX and ADD "
                            "CONSTRAINT; the rest belongs to expand or contract.");
        }
        *turn = wanted > *turn ? wanted : *turn;
    }
    return true;
}

static bool
check_backfill(const Section *section, Err *err)
{
    Turn reached = TURN_DATA;

    for (int i = 0; i < section->statements.count; i++)
    {
        const Statement *statement = &section->statements.items[i];
        Turn turn;

        if (!statement_turn(statement, &turn, err))
            return false;
        if (turn < reached)
        {
            err_at(err, ERR_USAGE, statement->span.file, statement->span.line,
                   "%s stands after an index or a constraint",
                   action_name(statement->acts[0].action));
            return err_hint(err, "First the data, then what relies on it; or open "
                                 "another backfill section.");
        }
        reached = turn;
    }
    return true;
}

/* What it changes decides when it ends, so it has its section to itself. */
static bool
check_repeat(const Section *section, Err *err)
{
    const Statements *statements = &section->statements;
    const Span *span =
        statements->count > 1 ? &statements->items[1].span : &section->span;

    return statements->count == 1 ||
           err_at(err, ERR_USAGE, section->file, span->line,
                  "repeat:true is for one statement, this section has %d",
                  statements->count) ||
           err_hint(err, "Open another backfill section for the others.");
}

static bool
program_refused(const Migration *migration, Err *err)
{
    err_at(err, ERR_REFUSED, migration->file, 0,
           "%s is a program, and pgstride runs only SQL", migration->label);
    return err_hint(err,
                    "Let its own runner run it, then say so: pgstride mark %s; or "
                    "write it as SQL.",
                    migration->version);
}

bool
migration_validate(Mem *mem, Migration *migration, bool back, Err *err)
{
    MEM_SCOPE(scope, mem);
    Backfill *fills;
    int count;

    if (migration->program)
        return program_refused(migration, err);
    for (int i = 0; i < migration->section_count; i++)
    {
        Section *section = &migration->sections[i];
        bool fill = section->phase == PHASE_BACKFILL && !section->down;

        if (section->down && section->options.verbatim && !back)
            continue;
        if (!section->parsed && !sql_parse(mem, section, &section->statements, err))
            return false;
        section->parsed = true;
        if (fill && !(section->options.repeat ? check_repeat(section, err)
                                              : check_backfill(section, err)))
            return false;
    }
    return plan_backfills(scope, migration, &fills, &count, err);
}
