#include "core/config/yaml.h"

#include <string.h>

#include <yaml.h>

#include "base/buf.h"

/* The document of the library on its way to a tree of ours. */
typedef struct Reading
{
    Mem *mem;
    const char *file;
    const char *text;
    size_t length;
    yaml_parser_t parser;
    yaml_document_t document;
    Yaml **made; /* by index of the library's node; NULL: not met yet */
} Reading;

/* --- what is broken -------------------------------------------------------------- */

static int
line_of(const Reading *reading, size_t offset)
{
    int line = 1;

    for (size_t i = 0; i < offset && i < reading->length; i++)
        line += reading->text[i] == '\n';
    return line;
}

/* The library gives a mark for grammar, and for bytes that are no text an offset. */
static bool
refuse_grammar(const Reading *reading, Err *err)
{
    const yaml_parser_t *parser = &reading->parser;
    const char *problem = parser->problem == NULL ? "unreadable" : parser->problem;
    int line = (int)parser->problem_mark.line + 1;
    int column = (int)parser->problem_mark.column + 1;

    if (parser->error == YAML_READER_ERROR)
        return err_at(err, ERR_USAGE, reading->file,
                      line_of(reading, parser->problem_offset), "no YAML: %s", problem);
    err_at(err, ERR_USAGE, reading->file, line, "%s:%d:%d: no YAML: %s%s%s",
           reading->file, line, column, problem, parser->context == NULL ? "" : ", ",
           parser->context == NULL ? "" : parser->context);
    if (parser->problem_mark.index < reading->length &&
        reading->text[parser->problem_mark.index] == '\t')
        err_hint(err, "YAML is indented with blanks, never with tabs.");
    return false;
}

static bool
refuse_node(const Reading *reading, int line, const char *what, Err *err)
{
    return err_at(err, ERR_USAGE, reading->file, line, "%s", what);
}

/* --- nodes ----------------------------------------------------------------------- */

static bool node_read(Reading *reading, int index, const Yaml **node, Err *err);

static const char *
scalar_text(const Reading *reading, const yaml_node_t *node)
{
    static const char *const nothing[] = {"", "~", "null", "Null", "NULL"};
    const char *text = (const char *)node->data.scalar.value;

    if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        for (int i = 0; i < LENGTH(nothing); i++)
            if (strcmp(text, nothing[i]) == 0)
                return NULL;
    return mem_slice(reading->mem, text, node->data.scalar.length);
}

static bool
list_read(Reading *reading, const yaml_node_t *node, Yaml *list, Err *err)
{
    const yaml_node_item_t *item = node->data.sequence.items.start;

    list->kind = YAML_LIST;
    list->count = (int)(node->data.sequence.items.top - item);
    list->entries = mem_array(reading->mem, YamlEntry, list->count);
    for (int i = 0; i < list->count; i++)
    {
        if (!node_read(reading, item[i], &list->entries[i].value, err))
            return false;
        list->entries[i].line = list->entries[i].value->line;
    }
    return true;
}

static bool
key_read(Reading *reading, int index, Yaml *map, YamlEntry *entry, Err *err)
{
    const Yaml *key;
    const Yaml *before;

    if (!node_read(reading, index, &key, err))
        return false;
    if (key->kind != YAML_TEXT || key->text == NULL)
        return refuse_node(reading, key->line, "a key that is no text", err);
    before = yaml_at(map, key->text);
    if (before != NULL)
        return err_at(err, ERR_USAGE, reading->file, key->line,
                      "\"%s\" is given twice in the same place", key->text);
    entry->key = key->text;
    entry->line = key->line;
    return true;
}

static bool
map_read(Reading *reading, const yaml_node_t *node, Yaml *map, Err *err)
{
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    int count = (int)(node->data.mapping.pairs.top - pair);

    map->kind = YAML_MAP;
    map->entries = mem_array(reading->mem, YamlEntry, count);
    for (; map->count < count; map->count++)
    {
        YamlEntry entry = {0};

        if (!key_read(reading, pair[map->count].key, map, &entry, err) ||
            !node_read(reading, pair[map->count].value, &entry.value, err))
            return false;
        map->entries[map->count] = entry;
    }
    return true;
}

/* A node that is met again while it is being read holds an alias to itself. */
static bool
node_read(Reading *reading, int index, const Yaml **node, Err *err)
{
    const yaml_node_t *given = yaml_document_get_node(&reading->document, index);
    Yaml *made = reading->made[index];

    *node = made;
    if (made != NULL)
        return made->line > 0 || refuse_node(reading, (int)given->start_mark.line + 1,
                                             "an alias that contains itself", err);
    *node = reading->made[index] = made = mem_new(reading->mem, Yaml);

    bool good = true;

    if (given->type == YAML_SCALAR_NODE)
        made->text = scalar_text(reading, given);
    else if (given->type == YAML_SEQUENCE_NODE)
        good = list_read(reading, given, made, err);
    else
        good = map_read(reading, given, made, err);
    made->line = (int)given->start_mark.line + 1;
    return good;
}

/* --- documents ------------------------------------------------------------------- */

static bool
document_read(Reading *reading, const Yaml **root, Err *err)
{
    yaml_document_t *document = &reading->document;

    if (yaml_document_get_root_node(document) == NULL)
        return true;
    reading->made = mem_array(reading->mem, Yaml *,
                              document->nodes.top - document->nodes.start + 1);
    return node_read(reading, 1, root, err);
}

static bool
only_document(Reading *reading, Err *err)
{
    yaml_document_t next;

    if (!yaml_parser_load(&reading->parser, &next))
        return refuse_grammar(reading, err);

    const yaml_node_t *root = yaml_document_get_root_node(&next);
    int line = root == NULL ? 0 : (int)root->start_mark.line + 1;

    yaml_document_delete(&next);
    return line == 0 ||
           refuse_node(reading, line, "a second document begins here", err);
}

bool
yaml_read(Mem *mem, const char *file, const char *text, size_t length,
          const Yaml **root, Err *err)
{
    Reading reading = {.mem = mem, .file = file, .text = text, .length = length};

    *root = NULL;
    if (!yaml_parser_initialize(&reading.parser))
        return err_set(err, ERR_INTERNAL, "no memory for reading YAML");
    yaml_parser_set_input_string(&reading.parser, (const unsigned char *)text, length);

    bool good = yaml_parser_load(&reading.parser, &reading.document);

    if (good)
    {
        good = document_read(&reading, root, err) && only_document(&reading, err);
        yaml_document_delete(&reading.document);
    }
    else
        refuse_grammar(&reading, err);
    yaml_parser_delete(&reading.parser);
    return good;
}

const Yaml *
yaml_at(const Yaml *map, const char *key)
{
    for (int i = 0; map->kind == YAML_MAP && i < map->count; i++)
        if (strcmp(map->entries[i].key, key) == 0)
            return map->entries[i].value;
    return NULL;
}

const char *
yaml_joined(Mem *mem, const Yaml *value)
{
    Buf joined = buf_begin(mem);

    if (value->kind == YAML_TEXT)
        return value->text;
    if (value->kind == YAML_MAP)
        return NULL;
    for (int i = 0; i < value->count; i++)
        if (value->entries[i].value->kind == YAML_TEXT &&
            value->entries[i].value->text != NULL)
            buf_format(&joined, "%s%s", joined.length == 0 ? "" : ",",
                       value->entries[i].value->text);
    return joined.text;
}
