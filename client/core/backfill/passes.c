#include "core/backfill/passes.h"

#include <math.h>

/*
 * What a pass costs for a page and for each row on it, and what a row costs that leaves
 * its page, in microseconds. The last counts twice: what it really costs is WAL, bloat
 * and cold indexes, long after the sweep.
 */
#define PASS_US 5.0
#define LOOK_US 0.03
#define MOVE_US 2.0
#define INDEX_US 3.0
#define MOVE_WEIGHT 2.0

/* Of a page's rows, as many may leave in one pass: an index page has a tenth free. */
#define LEAVE_SHARE 0.065

/* A pass for fewer rows than this is left to the last. */
#define LEAST_MOST 4

#define PLACES_UNKNOWN 64
#define PLAIN_RANGES 16
#define STRAIN_FIRST 0.2
#define STRAIN_LEAST (-1.0)
#define STRAIN_MOST 2.0
#define STRAIN_STEP 0.1

/* --- one page -------------------------------------------------------------------- */

/* Measured in rows as they were before. */
typedef struct Page
{
    double room;
    double growth;
} Page;

static Page
page_of(const Shape *shape, double strain)
{
    return (Page){.room = shape->room + (strain < 0 ? -strain * shape->places : 0),
                  .growth = strain > 0 ? strain : 0};
}

static double
page_fits(const Page *page)
{
    return fmax(0, floor(page->room / (1 + page->growth)));
}

/* As many as find room stay; the others leave, and theirs to the next pass. */
static double
page_change(Page *page, double rows)
{
    double stay = fmin(rows, page_fits(page));

    page->room += (rows - stay) - stay * page->growth;
    return rows - stay;
}

/* Of the rows that are wanted of each page, how many leave it. */
static double
cut_moves(const Cut *cut, Page page, double wanted)
{
    double moved = 0;

    for (int i = 0; i < cut->count - 1; i++)
    {
        double rows = fmin(wanted, cut->rows[i]);

        moved += page_change(&page, rows);
        wanted -= rows;
    }
    return moved + page_change(&page, wanted);
}

/* --- what is learned ------------------------------------------------------------- */

Shape
shape_start(const ShapeFacts *facts)
{
    bool known = facts->blocks > 0 && facts->rows > 0;
    double places =
        known ? (double)facts->rows / (double)facts->blocks : PLACES_UNKNOWN;
    double full = facts->fillfactor > 0 ? facts->fillfactor / 100.0 : 1;

    return (Shape){.places = places,
                   .room = places * (1 - full) / full,
                   .wanted = places,
                   .strain = STRAIN_FIRST,
                   .indexes = facts->indexes,
                   .never_hot = facts->never_hot};
}

/* The strain under which so many rows would have left their pages. */
static double
strain_seen(const Shape *shape, const Cut *cut, double moved)
{
    double low = STRAIN_LEAST;
    double high = STRAIN_MOST;

    while (high - low > 0.005)
    {
        double middle = (low + high) / 2;

        if (cut_moves(cut, page_of(shape, middle), shape->wanted) > moved)
            high = middle;
        else
            low = middle;
    }
    return (low + high) / 2;
}

/*
 * Nearly all in place: there may be room for larger passes. Hardly any, though the
 * horizon was waited for: rows grow too much, passes only cost.
 */
Shape
shape_learn(Shape shape, const Cut *cut, const Swept *swept)
{
    if (swept->forced || swept->blocks < 1)
        return shape;

    double rows = (double)swept->rows;
    double hot = rows > 0 ? (double)swept->hot / rows : 0;
    double seen;

    shape.wanted += (rows / (double)swept->blocks - shape.wanted) / 2;
    if (cut->count <= 1)
    {
        shape.plain_left -= shape.plain_left > 0;
        return shape;
    }
    if (swept->rows < swept->blocks)
        return shape;
    if (hot < 0.2)
        shape.plain_left = PLAIN_RANGES;
    seen = strain_seen(&shape, cut, shape.wanted * (1 - hot));
    if (hot > 0.97)
        seen -= STRAIN_STEP;
    shape.strain = fmax(STRAIN_LEAST, shape.strain + (seen - shape.strain) / 2);
    return shape;
}

/* --- choosing -------------------------------------------------------------------- */

Cut
cut_plain(void)
{
    return (Cut){.count = 1};
}

/* `leave` rows of each page are to leave it, a few at a time; then as many as fit,
 * until fewer than `least` do. */
static Cut
cut_make(const Shape *shape, double leave, double least)
{
    Page page = page_of(shape, shape->strain);
    double most = fmax(1, round(shape->places * LEAVE_SHARE));
    double left = shape->wanted;
    Cut cut = {.count = 0};

    while (cut.count < PASSES_MOST - 1)
    {
        double leaving = fmin(leave, most);
        double rows = page_fits(&page) + leaving;

        if (rows < 1 || rows >= left || (leaving <= 0 && rows < least))
            break;
        cut.rows[cut.count++] = (int)rows;
        leave -= leaving;
        left -= rows;
        page_change(&page, rows);
    }
    cut.count++;
    return cut;
}

static double
cut_cost(const Shape *shape, const Cut *cut)
{
    double moved = cut_moves(cut, page_of(shape, shape->strain), shape->wanted);

    return cut->count * (PASS_US + LOOK_US * shape->places) +
           moved * (MOVE_US + INDEX_US * shape->indexes) * MOVE_WEIGHT;
}

Cut
cut_choose(const Shape *shape)
{
    Cut best = cut_plain();
    double cost = cut_cost(shape, &best);

    if (shape->never_hot || shape->plain_left > 0)
        return best;
    for (double leave = 0; leave < shape->wanted; leave++)
        for (double least = 1; least <= LEAST_MOST; least++)
        {
            Cut cut = cut_make(shape, leave, least);
            double its_cost = cut_cost(shape, &cut);

            if (its_cost >= cost)
                continue;
            best = cut;
            cost = its_cost;
        }
    return best;
}

Pass
cut_pass(const Cut *cut, int number)
{
    return (Pass){.rows = number < cut->count - 1 ? cut->rows[number] : 0};
}

bool
cut_equals(const Cut *a, const Cut *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count - 1; i++)
        if (a->rows[i] != b->rows[i])
            return false;
    return true;
}
