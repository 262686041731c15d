/*
 * The question about rows that a plain path asks: keys that a unique index could not
 * bear, those that several rows share. See core/plan/probe.h; only the values are given
 * here, and the names are put to them where it is asked.
 */
#ifndef PGSTRIDE_CORE_PLAIN_PROBE_H
#define PGSTRIDE_CORE_PLAIN_PROBE_H

#include "core/plan/draft.h"
#include "core/sql/sql.h"

/* Of the first unique key that the statement makes; text NULL: it makes none, or none
 * that is understood. For steps that share no transaction: they ask it first. */
Probe plain_probe(const Draft *draft, const Statement *statement);

/* The same of one act: in a transaction that will be taken back it is asked when the
 * rows were refused. table: as the catalog has it, or NULL. */
Probe plain_probe_of(Mem *mem, const Caps *caps, const Act *act,
                     const TableFact *table);

#endif
