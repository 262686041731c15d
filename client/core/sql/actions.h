/*
 * What every action locks and costs: one table, measured on real servers.
 *
 * Locks are what the server takes on the relation it changes and on the other one it
 * names; the catalog may add more (foreign keys of a dropped table, partitions), which
 * the planner adds from Facts.
 */
#ifndef PGSTRIDE_CORE_ACTIONS_H
#define PGSTRIDE_CORE_ACTIONS_H

#include "model/caps.h"
#include "model/lock.h"
#include "model/migration.h"
#include "model/statement.h"
#include "model/step.h"

/* How an action is taken back when the file does not say. */
typedef enum UndoKind
{
    UNDO_NOT_NEEDED,  /* it changed nothing that lasts */
    UNDO_DROP,        /* drop what it made: table, column, index, constraint... */
    UNDO_RENAME_BACK, /* the same statement with the names swapped */
    UNDO_DROP_NOT_NULL,
    UNDO_SET_NOT_NULL, /* scans, unless proven */
    UNDO_CATALOG,      /* the old value must be read before: default, storage, owner */
    UNDO_REBUILD,      /* the definition must be kept: index, constraint, trigger */
    UNDO_OWN,          /* only a down section knows */
    UNDO_IRREVERSIBLE  /* data is gone */
} UndoKind;

typedef struct ActionRule
{
    const char *name; /* "ADD COLUMN" */
    LockMode lock;    /* on Act.relation */
    LockMode other_lock;
    Work work;
    UndoKind undo;
    const char *note; /* what the lock and the work do not say, or NULL */
} ActionRule;

/* The rule for this act on that server; caps NULL: the newest. */
ActionRule action_rule(const Act *act, const Caps *caps);

const char *action_name(Action action);

/* ADD COLUMN, whatever comes with the column. */
bool action_adds_column(Action action);

/* Makes that relation anew, or fails where there is one of that name. */
bool act_creates(const Act *act, const QName *relation);

/* Did an earlier statement of the same migration create the relation the act changes?
 * Then nobody uses it yet, and nothing done to it is a hazard. */
bool act_on_new_table(const Migration *migration, const Act *act);

/* The act of the section (NULL: none) that adds the column to that table, or NULL. */
const Act *section_adds_column(const Section *section, const QName *table,
                               const char *column);

/* The first act of the statement with that action, or NULL. */
const Act *statement_act(const Statement *statement, Action action);

#endif
