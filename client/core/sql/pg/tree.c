#include "core/sql/pg/tree.h"

#include <string.h>

#include "base/utf8.h"

/* Nodes are many, small, and go together: they share blocks of the Mem. */
typedef struct Arena
{
    Mem *mem;
    char *at;
    size_t left;
} Arena;

static void *
arena_alloc(void *data, size_t size)
{
    enum
    {
        BLOCK = 64 * 1024,
        ALIGNMENT = 16
    };
    Arena *arena = data;
    size_t taken = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);

    if (taken > BLOCK / 4)
        return mem_bytes(arena->mem, taken);
    if (taken > arena->left)
    {
        arena->at = mem_bytes(arena->mem, BLOCK);
        arena->left = BLOCK;
    }
    arena->at += taken;
    arena->left -= taken;
    return arena->at - taken;
}

static void
arena_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

void
tree_fault(Mem *mem, const char *text, const PgQueryError *error, PgFault *fault)
{
    fault->message = mem_copy(mem, error->message);
    /* The library counts characters, we count bytes. */
    fault->offset =
        error->cursorpos > 0 ? (int)utf8_offset(text, error->cursorpos) : -1;
}

Tree *
tree_unpack(Mem *mem, const uint8_t *packed, size_t size)
{
    Arena arena = {.mem = mem};
    ProtobufCAllocator owner = {arena_alloc, arena_free, &arena};

    return pg_query__parse_result__unpack(&owner, size, packed);
}

Tree *
tree_parse(Mem *mem, const char *text, PgFault *fault)
{
    if (scan_too_deep(mem, text))
    {
        *fault = (PgFault){"the statement is nested too deeply", -1};
        return NULL;
    }

    PgQueryProtobufParseResult parsed = pg_query_parse_protobuf(text);
    Tree *tree = NULL;

    if (parsed.error != NULL)
        tree_fault(mem, text, parsed.error, fault);
    else
        tree = tree_unpack(mem, (const uint8_t *)parsed.parse_tree.data,
                           parsed.parse_tree.len);
    if (parsed.error == NULL && tree == NULL)
        *fault = (PgFault){"the parser's answer cannot be read", -1};
    pg_query_free_protobuf_parse_result(parsed);
    return tree;
}

Node *
tree_statement(Mem *mem, const char *text)
{
    PgFault fault;
    Tree *tree = tree_parse(mem, text, &fault);

    return tree == NULL || tree->n_stmts != 1 ? NULL : tree->stmts[0]->stmt;
}

static void
walk_field(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
           TreeVisit visit, void *data)
{
    char *base = (char *)message;
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    void **items = (void **)(base + field->offset);
    size_t count = 1;

    if (repeated)
    {
        count = *(size_t *)(base + field->quantifier_offset);
        items = *(void ***)items;
    }
    for (size_t i = 0; i < count; i++)
        if (items[i] != NULL)
            tree_walk(items[i], visit, data);
}

/* The library describes its messages, so one walk knows every kind of node there is. */
void
tree_walk(void *root, TreeVisit visit, void *data)
{
    ProtobufCMessage *message = root;
    const ProtobufCMessageDescriptor *kind = message->descriptor;

    if (!visit(message, data))
        return;
    for (unsigned i = 0; i < kind->n_fields; i++)
    {
        const ProtobufCFieldDescriptor *field = &kind->fields[i];
        bool chosen =
            (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
            *(uint32_t *)((char *)message + field->quantifier_offset) == field->id;

        if (field->type == PROTOBUF_C_TYPE_MESSAGE && chosen)
            walk_field(message, field, visit, data);
    }
}

const char *
tree_text(Mem *mem, const char *text)
{
    return text == NULL || text[0] == '\0' ? NULL : mem_copy(mem, text);
}

const char *
node_string(const Node *node)
{
    return node != NULL && node->node_case == PG_QUERY__NODE__NODE_STRING
               ? node->string->sval
               : NULL;
}

QName
range_name(Mem *mem, const PgQuery__RangeVar *range)
{
    if (range == NULL)
        return (QName){0};
    return (QName){(char *)tree_text(mem, range->schemaname),
                   mem_copy(mem, range->relname)};
}

QName
list_name(Mem *mem, Node *const *items, size_t count, size_t skip)
{
    QName name = {0};

    if (count > skip)
        name.name = mem_copy(mem, node_string(items[count - skip - 1]));
    if (count > skip + 1)
        name.schema = mem_copy(mem, node_string(items[count - skip - 2]));
    return name;
}
