#include "core/layouts/substitute.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *
value_of(const Substitution *substitution, const char *name)
{
    return substitution->environment == NULL
               ? NULL
               : substitution->environment->get(substitution->environment, name);
}

static size_t
name_length(const char *text, size_t length)
{
    size_t at = 0;

    while (at < length && (isalnum((unsigned char)text[at]) || text[at] == '_') &&
           !(at == 0 && isdigit((unsigned char)text[0])))
        at++;
    return at;
}

static bool
never_closed(const Substitution *substitution, const char *prefix, Err *err)
{
    return err_at(err, ERR_USAGE, substitution->file, substitution->line,
                  "a \"%s\" is never closed", prefix);
}

/* --- goose ----------------------------------------------------------------------- */

/* NAME:-default: the default also where it is set to nothing. */
static void
braced_add(const Substitution *substitution, const char *inside, Buf *into)
{
    MEM_SCOPE(scope, NULL);
    size_t length = name_length(inside, strlen(inside));
    const char *value = value_of(substitution, mem_slice(scope, inside, length));
    const char *rest = inside + length;
    bool set = value != NULL;

    if (strncmp(rest, ":-", 2) == 0)
    {
        set = set && value[0] != '\0';
        rest++;
    }
    if (set)
        buf_add(into, value);
    else if (*rest == '-')
        buf_add(into, rest + 1);
}

bool
substitute_environment(const Substitution *substitution, const char *text,
                       size_t length, Buf *into, Err *err)
{
    MEM_SCOPE(scope, NULL);

    for (size_t at = 0; at < length;)
    {
        size_t name = text[at] == '$' ? name_length(text + at + 1, length - at - 1) : 0;

        if (text[at] == '$' && at + 1 < length && text[at + 1] == '{')
        {
            const char *end = memchr(text + at, '}', length - at);

            if (end == NULL)
                return never_closed(substitution, "${", err);
            braced_add(substitution,
                       mem_slice(scope, text + at + 2, (size_t)(end - text) - at - 2),
                       into);
            at = (size_t)(end - text) + 1;
        }
        else if (name > 0)
        {
            const char *value =
                value_of(substitution, mem_slice(scope, text + at + 1, name));

            buf_add(into, value == NULL ? "" : value);
            at += 1 + name;
        }
        else
            buf_bytes(into, &text[at++], 1);
    }
    return true;
}

/* --- Flyway ---------------------------------------------------------------------- */

/* FLYWAY_PLACEHOLDERS_NAME. */
static const char *
placeholder_of(const Substitution *substitution, const char *name)
{
    MEM_SCOPE(scope, NULL);
    char *variable = mem_text(scope, "FLYWAY_PLACEHOLDERS_%s", name);

    if (strcasecmp(name, "flyway:filename") == 0)
        return substitution->script;
    if (strcasecmp(name, "flyway:table") == 0)
        return substitution->table;
    for (char *c = variable; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    return value_of(substitution, variable);
}

static bool
no_value(const Substitution *substitution, int lines, const char *name, Err *err)
{
    err_at(err, ERR_REFUSED, substitution->file, substitution->line + lines,
           "No value provided for placeholder: %s%s%s.  Check your configuration!",
           substitution->prefix, name, substitution->suffix);
    return err_hint(err, "Set FLYWAY_PLACEHOLDERS_NAME, or give Flyway's own file with "
                         "--config; or turn them off with "
                         "FLYWAY_PLACEHOLDER_REPLACEMENT=false.");
}

bool
substitute_placeholders(const Substitution *substitution, const char *text,
                        size_t length, Buf *into, Err *err)
{
    MEM_SCOPE(scope, NULL);
    size_t opening = strlen(substitution->prefix);
    size_t closing = strlen(substitution->suffix);
    const char *until = text + length;
    int lines = 0;

    while (text < until)
    {
        if (strncmp(text, substitution->prefix, opening) != 0)
        {
            lines += *text == '\n';
            buf_bytes(into, text++, 1);
            continue;
        }

        const char *end = strstr(text + opening, substitution->suffix);

        if (end == NULL || end >= until)
            return never_closed(substitution, substitution->prefix, err);

        char *name = mem_slice(scope, text + opening, (size_t)(end - text) - opening);
        const char *value = placeholder_of(substitution, name);

        if (value == NULL)
            return no_value(substitution, lines, name, err);
        buf_add(into, value);
        text = end + closing;
    }
    return true;
}
