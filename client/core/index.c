#include "core/index.h"

#include <ctype.h>
#include <string.h>

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
