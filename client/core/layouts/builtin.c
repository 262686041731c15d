#include "core/layouts/builtin.h"

#include <string.h>

#include "core/files/sections.h"

/* Filled for one engine; a row without SQL is recorded there and changes nothing. */
typedef struct Builtin
{
    const char *beside; /* the label of the file that tells the project */
    const char *version;
    const char *name;
    const char *engine;
    const char *sql;
} Builtin;

/* clang-format off */
static const Builtin builtins[] = {
    {"20251105000000000003_identity_id_not_null_fks", "20251105000000000001",
     "identity_id_not_null_fks", "postgres",
     "UPDATE identity_credential_identifiers AS i SET identity_id = c.identity_id\n"
     "  FROM identity_credentials AS c\n"
     " WHERE c.id = i.identity_credential_id AND c.nid = i.nid AND i.id IN (\n"
     "       SELECT n.id FROM identity_credential_identifiers AS n\n"
     "        WHERE n.identity_id IS NULL AND EXISTS (SELECT FROM identity_credentials AS k\n"
     "              WHERE k.id = n.identity_credential_id AND k.nid = n.nid)\n"
     "        LIMIT 10000);\n"},
    {"20251105000000000003_identity_id_not_null_fks", "20251105000000000002",
     "identity_id_not_null_fks", "postgres",
     "UPDATE session_devices AS d SET identity_id = s.identity_id\n"
     "  FROM sessions AS s\n"
     " WHERE s.id = d.session_id AND s.nid = d.nid AND d.id IN (\n"
     "       SELECT n.id FROM session_devices AS n\n"
     "        WHERE n.identity_id IS NULL AND EXISTS (SELECT FROM sessions AS k\n"
     "              WHERE k.id = n.session_id AND k.nid = n.nid)\n"
     "        LIMIT 10000);\n"},
    {"20251105000000000003_identity_id_not_null_fks", "20251105000000000001",
     "identity_id_not_null_fks", "mysql",
     "UPDATE identity_credential_identifiers AS i\n"
     "  JOIN (SELECT n.id, c.identity_id FROM identity_credential_identifiers AS n\n"
     "          JOIN identity_credentials AS c\n"
     "            ON c.id = n.identity_credential_id AND c.nid = n.nid\n"
     "         WHERE n.identity_id IS NULL LIMIT 10000) AS f ON f.id = i.id\n"
     "   SET i.identity_id = f.identity_id;\n"},
    {"20251105000000000003_identity_id_not_null_fks", "20251105000000000002",
     "identity_id_not_null_fks", "mysql",
     "UPDATE session_devices AS d\n"
     "  JOIN (SELECT n.id, s.identity_id FROM session_devices AS n\n"
     "          JOIN sessions AS s ON s.id = n.session_id AND s.nid = n.nid\n"
     "         WHERE n.identity_id IS NULL LIMIT 10000) AS f ON f.id = d.id\n"
     "   SET d.identity_id = f.identity_id;\n"},
    {"20251105000000000003_identity_id_not_null_fks", "20251105000000000001",
     "identity_id_not_null_fks", "sqlite3", NULL},
    {"20251105000000000003_identity_id_not_null_fks", "20251105000000000002",
     "identity_id_not_null_fks", "sqlite3", NULL},
};
/* clang-format on */

static bool
list_has(const MigrationList *list, const char *label)
{
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->items[i].label, label) == 0)
            return true;
    return false;
}

/* The section says of itself that it runs until nothing is left to change. The way back
 * is empty, as the project has it: what was filled goes with its column. */
static bool
builtin_section(Mem *mem, const Builtin *builtin, SectionList *sections, Err *err)
{
    char *text = mem_text(mem, "-- migrate:backfill repeat:true\n%s-- migrate:down\n",
                          builtin->sql);
    const SourceFile file = {
        .name = builtin->name,
        .path = mem_text(mem, "%s_%s (built in)", builtin->version, builtin->name),
        .bytes = text,
        .length = strlen(text)};
    const SectionSource from = {
        .file = &file, .part = {.whole = true}, .engine = builtin->engine};

    return builtin->sql == NULL || sections_read(mem, &from, sections, err);
}

bool
builtin_add(Mem *mem, const LayoutRequest *request, MigrationList *list, Err *err)
{
    int files = list->count;

    for (int i = 0; i < LENGTH(builtins); i++)
    {
        const Builtin *builtin = &builtins[i];
        MigrationList of_files = {list->items, files, files};
        SectionList sections = {0};
        char *label = mem_text(mem, "%s_%s", builtin->version, builtin->name);

        if (strcmp(builtin->engine, request->engine) != 0 ||
            !list_has(&of_files, builtin->beside) || list_has(&of_files, label))
            continue;
        if (!builtin_section(mem, builtin, &sections, err))
            return false;

        Migration *migration = list_add(mem, list);

        *migration = (Migration){
            .version = builtin->version,
            .sort_key = builtin->version,
            .name = builtin->name,
            .label = label,
            .file = mem_text(mem, "%s (built in)", label),
        };
        migration_take(mem, migration, &sections);
    }
    return true;
}
