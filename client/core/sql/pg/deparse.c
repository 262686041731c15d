/*
 * From a tree back to text, and never to the text of another tree.
 *
 * The library's deparser forgets parentheses here and there: it writes (NOT a) IS NULL
 * as NOT a IS NULL, which says something else. So its text is parsed again and
 * compared; if it strays, operands are taken out of the tree, written one by one, and
 * put back in parentheses of our own.
 */
#include <string.h>

#include "core/sql/pg/tree.h"

static const char *
deparse_once(Mem *mem, const Tree *tree)
{
    MEM_SCOPE(scope, mem);
    size_t size = pg_query__parse_result__get_packed_size(tree);
    PgQueryProtobuf packed = {size, mem_zeroed(scope, size + 1, "packed")};

    pg_query__parse_result__pack(tree, (uint8_t *)packed.data);

    PgQueryDeparseResult deparsed = pg_query_deparse_protobuf(packed);
    const char *text = deparsed.error == NULL ? mem_copy(mem, deparsed.query) : NULL;

    pg_query_free_deparse_result(deparsed);
    return text;
}

/* --- is it still the same tree? -------------------------------------------------- */

static bool
see_location(ProtobufCMessage *message, void *data)
{
    const ProtobufCMessageDescriptor *kind = message->descriptor;

    (void)data;
    for (unsigned i = 0; i < kind->n_fields; i++)
    {
        const ProtobufCFieldDescriptor *field = &kind->fields[i];

        if (field->type == PROTOBUF_C_TYPE_INT32 &&
            field->label != PROTOBUF_C_LABEL_REPEATED &&
            (strstr(field->name, "location") != NULL ||
             strcmp(field->name, "stmt_len") == 0))
            *(int32_t *)((char *)message + field->offset) = 0;
    }
    return true;
}

/* 't'::boolean is written true; both are the same constant. */
static bool
see_boolean(ProtobufCMessage *message, void *data)
{
    Node *node = TREE_AS(message, node, Node);
    const PgQuery__TypeCast *cast =
        node != NULL && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST
            ? node->type_cast
            : NULL;
    bool of_bool = cast != NULL && cast->type_name->n_names == 2 &&
                   cast->type_name->n_array_bounds == 0 &&
                   strcmp(node_string(cast->type_name->names[1]), "bool") == 0 &&
                   cast->arg->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                   cast->arg->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
    const char *word = of_bool ? cast->arg->a_const->sval->sval : "";

    if (strcmp(word, "t") == 0 || strcmp(word, "f") == 0)
    {
        PgQuery__AConst *constant = cast->arg->a_const;

        constant->val_case = PG_QUERY__A__CONST__VAL_BOOLVAL;
        constant->boolval = mem_new(data, PgQuery__Boolean);
        pg_query__boolean__init(constant->boolval);
        constant->boolval->boolval = word[0] == 't';
        node->node_case = PG_QUERY__NODE__NODE_A_CONST;
        node->a_const = constant;
    }
    return true;
}

/* The bytes of a tree without places in a text and without spellings of constants. */
static PgQueryProtobuf
tree_bytes(Mem *mem, Tree *tree)
{
    tree_walk(tree, see_boolean, mem);
    tree_walk(tree, see_location, NULL);

    size_t size = pg_query__parse_result__get_packed_size(tree);
    PgQueryProtobuf bytes = {size, mem_zeroed(mem, size + 1, "bytes")};

    pg_query__parse_result__pack(tree, (uint8_t *)bytes.data);
    return bytes;
}

static Tree *
tree_copy(Mem *mem, const Tree *tree)
{
    size_t size = pg_query__parse_result__get_packed_size(tree);
    uint8_t *packed = mem_zeroed(mem, size + 1, "packed");

    pg_query__parse_result__pack(tree, packed);
    return tree_unpack(mem, packed, size);
}

static bool
reads_back(const char *text, const Tree *tree)
{
    MEM_SCOPE(scope, NULL);
    PgFault fault;
    Tree *again = text == NULL ? NULL : tree_parse(scope, text, &fault);

    if (again == NULL)
        return false;

    PgQueryProtobuf is = tree_bytes(scope, again);
    PgQueryProtobuf should_be = tree_bytes(scope, tree_copy(scope, tree));

    return is.len == should_be.len && memcmp(is.data, should_be.data, is.len) == 0;
}

/* --- operands in parentheses of our own ------------------------------------------ */

typedef struct Hole
{
    Node *operand;
    const char *name; /* of the function call that stands in its place */
} Hole;

typedef struct Holes
{
    Mem *mem;
    LIST(Hole) list;
} Holes;

static bool
takes_operands(const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *kind = message->descriptor;

    return kind == &pg_query__null_test__descriptor ||
           kind == &pg_query__boolean_test__descriptor ||
           kind == &pg_query__type_cast__descriptor ||
           kind == &pg_query__collate_clause__descriptor ||
           kind == &pg_query__a__expr__descriptor ||
           kind == &pg_query__a__indirection__descriptor ||
           kind == &pg_query__func_call__descriptor || /* also AT TIME ZONE */
           kind == &pg_query__sub_link__descriptor ||
           kind == &pg_query__xml_expr__descriptor ||
           kind == &pg_query__json_is_predicate__descriptor ||
           kind == &pg_query__list__descriptor;
}

static bool
needs_parentheses(const Node *node, bool subscripted)
{
    switch ((int)node->node_case)
    {
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
    case PG_QUERY__NODE__NODE_A_EXPR:
    case PG_QUERY__NODE__NODE_NULL_TEST:
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
    case PG_QUERY__NODE__NODE_CASE_EXPR:
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
    case PG_QUERY__NODE__NODE_SUB_LINK:
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
    case PG_QUERY__NODE__NODE_XML_EXPR:
    case PG_QUERY__NODE__NODE_JSON_IS_PREDICATE:
        return true;
    case PG_QUERY__NODE__NODE_FUNC_CALL:
        return node->func_call->funcformat ==
               PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX;
    case PG_QUERY__NODE__NODE_A_CONST:
        return subscripted; /* elsewhere it may be a word of the syntax */
    default:
        return false;
    }
}

static void
dig_hole(Holes *holes, const ProtobufCMessage *around, Node **slot)
{
    MEM_SCOPE(scope, holes->mem);
    bool subscripted = around->descriptor == &pg_query__a__indirection__descriptor;
    Hole *hole;

    if (*slot == NULL || !needs_parentheses(*slot, subscripted))
        return;
    hole = list_add(holes->mem, &holes->list);
    hole->operand = *slot;
    hole->name = mem_text(holes->mem, "pgstride_hole_%d()", holes->list.count);
    *slot = tree_statement(holes->mem, mem_text(scope, "SELECT %s", hole->name))
                ->select_stmt->target_list[0]
                ->res_target->val;
}

static bool
see_operands(ProtobufCMessage *message, void *data)
{
    const ProtobufCMessageDescriptor *kind = message->descriptor;

    for (unsigned i = 0; takes_operands(message) && i < kind->n_fields; i++)
    {
        const ProtobufCFieldDescriptor *field = &kind->fields[i];
        char *place = (char *)message + field->offset;

        if (field->descriptor != &pg_query__node__descriptor)
            continue;
        if (field->label != PROTOBUF_C_LABEL_REPEATED)
        {
            dig_hole(data, message, (Node **)place);
            continue;
        }
        for (size_t j = 0; j < *(size_t *)((char *)message + field->quantifier_offset);
             j++)
            dig_hole(data, message, &(*(Node ***)place)[j]);
    }
    return true;
}

/* The last hole first: hole 1 is also the beginning of hole 10. */
static const char *
fill_holes(Mem *mem, const Holes *holes, const char *text)
{
    for (int i = holes->list.count - 1; text != NULL && i >= 0; i--)
    {
        const Hole *hole = &holes->list.items[i];
        const char *operand = tree_expression(mem, hole->operand);
        const char *at = strstr(text, hole->name);

        if (operand == NULL || at == NULL)
            return NULL;
        text = mem_text(mem, "%.*s(%s)%s", (int)(at - text), text, operand,
                        at + strlen(hole->name));
    }
    return text;
}

static const char *
deparse_in_parts(Mem *mem, const Tree *tree)
{
    Tree *copy = tree_copy(mem, tree);
    Holes holes = {.mem = mem};

    tree_walk(copy, see_operands, &holes);
    return holes.list.count == 0 ? NULL
                                 : fill_holes(mem, &holes, deparse_once(mem, copy));
}

const char *
tree_deparse(Mem *mem, Tree *tree)
{
    MEM_SCOPE(scope, mem);
    const char *text = deparse_once(scope, tree);

    if (!reads_back(text, tree))
        text = deparse_in_parts(scope, tree);
    return reads_back(text, tree) ? mem_copy(mem, text) : NULL;
}

/* --- parts of statements: the deparser knows whole ones only --------------------- */

static const char *
deparse_in_select(Mem *mem, Node *expression, const char *prefix)
{
    MEM_SCOPE(scope, mem);
    PgFault fault;
    Tree *frame = tree_parse(scope, "SELECT 1", &fault);

    frame->stmts[0]->stmt->select_stmt->target_list[0]->res_target->val = expression;

    const char *text = tree_deparse(scope, frame);

    if (text == NULL || strncmp(text, prefix, strlen(prefix)) != 0)
        return NULL;
    return mem_copy(mem, text + strlen(prefix));
}

const char *
tree_expression(Mem *mem, Node *expression)
{
    return deparse_in_select(mem, expression, "SELECT ");
}

const char *
tree_type(Mem *mem, PgQuery__TypeName *type)
{
    MEM_SCOPE(scope, mem);
    Node *frame = tree_statement(scope, "SELECT NULL::text");
    Node *cast = frame->select_stmt->target_list[0]->res_target->val;

    cast->type_cast->type_name = type;
    return deparse_in_select(mem, cast, "SELECT NULL::");
}
