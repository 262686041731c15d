#include "core/backfill/passes.h"

#include <math.h>

/*
 * What a pass costs for a page and for each row it looks at, and what a row costs that
 * leaves its page, in microseconds. The last counts fourfold: what it really costs is
 * WAL, bloat and cold indexes, long after the sweep.
 */
#define PASS_US 4.0
#define LOOK_US 0.1
#define MOVE_US 1.5
#define INDEX_US 2.2
#define MOVE_WEIGHT 4.0

#define PLACES_MOST 128
#define PLAIN_RANGES 16
#define GROWTH_STEP 1.5

Shape
shape_start(int64_t rows, int64_t blocks, int indexes, bool never_hot)
{
    double places = blocks > 0 && rows > 0 ? (double)rows / (double)blocks : 64;

    return (Shape){
        .places = places, .indexes = indexes, .never_hot = never_hot, .growth = 1};
}

/*
 * Nearly all in place: pages have room, larger passes may do as well. Hardly any in
 * place, though the horizon was waited for: rows grow too much, passes only cost.
 */
Shape
shape_learn(Shape shape, const Cut *cut, const Swept *swept)
{
    if (swept->forced || swept->rows < swept->blocks)
        return shape;
    if (cut->modulus <= 1)
    {
        shape.plain_left -= shape.plain_left > 0;
        return shape;
    }

    double hot = (double)swept->hot / (double)swept->rows;

    if (hot < 0.2)
        shape.plain_left = PLAIN_RANGES;
    if (hot > 0.97)
        shape.growth *= GROWTH_STEP;
    else if (shape.growth > 1)
        shape.growth = fmax(1, shape.growth / GROWTH_STEP);
    if (shape.growth > shape.places)
        shape.growth = shape.places;
    return shape;
}

Cut
cut_plain(void)
{
    return (Cut){.modulus = 1, .first = 1, .step = 1};
}

/*
 * With steps of s rows, about 0.87 s rows a page leave it beyond what its growth pushes
 * out, and places / s passes read it: the sum of both costs is least at the root.
 */
Cut
cut_choose(const Shape *shape)
{
    double pass = PASS_US + LOOK_US * shape->places;
    double move = MOVE_WEIGHT * (MOVE_US + INDEX_US * shape->indexes);
    double best = sqrt(shape->places * pass / (0.87 * move)) * shape->growth;
    int modulus = (int)fmin(PLACES_MOST, fmax(1, round(shape->places)));
    int step = (int)fmax(1, round(best * modulus / fmax(1, shape->places)));

    if (shape->never_hot || shape->plain_left > 0 || step * 2 > modulus)
        return cut_plain();
    return (Cut){.modulus = modulus, .first = step > 1 ? step / 2 : 1, .step = step};
}

int
cut_count(const Cut *cut)
{
    int after_first = cut->modulus - cut->first;

    return after_first <= 0 ? 1 : 1 + (after_first + cut->step - 1) / cut->step;
}

static int
pass_from(const Cut *cut, int number)
{
    int from = number == 0 ? 0 : cut->first + (number - 1) * cut->step;

    return from < cut->modulus ? from : cut->modulus;
}

Pass
cut_pass(const Cut *cut, int number)
{
    return (Pass){.modulus = cut->modulus,
                  .from = pass_from(cut, number),
                  .to = pass_from(cut, number + 1)};
}

Pass
cut_rest(const Cut *cut, int number)
{
    return (Pass){
        .modulus = cut->modulus, .from = pass_from(cut, number), .to = cut->modulus};
}
