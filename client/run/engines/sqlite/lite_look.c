/*
 * Our lexer's word against the library's: what a statement does beyond what we took it
 * for is refused, before anything runs. What goes on inside a trigger or behind a view
 * only the library sees.
 */
#include <stdarg.h>
#include <string.h>

#include "core/sql/sqlite/lite.h"
#include "db/sqlite/look.h"
#include "run/engines/sqlite/lite_run.h"

typedef struct Judging
{
    Mem *mem;
    Run *run;
    Db *db;
    const Step *step;
    int index;      /* of the statement in the step */
    const Act *act; /* as our lexer read it; NULL: it did not */
} Judging;

static bool __attribute__((format(printf, 3, 4)))
judged(const Judging *judging, Err *err, const char *format, ...)
{
    const Span *span = &judging->step->spans[judging->index];
    va_list args;

    va_start(args, format);
    err_at(err, ERR_REFUSED, span->file, span->line, "%s",
           mem_vtext(judging->mem, format, args));
    va_end(args);
    return false;
}

static const char *
through(const Judging *judging, const Touch *touch)
{
    return touch->via == NULL ? ""
                              : mem_text(judging->mem, ", through \"%s\"", touch->via);
}

static bool
is_ours(const Judging *judging, const char *name)
{
    const char *prefix = caps_own(judging->run->caps)->prefix;

    return name != NULL && strncasecmp(name, prefix, strlen(prefix)) == 0;
}

static bool
ours_refused(const Judging *judging, const Touch *touch, Err *err)
{
    judged(judging, err, "\"%s\" is pgstride's own, and no migration changes it%s",
           touch->name, through(judging, touch));
    return err_hint(err, "Leave it out. The history is changed by pgstride baseline, "
                         "mark, force and repair.");
}

/* --- rows ------------------------------------------------------------------------ */

/* Virtual tables keep their rows in others, and name those whenever they please. */
static bool
is_shadow(const Judging *judging, const char *name, bool *shadow, Err *err)
{
    Rows rows;

    if (!db_query(judging->mem, judging->db, "is_shadow", ARGS(name), &rows, err))
        return false;
    *shadow = rows_bool(&rows, 0, "shadow");
    return true;
}

static bool
writes_as_read(const Act *act, const char *name)
{
    return (act->action == ACTION_INSERT || act->action == ACTION_UPDATE ||
            act->action == ACTION_DELETE || act->action == ACTION_DROP_TABLE ||
            act->action == ACTION_DROP_VIEW || act->action == ACTION_CREATE_TABLE_AS) &&
           act->relation.name != NULL && strcasecmp(act->relation.name, name) == 0;
}

/* The schema's own tables are written by every DDL, and DEFENSIVE keeps others out. */
static bool
rows_judge(const Judging *judging, const Touch *touch, Err *err)
{
    const Act *act = judging->act;
    bool shadow = false;

    if (is_ours(judging, touch->name))
        return ours_refused(judging, touch, err);
    if (touch->via != NULL || act == NULL ||
        strncasecmp(touch->name, "sqlite_", 7) == 0 || writes_as_read(act, touch->name))
        return true;
    if (!is_shadow(judging, touch->name, &shadow, err) || shadow)
        return shadow;
    judged(judging, err, "it writes to \"%s\", and pgstride read it as one that %s%s",
           touch->name, act->relation.name == NULL ? "writes to no table" : "is about ",
           act->relation.name == NULL
               ? ""
               : mem_text(judging->mem, "\"%s\"", act->relation.name));
    return err_hint(err, "Write it as a plain INSERT, UPDATE or DELETE.");
}

static bool
schema_judge(const Judging *judging, const Touch *touch, Err *err)
{
    return !is_ours(judging, touch->name) || ours_refused(judging, touch, err);
}

/* --- words and calls ------------------------------------------------------------- */

/* What no migration may say, however it is spelled. */
static bool
word_judge(const Judging *judging, const Touch *touch, Err *err)
{
    const LiteRefusal *refusal =
        lite_refusal(touch->word, touch->name, lite_verbatim(judging->step));

    if (refusal == NULL)
        return true;
    judged(judging, err, "%s", refusal->why);
    return err_hint(err, "%s", refusal->cure);
}

static bool
call_judge(const Judging *judging, const Touch *touch, Err *err)
{
    if (strcasecmp(touch->name, "load_extension") != 0)
        return true;
    judged(judging, err,
           "load_extension would run another program's code in pgstride%s",
           through(judging, touch));
    return err_hint(err, "Leave it out: who opens the file loads what it needs.");
}

/* --- a statement ----------------------------------------------------------------- */

static bool (*const judges[])(const Judging *judging, const Touch *touch, Err *err) = {
    [TOUCH_ROWS] = rows_judge,
    [TOUCH_SCHEMA] = schema_judge,
    [TOUCH_WORD] = word_judge,
    [TOUCH_CALL] = call_judge,
};

static bool
rest_refused(const Judging *judging, const char *rest, Err *err)
{
    judged(judging, err, "SQLite ends this statement earlier than pgstride does");
    err_detail(err, "behind it stands: %.60s", rest);
    return err_hint(err, "Give what stands behind it a statement of its own.");
}

bool
lite_look(Run *run, Db *db, const Step *step, int index, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *text = step->sql[index].text;
    Judging judging = {.mem = scope,
                       .run = run,
                       .db = db,
                       .step = step,
                       .index = index,
                       .act = lite_act(scope, run, text)};
    Sight sight;

    if (judging.act != NULL && lite_rebuilds(judging.act)) /* no SQL of SQLite's */
        return schema_judge(&judging, &(Touch){.name = judging.act->relation.name},
                            err);
    if (!sqlite_look(scope, db, text, &sight, err))
    {
        err_clear(err); /* trying it tells more */
        return true;
    }
    for (int i = 0; i < sight.touches.count; i++)
        if (!judges[sight.touches.items[i].kind](&judging, &sight.touches.items[i],
                                                 err))
            return false;
    return sight.rest == NULL || rest_refused(&judging, sight.rest, err);
}
