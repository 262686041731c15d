#include "run/failure.h"

#include <ctype.h>
#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "core/sql/sql.h"

/* --- what the server said -------------------------------------------------------- */

/*
 * The line that holds the place, and a caret below it. A line that says a password is
 * shown without it, and then nobody knows where the caret belongs.
 */
static void
failure_line(const char *text, size_t at, bool caret, Err *err)
{
    MEM_SCOPE(scope, NULL);
    size_t begin = at;
    size_t end = at;

    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    while (text[end] != '\0' && text[end] != '\n')
        end++;

    const char *line = mem_slice(scope, text + begin, end - begin);
    const char *shown = sql_scrub(scope, line);

    err_detail(err, "%s", shown);
    if (caret && strcmp(line, shown) == 0)
        err_detail(err, "%s^", utf8_indent(scope, line, at - begin));
}

/* The first quoted name of the message, its schema left out; NULL when it has none. */
static const char *
message_name(Mem *mem, const char *message)
{
    const char *from = strchr(message, '"');
    const char *until = from == NULL ? NULL : strchr(from + 1, '"');

    if (until == NULL)
        return NULL;

    const char *name = mem_slice(mem, from + 1, (size_t)(until - from - 1));
    const char *dot = strrchr(name, '.');

    return dot == NULL ? name : dot + 1;
}

/* undefined_column, undefined_table: the name that the server does not know, or NULL.
 */
static const char *
unknown_name(Mem *mem, const Reply *reply)
{
    bool unknown =
        strcmp(reply->sqlstate, "42703") == 0 || strcmp(reply->sqlstate, "42P01") == 0;

    return unknown ? message_name(mem, reply->message) : NULL;
}

/* Bytes beyond ASCII may belong to a name. */
static bool
continues_name(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_' || byte == '$' ||
           ((unsigned char)byte & 0x80) != 0;
}

/* Where the word stands in the text, or NULL. */
static const char *
find_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        if (!continues_name(at[length]) && (at == text || !continues_name(at[-1])))
            return at;
    return NULL;
}

/* The byte that the caret belongs below; NULL when neither the server nor we know. */
static const char *
failure_point(const char *text, const char *unknown, const Reply *reply)
{
    if (reply->position > 0)
        return text + utf8_offset(text, reply->position);
    return unknown == NULL || unknown[0] == '\0' ? NULL : find_word(text, unknown);
}

bool
failure_explain(const Step *step, int index, const Reply *reply, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *unknown = unknown_name(scope, reply);
    const char *meant =
        unknown == NULL ? NULL : nearest_name(unknown, step->names, step->name_count);
    const char *text =
        index >= 0 && index < step->sql_count ? step->sql[index].text : NULL;
    Ask ask = {.label = "statement", .sql = text};
    Reply said = *reply;

    said.failed_at = 0;
    db_reply_err(&said, &ask, err);
    if (meant != NULL)
        err_hint(err, "Did you mean \"%s\"?", meant);
    if (text == NULL)
        return false;

    const char *point = failure_point(text, unknown, reply);
    const char *until = point == NULL ? text : point;
    const Span *span = &step->spans[index];

    failure_line(text, (size_t)(until - text), point != NULL, err);
    if (span->file != NULL)
    {
        err->file = mem_copy(err->mem, span->file);
        err->line = span->line;
        err->byte = span->offset + 1;
    }
    /* Only a statement sent as written has its lines where the file has them. */
    for (const char *at = text; step->recipe == NULL && at < until; at++)
        err->line += *at == '\n';
    return false;
}

/* --- where, how far, and what stays ---------------------------------------------- */

/* Does it begin where the trouble is, or before? Several may stand on one line. */
static bool
begins_by(const Span *span, const Err *err)
{
    return err->byte > 0 ? span->offset < err->byte : span->line <= err->line;
}

/* Which statement of the phase it is, as the author of the file counts. */
typedef struct Place
{
    int number; /* 0: of none */
    int count;
    const Statement *statement; /* of that number */
} Place;

static Place
place_of(const Step *step, const Err *err)
{
    const Migration *migration = step->migration;
    Place place = {0};

    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &migration->sections[i];

        if (section->phase != step->phase || section->down != step->undoes)
            continue;
        for (int j = 0; j < section->statements.count; j++)
        {
            const Statement *statement = &section->statements.items[j];

            place.count++;
            if (err->file == NULL || strcmp(err->file, statement->span.file) != 0 ||
                !begins_by(&statement->span, err))
                continue;
            place.number = place.count;
            place.statement = statement;
        }
    }
    return place;
}

/* What does not say where it is of the file is of the step's own statement. */
static void
place_known(const Step *step, Err *err)
{
    if (err->file != NULL || step->span.file == NULL)
        return;
    err->file = mem_copy(err->mem, step->span.file);
    err->line = step->span.line;
    err->byte = step->span.offset + 1;
}

const Statement *
failure_statement(const Step *step, Err *err)
{
    place_known(step, err);
    return place_of(step, err).statement;
}

static int
steps_of_phase(const Plan *plan, const Step *step)
{
    int count = 0;

    for (int i = 0; i < plan->step_count; i++)
        count += plan->steps[i].phase == step->phase;
    return count;
}

/* One sentence on what the failure leaves in the database. */
static void
failure_leaves(const Plan *plan, const Step *step, Fate fate, Err *err)
{
    int before = step->ordinal - 1 + (fate == FATE_DONE);
    const char *what = step->undoes              ? "undo"
                       : step->phase == PHASE_UP ? "migration"
                                                 : phase_name(step->phase);
    bool whole = step->kind == STEP_TRANSACTION || step->kind == STEP_VALIDATE;

    if (fate == FATE_UNKNOWN)
        err_detail(err, "whether this step took effect is not known; the next run asks "
                        "the history and goes on from there");
    else if (before == 0 && whole)
        err_detail(err,
                   "the transaction was rolled back: nothing of this %s is in the "
                   "database",
                   what);
    else if (step->kind == STEP_BACKFILL)
        err_detail(err, "batches that were committed stay done");
    if (before > 0)
        err_detail(err,
                   "partial at %d/%d: what is done stays done, the next run goes on "
                   "behind it",
                   before, steps_of_phase(plan, step));
}

/* What to mend, by the class of the SQLSTATE. */
typedef struct Mend
{
    const char *sqlstate;
    const char *what;
    bool known; /* to who answered, whose hint says it and needs none of ours */
} Mend;

static const Mend mends[] = {
    {"22", "Mend the rows", false},       /* data exception */
    {"23", "Mend the rows", false},       /* a constraint */
    {"53", "Give the server room", true}, /* disk, memory, connections */
    {"", "Mend the file", false},
};

static const Mend *
what_to_mend(const Err *err)
{
    const Mend *mend = mends;

    while (strncmp(err->sqlstate, mend->sqlstate, strlen(mend->sqlstate)) != 0)
        mend++;
    return mend;
}

static void
failure_next(const Step *step, Err *err)
{
    const char *verb = step->undoes                    ? "down"
                       : step->phase == PHASE_CONTRACT ? "contract"
                                                       : "up";

    bool refused = strncmp(err->sqlstate, "42", 2) == 0; /* it is there, and says no */

    if ((err->kind == ERR_CONNECT && !refused) || err->kind == ERR_LOST)
        err_detail(err, "when the server is back: pgstride %s", verb);
    if (err->kind != ERR_SQL)
        return;

    const Mend *mend = what_to_mend(err);

    if (err->hint == NULL)
        err_hint(err, "%s, then: pgstride %s", mend->what, verb);
    else if (!mend->known)
        err_hint(err, "%s · %s, then: pgstride %s", err->hint, mend->what, verb);
}

bool
failure_of_step(const Plan *plan, const Step *step, Fate fate, Err *err)
{
    const char *label = plan->migration->label;
    bool stopped = err->kind == ERR_STOPPED;
    Place place;

    place_known(step, err);
    place = place_of(step, err);
    failure_leaves(plan, step, fate, err);
    failure_next(step, err);
    if (place.number == 0)
        return err_in(err, "%s %s at step %d of %s%s", label,
                      stopped ? "stopped" : "failed", step->ordinal,
                      step->undoes ? "the undo of " : "", phase_name(step->phase));
    return err_in(err, "%s %s at statement %d of %d (%s:%d)", label,
                  stopped ? "stopped" : "failed", place.number, place.count, err->file,
                  err->line);
}

bool
failure_dirty(const Migration *migration, Err *err)
{
    return err_set(err, ERR_DIRTY, "Database is in dirty state at version %s",
                   migration->version);
}
