/*
 * One value for one option and who gave it: the table's default, a file, the
 * environment, the command line. Whoever gave it, it is read in the same way.
 */
#ifndef PGSTRIDE_CLI_GIVEN_H
#define PGSTRIDE_CLI_GIVEN_H

#include "cli/options.h"

typedef struct Given
{
    const Option *option;
    const char *value;
    const char *env;  /* the variable it comes from, or NULL */
    const char *file; /* the file, or NULL */
    int line;
    bool foreign; /* another program reads it, from where that is started */
} Given;

/* All that one of them gave, in its order. */
typedef LIST(Given) Layer;

/* Into its place in options; ERR_USAGE says who gave what it does not take. */
bool given_set(Mem *mem, const Given *given, Options *options, Err *err);

/*
 * argv[1..]: flags into the layer and options->flagged, all else into options->words.
 * Read to its end; the first error is the one told.
 */
bool words_read(Mem *mem, int argc, char *const *argv, Options *options, Layer *layer,
                Err *err);

#endif
