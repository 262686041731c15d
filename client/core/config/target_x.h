/* What golang-migrate is told in an address: the parameters that begin with "x-". */
#ifndef PGSTRIDE_CORE_TARGET_X_H
#define PGSTRIDE_CORE_TARGET_X_H

#include "core/config/dsn.h"
#include "model/target.h"

/* Fills what the target says of them; what is not honoured becomes one of its notes.
 * Those about TLS are the server's own business: target_mysql takes them. Errors:
 * ERR_USAGE, for values that golang-migrate does not read either. */
bool target_x_read(Mem *mem, const Parameters *given, Target *target, Err *err);

/* As Go reads a truth value; `said` stays as it is where the text is none. */
bool truth_read(const char *text, bool *said);

#endif
