/* SQL files as the build embeds them: see client/tools/embed.awk. */
#ifndef PGSTRIDE_DB_EMBEDDED_H
#define PGSTRIDE_DB_EMBEDDED_H

typedef struct Embedded
{
    const char *name;
    int upto_major; /* for servers up to this major; 0: any */
    const char *text;
} Embedded;

/* All end with a row whose name is NULL. */
extern const Embedded postgres_queries[];
extern const Embedded mysql_queries[];
extern const Embedded cockroach_queries[];
extern const Embedded bookkeeping_postgresql[];
extern const Embedded bookkeeping_cockroach[];
extern const Embedded sqlite_queries[];
extern const Embedded bookkeeping_sqlite[];
extern const Embedded bookkeeping_mysql[];

#endif
