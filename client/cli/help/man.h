/* The manual page, in man's own macros, from the tables that read the command line. */
#ifndef PGSTRIDE_CLI_MAN_H
#define PGSTRIDE_CLI_MAN_H

#include "cli/out.h"

void tell_man(Out *out);

#endif
