#include "core/indexes/index.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"

#define NAME_MOST 63 /* bytes of an identifier */
#define CLIPPED_MOST                                                                   \
    3 /* a name is cut between characters: up to so many bytes less                    \
       */

IndexVerdict
index_build_next(const IndexFound *found)
{
    if (!found->exists)
        return (IndexVerdict){INDEX_RUN, "it is not there"};
    if (!found->is_index)
        return (IndexVerdict){INDEX_STOP, "another kind of relation has its name"};
    if (found->builder != 0)
        return (IndexVerdict){INDEX_WAIT, "another session is building it"};
    if (!found->same && !found->ours)
        return (IndexVerdict){INDEX_STOP, "an index of that name is defined otherwise"};
    if (found->valid && found->ready && found->live)
        return (IndexVerdict){INDEX_DONE, "it is there and valid"};
    return (IndexVerdict){INDEX_CLEAR, "an interrupted build left it invalid"};
}

/* DROP INDEX CONCURRENTLY marks it invalid first, and can be sent again. Whether one
 * that is not there is an error, the statement says: it may have IF EXISTS. */
IndexVerdict
index_drop_next(const IndexFound *found)
{
    if (!found->exists && found->ours)
        return (IndexVerdict){INDEX_DONE, "it is gone"};
    if (!found->exists)
        return (IndexVerdict){INDEX_RUN, "it is not there"};
    if (!found->is_index)
        return (IndexVerdict){INDEX_STOP, "another kind of relation has its name"};
    if (found->builder != 0)
        return (IndexVerdict){INDEX_WAIT, "another session is building it"};
    return (IndexVerdict){INDEX_RUN, "it is there"};
}

const char *
index_server_refuses(const Caps *caps)
{
    if (strcmp(caps->engine, "postgres") == 0 && caps->version >= 140000 &&
        caps->version < 140004)
        return "PostgreSQL 14.0 to 14.3 can build corrupt indexes concurrently";
    return NULL;
}

/* What only the moment is to blame for: another concurrent build, or a lock that was
 * wanted by several, and one of them had to give way. */
static const char *const passing[] = {"40P01", "40001", "55P03"};

#define RETRY_FIRST_MS 500
#define RETRIES_MOST 5

IndexRetry
index_retry(const char *sqlstate, int failures)
{
    IndexRetry retry = {false, RETRY_FIRST_MS};

    for (int i = 0; i < LENGTH(passing); i++)
        if (strcmp(sqlstate, passing[i]) == 0)
            retry.again = failures <= RETRIES_MOST;
    for (int i = 1; i < failures; i++)
        retry.rest_ms *= 2;
    return retry;
}

bool
index_is_reindex_leftover(const char *name, const char *index)
{
    static const char *const suffixes[] = {"_ccnew", "_ccold"};
    size_t length = strlen(name);
    size_t whole = strlen(index);

    while (length > 0 && isdigit((unsigned char)name[length - 1]))
        length--;
    for (int i = 0; i < 2; i++)
    {
        size_t suffix = strlen(suffixes[i]);
        size_t stem = length - suffix;

        if (length <= suffix || strncmp(name + stem, suffixes[i], suffix) != 0 ||
            stem > whole || strncmp(name, index, stem) != 0)
            continue;
        return stem == whole || strlen(name) + CLIPPED_MOST >= NAME_MOST;
    }
    return false;
}
