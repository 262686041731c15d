/* DETACH PARTITION: marked first, and cut off when nobody has it in sight any more. */
#include "core/plan/title.h"
#include "core/plan/undo.h"
#include "core/recipes/parts.h"
#include "core/sql/sql.h"

static bool
detach_refused(const Draft *draft, const Statement *statement, Err *err)
{
    if (draft->request->caps->version >= 140000)
        return false;
    err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
           "DETACH PARTITION is refused: it locks out everybody from the whole "
           "partitioned table, and CONCURRENTLY came with PostgreSQL 14");
    return !err_hint(err, "Say why it is all right here, in a quiet hour: "
                          "allow:detach-partition:\"reason\".");
}

bool
recipe_detach(Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    Act concurrent = *act;
    SqlText finish = draft_alter(draft, &act->relation);
    SqlParsed sql;

    if (detach_refused(draft, statement, err) ||
        !sql_make_concurrent(draft->mem, statement, &sql, err))
        return false;
    concurrent.action = ACTION_DETACH_CONCURRENTLY;
    recipe_step(draft, STEP_ALONE, WORK_FAST, "detach", statement);
    if (act->action == ACTION_DETACH_CONCURRENTLY)
        draft->step.stands_for = NULL;
    draft->step.alone_why = "DETACH PARTITION CONCURRENTLY";
    draft->step.other = act->other;
    sql_raw(&finish, " DETACH PARTITION ");
    sql_qname(&finish, &act->other);
    sql_raw(&finish, " FINALIZE");
    draft->step.finish.text = sql_done(&finish);
    recipe_add_parsed(draft, sql,
                      mem_text(draft->mem, "DETACH PARTITION %s", act->other.name));
    draft_note(draft, "waits for every transaction that has seen the partition; then "
                      "locks out, for a moment, who uses it by its own name");
    undo_add(draft, &concurrent);
    return true;
}
