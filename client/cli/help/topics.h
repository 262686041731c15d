/* Subjects of help that are no commands: one row each. */
#ifndef PGSTRIDE_CLI_TOPICS_H
#define PGSTRIDE_CLI_TOPICS_H

#include "cli/invocation.h"

typedef struct Topic
{
    const char *name;
    const char *help; /* one line */
    void (*tell)(Out *out);
} Topic;

extern const Topic topics_table[];
extern const int topics_count;

const Topic *topic_named(const char *name);

#endif
