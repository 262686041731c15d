/*
 * Parse trees, for the files of this room only.
 *
 * A tree is allocated below a Mem like everything else: nothing is ever freed node by
 * node, so nodes may be moved, shared and replaced at will before deparsing.
 */
#ifndef PGSTRIDE_CORE_SQL_PG_TREE_H
#define PGSTRIDE_CORE_SQL_PG_TREE_H

#include <pg_query.h>
#include <pg_query.pb-c.h>

#include "core/sql/pg/pg.h"

typedef PgQuery__ParseResult Tree;
typedef PgQuery__Node Node;

/* NULL with fault filled when the text does not parse. */
Tree *tree_parse(Mem *mem, const char *text, PgFault *fault);

/* From the library's own form, as pg_query__parse_result__pack writes it. */
Tree *tree_unpack(Mem *mem, const uint8_t *packed, size_t size);

/* Would reading the tree take more stack than there is? The library walks its trees by
 * recursion and does not ask; the grammar itself does not mind. */
bool scan_too_deep(Mem *mem, const char *text);

/* Fills fault from the library's error about text. */
void tree_fault(Mem *mem, const char *text, const PgQueryError *error, PgFault *fault);

/* The only statement of a text; NULL when it does not parse or there are several. */
Node *tree_statement(Mem *mem, const char *text);

/*
 * SQL text again, which reads back as the same tree; NULL where no such text is found.
 * What belongs to a statement, an expression, a type.
 */
const char *tree_deparse(Mem *mem, Tree *tree);
const char *tree_expression(Mem *mem, Node *expression);
const char *tree_type(Mem *mem, PgQuery__TypeName *type);

/*
 * Calls visit for every message below and including root, parents first. Where visit
 * says false the walk does not go deeper.
 */
typedef bool (*TreeVisit)(ProtobufCMessage *message, void *data);
void tree_walk(void *root, TreeVisit visit, void *data);

/* Is it one of these? `message` as a pointer to the type, or NULL. */
#define TREE_AS(message, name, Type)                                                   \
    ((message)->descriptor == &pg_query__##name##__descriptor                          \
         ? (PgQuery__##Type *)(message)                                                \
         : NULL)

/* NULL for NULL and for the empty string, which protobuf gives where there is none. */
const char *tree_text(Mem *mem, const char *text);

/* The text of a String node, or NULL for any other. */
const char *node_string(const Node *node);

QName range_name(Mem *mem, const PgQuery__RangeVar *range);

/* A name from a list of String nodes, its last `skip` parts left out. */
QName list_name(Mem *mem, Node *const *items, size_t count, size_t skip);

#endif
