#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
mem_must(void *memory)
{
    if (memory == NULL)
    {
        fputs("Error: out of memory\n", stderr);
        exit(70);
    }
    return memory;
}

Mem *
mem_scope_begin(Mem *parent)
{
    return mem_must(talloc_new(parent));
}

void
mem_scope_end(Mem **scope)
{
    TALLOC_FREE(*scope);
}

/* Taking a thousand migrations apart again is a twelfth of a run that finds nothing to
 * do. Who looks for leaks would find all of it. */
void
mem_leave(Mem *mem)
{
#ifdef __SANITIZE_ADDRESS__
    talloc_free(mem);
#else
    (void)mem;
#endif
}

void *
mem_zeroed(Mem *mem, size_t size, const char *name)
{
    return memset(mem_must(talloc_named_const(mem, size, name)), 0, size);
}

char *
mem_vtext(Mem *mem, const char *format, va_list args)
{
    return mem_must(talloc_vasprintf(mem, format, args));
}

char *
mem_text(Mem *mem, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = mem_vtext(mem, format, args);
    va_end(args);
    return text;
}

char *
mem_copy(Mem *mem, const char *text)
{
    return text == NULL ? NULL : mem_must(talloc_strdup(mem, text));
}

char *
mem_slice(Mem *mem, const char *text, size_t length)
{
    return mem_must(talloc_strndup(mem, text, length));
}

void *
mem_bytes(Mem *mem, size_t size)
{
    return mem_must(talloc_size(mem, size));
}

#define LARGE_ITEM 100 /* bytes */

void
list_reserve(Mem *mem, void **items, int *room, int count, size_t size)
{
    if (count == *room)
    {
        int first = size > LARGE_ITEM ? 1 : 8; /* of large things there is mostly one */
        int wanted = *room == 0 ? first : *room * 2;

        *items = mem_must(talloc_realloc_size(*items == NULL ? mem : NULL, *items,
                                              size * (size_t)wanted));
        *room = wanted;
    }
    memset((char *)*items + size * (size_t)count, 0, size);
}
