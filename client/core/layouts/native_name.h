/*
 * File names of the native layout: VERSION_name[.ENGINE][.PART].sql.
 *
 *     20260515_split_email.sql                 every section, or only `up`
 *     20260515_split_email.up.sql              one section
 *     20260515_split_email.expand.down.sql     the undo of one phase
 *     20260515_split_email.mysql.up.sql        beats the generic one on that engine
 */
#ifndef PGSTRIDE_CORE_NATIVE_NAME_H
#define PGSTRIDE_CORE_NATIVE_NAME_H

#include "core/files/sections.h"

typedef struct NativeName
{
    const SourceFile *file;
    const char *version; /* "20260515" */
    const char *name;    /* "split_email" */
    const char *label;   /* "20260515_split_email" */
    const char *sort_key;
    const char *engine; /* "mysql"; NULL: for every engine */
    FilePart part;
} NativeName;

/* False for files that are none of ours: another ending, or hidden. */
bool native_concerns(const SourceFile *file);

/* Signs that nobody else leaves: a phase in the name, a directive at a line's start. */
bool native_name_phased(const char *name);
bool native_directed(const SourceFile *file);

/* ERR_USAGE says which shape a name has when this one has another. */
bool native_name_read(Mem *mem, const SourceFile *file, NativeName *name, Err *err);

#endif
