/* Tables that are being laid over the catalog; private to core/overlay*.c. */
#ifndef PGSTRIDE_CORE_OVERLAY_TABLE_H
#define PGSTRIDE_CORE_OVERLAY_TABLE_H

#include "core/plan/overlay.h"
#include "core/sql/makes.h"

/* A relation that exists at this point. Its arrays may be shared with facts that were
 * given away: they are copied before they are changed. */
typedef struct Laid
{
    TableFact fact;
    uint32_t name_hash; /* of its bare name: of a thousand most are another */
    bool in_part;       /* not all of its columns are known */
} Laid;

struct Overlay
{
    Mem *mem;
    const Facts *live;
    LIST(Laid *) tables;
    int64_t last_oid; /* of a relation that is not there yet: negative */
    const char *clouded;
};

/* As the search path would find it; NULL: there is none. */
Laid *laid_find(const Overlay *overlay, const QName *name);

/* It is called by that name from now on. */
void laid_call(Laid *laid, QName name);

/* A relation of that kind, made now; its name is resolved as CREATE would. */
Laid *laid_add(Overlay *overlay, const QName *name, const char *kind);
void laid_remove(Overlay *overlay, const Laid *laid);

/* The table that has an index of that name, or NULL. */
Laid *laid_of_index(const Overlay *overlay, const QName *index);

/* --- parts of one; the server's names are chosen where none is given ------------- */

void laid_add_column(Overlay *overlay, Laid *laid, const ColumnFact *column);
void laid_drop_column(Overlay *overlay, Laid *laid, const char *name);
ColumnFact *laid_column(Overlay *overlay, Laid *laid, const char *name);

void laid_add_constraint(Overlay *overlay, Laid *laid, const MadeConstraint *made);
void laid_drop_constraint(Overlay *overlay, Laid *laid, const char *name);
ConstraintFact *laid_constraint(Overlay *overlay, Laid *laid, const char *name);

void laid_add_index(Overlay *overlay, Laid *laid, const MadeIndex *made);
void laid_drop_index(Overlay *overlay, Laid *laid, const char *name);
IndexFact *laid_index(Overlay *overlay, Laid *laid, const char *name);

void laid_add_trigger(Overlay *overlay, Laid *laid, const TriggerFact *made);
void laid_drop_trigger(Overlay *overlay, Laid *laid, const char *name);
TriggerFact *laid_trigger(Overlay *overlay, Laid *laid, const char *name);

/* --- statements ------------------------------------------------------------------ */

/* overlay_act.c: what the statement changes and what it makes; false: not all that it
 * does can be read. */
bool overlay_statement(Overlay *overlay, const Statement *statement);

/* overlay_check.c: ERR_REFUSED at the place of the statement in its file. */
bool overlay_admits(const Overlay *overlay, const Statement *statement,
                    const Span *span, Err *err);

#endif
