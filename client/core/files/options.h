/*
 * The options of a section line: `key:value`, one row of a table each (design §3).
 *
 * A section's own options win over those of `-- pgstride:` header lines; a header
 * option reaches only the sections that it may stand in.
 */
#ifndef PGSTRIDE_CORE_OPTIONS_H
#define PGSTRIDE_CORE_OPTIONS_H

#include "base/err.h"
#include "model/migration.h"

/* Where an option was written. */
typedef struct OptionPlace
{
    const char *file;
    int line;
} OptionPlace;

typedef struct OptionRule OptionRule;

/* One option as given: its row, and its text without the quotes. */
typedef struct GivenOption
{
    const OptionRule *rule;
    const char *hazard; /* of allow:HAZARD:"reason"; NULL for every other key */
    const char *value;
    OptionPlace place;
} GivenOption;

typedef struct GivenOptions
{
    GivenOption *items;
    int count;
    int room;
} GivenOptions;

/* The row of a key; ERR_USAGE with the nearest one when there is none. */
bool option_rule(const char *key, const OptionPlace *place, const OptionRule **rule,
                 Err *err);

/* True for `allow`, the one key that names a hazard and may be given for several. */
bool option_names_hazard(const OptionRule *rule);

/* Adds one to a line or a header, after its value was found good; ERR_USAGE when it is
 * not, or when the key was given before. */
bool option_give(Mem *mem, GivenOptions *given, const GivenOption *option, Err *err);

/* May the key stand in that section? */
bool option_fits(const GivenOption *option, Phase phase, bool down);

/* ERR_USAGE when one of them may not. */
bool given_options_fit(const GivenOptions *given, Phase phase, bool down, Err *err);

/* ERR_USAGE: a header option that no section of its file can take. */
bool option_idle(const GivenOption *option, Err *err);

/* What holds in that section: its own options over the header's. */
bool options_resolve(Mem *mem, const GivenOptions *header, const GivenOptions *own,
                     Section *section, Err *err);

#endif
