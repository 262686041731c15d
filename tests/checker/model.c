/*
 * What every statement must make of a row, by the rules of the file format and by
 * nothing else: one side written alone brings the other along, both written stay as
 * written, and the new column is what survives contract.
 */
#include "checker/checker.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void
value_set(char *to, const char *from)
{
    snprintf(to, VALUE, "%s", from);
}

static void
value_filled(const Writer *writer, char *to, const char *from)
{
    value_set(to, from);
    if (writer->round->variant->lowers)
        for (char *c = to; *c != '\0'; c++)
            *c = (char)tolower((unsigned char)*c);
}

static Row *
row_where(Writer *writer, bool alive)
{
    uint32_t start = random_below(&writer->random, ROWS);

    for (int i = 0; i < ROWS; i++)
        if (writer->rows[(start + i) % ROWS].alive == alive)
            return &writer->rows[(start + i) % ROWS];
    return NULL;
}

Row *
row_alive(Writer *writer)
{
    return row_where(writer, true);
}

Row *
row_free(Writer *writer)
{
    return row_where(writer, false);
}

void
row_touched(Writer *writer, Row *row)
{
    row->filled |= writer->era == ERA_BOTH;
}

/*
 * Once contracted there is one column, and no f: it holds what was written. A statement
 * that ended while contract may have committed was on one side of it or the other.
 */
void
row_old_written(Writer *writer, Row *row, const char *value)
{
    int now = atomic_load(&writer->round->era);

    value_set(row->email, value);
    value_filled(writer, row->fresh, value);
    row->loose =
        writer->era != ERA_CONTRACTED && (now == ERA_CLOSING || now == ERA_CONTRACTED);
    if (writer->era == ERA_CONTRACTED)
        value_set(row->fresh, value);
    row_touched(writer, row);
}

void
row_new_written(Writer *writer, Row *row, const char *value)
{
    value_set(row->email, value);
    value_set(row->fresh, value);
    row->loose = false;
    row_touched(writer, row);
}

void
row_both_written(Writer *writer, Row *row, const char *old, const char *fresh)
{
    value_set(row->email, old);
    value_set(row->fresh, fresh);
    row->loose = false;
    row_touched(writer, row);
}

/* Taking the new column away loses what only it said: the old shape was never touched.
 */
static void
row_aborted(Writer *writer, Row *row)
{
    value_filled(writer, row->fresh, row->email);
    row->filled = row->loose = false;
}

void
model_follow(Writer *writer)
{
    int aborts = atomic_load(&writer->round->aborts);

    for (int i = 0; i < ROWS && aborts != writer->aborts; i++)
        row_aborted(writer, &writer->rows[i]);
    writer->aborts = aborts;
    writer->era = (Era)atomic_load(&writer->round->era);
}

bool
model_accepts(const Row *row, Era era, const char *email, const char *fresh)
{
    bool old_side = strcmp(email, row->email) == 0;
    bool new_side = strcmp(email, row->fresh) == 0;

    switch (era)
    {
    case ERA_OLD:
        return old_side;
    case ERA_BOTH:
        return old_side &&
               (fresh[0] == '\0' ? !row->filled : strcmp(fresh, row->fresh) == 0);
    case ERA_CLOSING:
        return old_side || new_side;
    case ERA_CONTRACTED:
        return new_side || (row->loose && old_side);
    }
    return false;
}
