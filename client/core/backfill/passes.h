/*
 * Into how many interleaved passes a range of blocks is cut, and which rows each takes.
 *
 * A page that is full has no room for the new versions of all its rows at once. The
 * first pass moves a few rows off each page; once their old versions can be pruned, the
 * next pass finds room and updates in place (HOT), and so on. Rows are told apart by
 * their place in the page, so that every pass takes about as many from each.
 *
 * Fewer passes read the pages less often, more passes move fewer rows. Measured
 * (PostgreSQL 15, 52 rows a page, 3 indexes, rows growing by 13 %): 9 passes 75 % HOT,
 * 13 passes 79 %, 23 passes 81 %; the time is flat between 9 and 16.
 */
#ifndef PGSTRIDE_CORE_PASSES_H
#define PGSTRIDE_CORE_PASSES_H

#include <stdbool.h>
#include <stdint.h>

/* The rows whose place in the page, modulo `modulus`, is in [from, to). */
typedef struct Pass
{
    int modulus; /* 1: every row */
    int from;
    int to;
} Pass;

/* Pass 0 takes `first` places, every other one `step`. */
typedef struct Cut
{
    int modulus;
    int first;
    int step;
} Cut;

/* What is known of the table, and learned from the ranges that were swept. */
typedef struct Shape
{
    double places;  /* line pointers a page: rows, from the catalog's estimate */
    int indexes;    /* what a row that leaves its page must be put into again */
    bool never_hot; /* an assigned column is indexed, or it is a DELETE */
    double growth;  /* >= 1: pages have room, so the passes may be larger */
    int plain_left; /* ranges to go before passes are tried again */
} Shape;

/* What one range, swept in all its passes, came to. */
typedef struct Swept
{
    int64_t blocks;
    int64_t rows; /* changed */
    int64_t hot;  /* of these, in place */
    bool forced;  /* the horizon was not waited for: teaches nothing */
} Swept;

Shape shape_start(int64_t rows, int64_t blocks, int indexes, bool never_hot);
Shape shape_learn(Shape shape, const Cut *cut, const Swept *swept);

Cut cut_plain(void);
Cut cut_choose(const Shape *shape);
int cut_count(const Cut *cut);
Pass cut_pass(const Cut *cut, int number);

/* Everything that the passes from `number` on would take, at once. */
Pass cut_rest(const Cut *cut, int number);

#endif
