/*
 * Memory with owners: every allocation hangs below a parent and goes when it goes.
 *
 * A thin face over talloc. Results belong to the Mem that the caller passes first,
 * scratch belongs to a MEM_SCOPE; nobody calls free. Running out of memory ends the
 * program with exit code 70: there is no state in which carrying on would be safer.
 */
#ifndef PGSTRIDE_BASE_MEM_H
#define PGSTRIDE_BASE_MEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <talloc.h>

typedef void Mem;

#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* A scratch owner named `scope` below `parent` (NULL: none), freed when the block is
 * left. */
#define MEM_SCOPE(scope, parent)                                                       \
    __attribute__((cleanup(mem_scope_end))) Mem *scope = mem_scope_begin(parent)

/* One zeroed Type, or an array of them; never NULL. */
#define mem_new(mem, Type) ((Type *)mem_zeroed((mem), sizeof(Type), #Type))
#define mem_array(mem, Type, count)                                                    \
    ((Type *)mem_zeroed((mem), sizeof(Type) * (size_t)(count), #Type))

Mem *mem_scope_begin(Mem *parent);
void mem_scope_end(Mem **scope);
void mem_leave(Mem *mem); /* to the end of the process; what is to end, sessions, has */
void *mem_zeroed(Mem *mem, size_t size, const char *name);
void *mem_bytes(Mem *mem, size_t size); /* of no particular value */

/* Text owned by mem: formatted, copied (NULL stays NULL), or the first `length` bytes.
 */
char *mem_text(Mem *mem, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *mem_vtext(Mem *mem, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
char *mem_copy(Mem *mem, const char *text);
char *mem_slice(Mem *mem, const char *text, size_t length);

/*
 * A growing array: LIST(Step) steps = {0}; list_add(mem, &steps)->name = ...;
 * The slot returned is zeroed and valid until the next list_add.
 */
#define LIST(Type)                                                                     \
    struct                                                                             \
    {                                                                                  \
        Type *items;                                                                   \
        int count;                                                                     \
        int room;                                                                      \
    }
#define list_add(mem, list)                                                            \
    (list_reserve((mem), (void **)&(list)->items, &(list)->room, (list)->count,        \
                  sizeof(*(list)->items)),                                             \
     &(list)->items[(list)->count++])

void list_reserve(Mem *mem, void **items, int *room, int count, size_t size);

#endif
