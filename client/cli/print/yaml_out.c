#include "cli/print/yaml_out.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"

/* Words that YAML 1.1 or 1.2 reads as something else than a text. */
static const char *const reserved[] = {"true", "false", "yes", "no",  "on", "off",
                                       "null", "y",     "n",   "inf", "nan"};

static void print_value(Out *out, json_t *value, int depth);

/* A text that needs no quotes whoever reads it; a line of SQL does. */
static bool
is_plain(const char *text)
{
    for (int i = 0; i < LENGTH(reserved); i++)
        if (strcasecmp(text, reserved[i]) == 0)
            return false;
    if (!isalpha((unsigned char)text[0]))
        return false;
    for (; *text != '\0'; text++)
        if (!isalnum((unsigned char)*text) && strchr("_-./", *text) == NULL)
            return false;
    return true;
}

static int
bytes_print(const char *bytes, size_t length, void *out)
{
    out_bytes(out, bytes, length);
    return 0;
}

/* JSON's numbers, null and quoted texts are YAML's. */
static void
print_scalar(Out *out, const json_t *value)
{
    const char *text = json_string_value(value);

    if (text != NULL && is_plain(text))
        out_bytes(out, text, strlen(text));
    else
        json_dump_callback(value, bytes_print, out,
                           JSON_ENCODE_ANY | JSON_REAL_PRECISION(15) | JSON_COMPACT);
    out_bytes(out, "\n", 1);
}

static void
print_indent(Out *out, int depth)
{
    for (int i = 0; i < depth; i++)
        out_bytes(out, "  ", 2);
}

/* Behind a "- " the first key stands on the same line. */
static void
print_map(Out *out, json_t *map, int depth, bool begun)
{
    const char *key;
    json_t *value;

    json_object_foreach(map, key, value)
    {
        if (!begun)
            print_indent(out, depth);
        begun = false;
        out_bytes(out, key, strlen(key));
        out_bytes(out, ":", 1);
        print_value(out, value, depth + 1);
    }
}

static void
print_list(Out *out, json_t *list, int depth)
{
    size_t index;
    json_t *value;

    json_array_foreach(list, index, value)
    {
        print_indent(out, depth);
        out_bytes(out, "-", 1);
        if (json_is_object(value) && json_object_size(value) > 0)
        {
            out_bytes(out, " ", 1);
            print_map(out, value, depth + 1, true);
        }
        else
            print_value(out, value, depth + 1);
    }
}

/* What stands behind "key:" or "-". */
static void
print_value(Out *out, json_t *value, int depth)
{
    bool filled = json_object_size(value) > 0 || json_array_size(value) > 0;

    out_bytes(out, filled ? "\n" : " ", 1);
    if (!filled)
        print_scalar(out, value);
    else if (json_is_object(value))
        print_map(out, value, depth, false);
    else
        print_list(out, value, depth);
}

void
yaml_print(Out *out, json_t *value)
{
    out_bytes(out, "---", 3);
    print_value(out, value, 0);
}
