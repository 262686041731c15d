/*
 * In how many passes the pages of a range are gone over, and how many rows each takes.
 *
 * A page that is full has no room for the new versions of all its rows at once. The
 * first passes move a few rows off each page; once their old versions can be pruned,
 * the next find room and update in place (HOT). Every row that leaves makes room for
 * others to grow in, so just as many should leave as the growth of all asks for. A
 * model of one page says how many that is, how many rows fit at each pass, and what it
 * costs; what the ranges swept so far came to says how much rows grow.
 *
 * Rows leave a few at a time: an index takes that much without splitting its pages, and
 * clears away by itself what earlier passes left in it.
 */
#ifndef PGSTRIDE_CORE_PASSES_H
#define PGSTRIDE_CORE_PASSES_H

#include <stdbool.h>
#include <stdint.h>

/* So many rows of each page, of those that are not done; 0: all of them. */
typedef struct Pass
{
    int rows;
} Pass;

#define PASSES_MOST 24

typedef struct Cut
{
    int count;
    int rows[PASSES_MOST]; /* the last pass takes what is left: 0 */
} Cut;

/* What is known of the table, and learned from the ranges that were swept. */
typedef struct Shape
{
    double places; /* rows a page, from the catalog's estimate */
    double room;   /* more that a page had room for when it was loaded */
    double wanted; /* rows a page that are not done */
    double strain; /* > 0: the share by which a row grows; < 0: pages have more room, as
                      a share of their rows */
    int indexes;   /* what a row that leaves its page must be put into again */
    bool never_hot; /* an assigned column is indexed, or it is a DELETE */
    int plain_left; /* ranges to go before passes are tried again */
} Shape;

/* The table as the catalog tells of it. */
typedef struct ShapeFacts
{
    int64_t rows;
    int64_t blocks;
    int fillfactor; /* percent; 0 is 100 */
    int indexes;
    bool never_hot;
} ShapeFacts;

/* What one range, swept in all its passes, came to. */
typedef struct Swept
{
    int64_t blocks;
    int64_t rows; /* changed */
    int64_t hot;  /* of these, in place */
    bool forced;  /* the horizon was not waited for: teaches nothing */
} Swept;

Shape shape_start(const ShapeFacts *facts);
Shape shape_learn(Shape shape, const Cut *cut, const Swept *swept);

Cut cut_plain(void);
Cut cut_choose(const Shape *shape);
Pass cut_pass(const Cut *cut, int number);
bool cut_equals(const Cut *a, const Cut *b);

#endif
