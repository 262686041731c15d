/* What is wanted, read and checked. */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "compat.h"
#include "locks.h"

typedef struct ModeName
{
    const char *name;
    LOCKMODE mode;
} ModeName;

/* clang-format off */
static const ModeName mode_names[] = {
    {"ACCESS SHARE",           AccessShareLock},
    {"ROW SHARE",              RowShareLock},
    {"ROW EXCLUSIVE",          RowExclusiveLock},
    {"SHARE UPDATE EXCLUSIVE", ShareUpdateExclusiveLock},
    {"SHARE",                  ShareLock},
    {"SHARE ROW EXCLUSIVE",    ShareRowExclusiveLock},
    {"EXCLUSIVE",              ExclusiveLock},
    {"ACCESS EXCLUSIVE",       AccessExclusiveLock},
};
/* clang-format on */

static LOCKMODE
mode_read(Datum written)
{
    const char *name = TextDatumGetCString(written);

    for (int i = 0; i < lengthof(mode_names); i++)
        if (pg_strcasecmp(mode_names[i].name, name) == 0)
            return mode_names[i].mode;
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("\"%s\" is not a lock mode", name),
                    errhint("Write it as LOCK TABLE does, \"ACCESS EXCLUSIVE\".")));
    return NoLock; /* not reached */
}

/* The elements of a flat array without nulls. */
static int
array_read(FunctionCallInfo fcinfo, int argument, Oid type, Datum **items)
{
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(argument);
    int16 length;
    bool by_value;
    char align;
    int count;

    if (ARR_NDIM(array) > 1 || array_contains_nulls(array))
        ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                        errmsg("argument %d must be a plain array without nulls",
                               argument + 1)));
    get_typlenbyvalalign(type, &length, &by_value, &align);
    deconstruct_array(array, type, length, by_value, align, items, NULL, &count);
    return count;
}

LockWishes
lock_wishes_read(FunctionCallInfo fcinfo)
{
    LockWishes wishes;
    Datum *relations;
    Datum *modes;
    Datum *alone;

    wishes.count = array_read(fcinfo, 0, REGCLASSOID, &relations);
    if (array_read(fcinfo, 1, TEXTOID, &modes) != wishes.count ||
        array_read(fcinfo, 2, BOOLOID, &alone) != wishes.count)
        ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                        errmsg("the arrays of relations, modes and whether each is "
                               "meant alone must be of one length")));
    wishes.items = palloc0(sizeof(LockWish) * (wishes.count + 1));
    for (int i = 0; i < wishes.count; i++)
        wishes.items[i] = (LockWish){.relation = DatumGetObjectId(relations[i]),
                                     .mode = mode_read(modes[i]),
                                     .alone = DatumGetBool(alone[i])};
    return wishes;
}

bool
relation_is_there(Oid relation)
{
    return get_rel_relkind(relation) != '\0';
}

/* Nothing is locked, so any of them may be dropped under us: that it is there is asked
 * just before its children are, and the answer cannot change in between. */
static List *
tree_add(List *tree, Oid relation, bool alone)
{
    ListCell *cell;

    check_stack_depth();
    if (!relation_is_there(relation) || list_member_oid(tree, relation))
        return tree;
    tree = lappend_oid(tree, relation);
    if (alone)
        return tree;
    foreach (cell, find_inheritance_children(relation, NoLock))
        tree = tree_add(tree, lfirst_oid(cell), false);
    return tree;
}

List *
lock_wish_tree(const LockWish *wish)
{
    return tree_add(NIL, wish->relation, wish->alone);
}

bool
lock_wish_is_free(const LockWish *wish)
{
    ListCell *cell;

    foreach (cell, lock_wish_tree(wish))
    {
        LOCKTAG tag;
        int conflicts;

        SET_LOCKTAG_RELATION(tag, MyDatabaseId, lfirst_oid(cell));
        (void)GetLockConflicts(&tag, wish->mode, &conflicts);
        if (conflicts > 0)
            return false;
    }
    return true;
}

bool
lock_wish_is_allowed(const LockWish *wish)
{
    AclMode any = ACL_UPDATE | ACL_DELETE | ACL_TRUNCATE | ACL_MAINTAIN_IF_ANY;

    if (wish->mode == AccessShareLock)
        any |= ACL_SELECT;
    if (wish->mode <= RowExclusiveLock)
        any |= ACL_INSERT;
    return pg_class_aclmask(wish->relation, GetUserId(), any, ACLMASK_ANY) != 0;
}
