/*
 * Whose folder, history and database a call is about: the one component of those that
 * know of no others, one of several in a configuration file, or all of them.
 */
#ifndef PGSTRIDE_CLI_COMPONENT_H
#define PGSTRIDE_CLI_COMPONENT_H

#include "cli/invocation.h"

/*
 * Fills call->component, unless it is chosen already. ERR_USAGE: there is none of that
 * name, or several and none is named.
 */
bool component_choose(Invocation *call, Err *err);

/* Its folder, as --dir or the file says; NULL: the default. It has been chosen. */
const char *component_dir(const Invocation *call);

/* Its layout: --layout, else what the configuration file says; or NULL. */
const char *component_layout(const Invocation *call);

/* No history but pgstride's own is touched. */
bool component_keeps_own(const Invocation *call);

/* The file that names it, or NULL. */
const Config *component_config(const Invocation *call);

/* The database of its own, or NULL. */
const Address *component_address(const Invocation *call);

/* One command, for the component of the call or, with --all, for each in turn. */
typedef struct Each
{
    bool (*run)(Invocation *call, const void *what, Err *err);
    const void *what;
    bool reads; /* what is wrong with one keeps nobody from asking the next */
} Each;

/*
 * With --all, every component is headed by its name and JSON is gathered into one
 * object. The first error is the one told; unless `reads`, it is also the end.
 */
bool component_each(Invocation *call, const Each *each, Err *err);

#endif
