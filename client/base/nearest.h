/* "Did you mean": the known name that a wrong one was most likely meant to be. */
#ifndef PGSTRIDE_BASE_NEAREST_H
#define PGSTRIDE_BASE_NEAREST_H

/*
 * One of names, or NULL when none is near enough to be worth saying: at most one edit
 * for every three letters, and never more than three. Letter case does not count.
 */
const char *nearest_name(const char *wrong, const char *const *names, int count);

#endif
