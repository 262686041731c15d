#include "core/layouts/flyway_settings.h"

#include <string.h>
#include <strings.h>

#include "core/layouts/parts.h"

const char *
flyway_setting(const LayoutRequest *request, const char *variable, const char *usual)
{
    const Environment *environment = request->environment;
    const char *value =
        environment == NULL ? NULL : environment->get(environment, variable);

    return value == NULL || value[0] == '\0' ? usual : value;
}

bool
flyway_says(const LayoutRequest *request, const char *variable, const char *value)
{
    return strcasecmp(flyway_setting(request, variable, ""), value) == 0;
}

/* --- what is not honoured -------------------------------------------------------- */

typedef struct Unhonoured
{
    const char *variable;
    const char *key;
    const char *usual; /* what says nothing; NULL: whatever it says */
    const char *cure;  /* NULL: it runs all the same, and `instead` is told */
    const char *instead;
} Unhonoured;

#define NAMING "Name the files as Flyway does unless told otherwise: V1__name.sql."
#define IN_JAVA "What is written in Java is run by Flyway alone."

/* clang-format off */
static const Unhonoured unhonoured[] = {
    {"FLYWAY_CHERRY_PICK", "cherryPick", NULL, "Say which are not to run: pgstride mark VERSION; or how far to go: --to VERSION.", NULL},
    {"FLYWAY_SKIP_EXECUTING_MIGRATIONS", "skipExecutingMigrations", "false", "Say what was applied: pgstride baseline VERSION, or pgstride mark VERSION.", NULL},
    {"FLYWAY_DRY_RUN_OUTPUT", "dryRunOutput", NULL, "pgstride up --dry-run prints what would be run.", NULL},
    {"FLYWAY_GROUP", "group", "false", "Every migration commits by itself here: take it out.", NULL},
    {"FLYWAY_INIT_SQL", "initSql", NULL, "Give the role what the sessions need: ALTER ROLE NAME SET ...; or write it into the scripts.", NULL},
    {"FLYWAY_ERROR_OVERRIDES", "errorOverrides", NULL, "An error stops the run here: write the script so that there is none.", NULL},
    {"FLYWAY_SQL_MIGRATION_PREFIX", "sqlMigrationPrefix", "V", NAMING, NULL},
    {"FLYWAY_REPEATABLE_SQL_MIGRATION_PREFIX", "repeatableSqlMigrationPrefix", "R", NAMING, NULL},
    {"FLYWAY_UNDO_SQL_MIGRATION_PREFIX", "undoSqlMigrationPrefix", "U", NAMING, NULL},
    {"FLYWAY_BASELINE_MIGRATION_PREFIX", "baselineMigrationPrefix", "B", NAMING, NULL},
    {"FLYWAY_SQL_MIGRATION_SEPARATOR", "sqlMigrationSeparator", "__", NAMING, NULL},
    {"FLYWAY_SQL_MIGRATION_SUFFIXES", "sqlMigrationSuffixes", ".sql", NAMING, NULL},
    {"FLYWAY_PLACEHOLDER_SEPARATOR", "placeholderSeparator", ":", "The built-in ones are written ${flyway:name} here.", NULL},
    {"FLYWAY_ENCODING", "encoding", "UTF-8", "Save the scripts as UTF-8; the checksum of what is all ASCII stays.", NULL},
    {"FLYWAY_RESOLVERS", "resolvers", NULL, IN_JAVA, NULL},
    {"FLYWAY_SKIP_DEFAULT_RESOLVERS", "skipDefaultResolvers", "false", IN_JAVA, NULL},
    {"FLYWAY_CALLBACKS", "callbacks", NULL, IN_JAVA, NULL},
    {"FLYWAY_VALIDATE_ON_MIGRATE", "validateOnMigrate", "true", NULL, "what was applied is compared with its files all the same"},
    {"FLYWAY_CLEAN_ON_VALIDATION_ERROR", "cleanOnValidationError", "false", NULL, "nothing is ever cleaned here"},
    {"FLYWAY_TABLESPACE", "tablespace", NULL, NULL, "its history is made where tables of its schema are made"},
    {"FLYWAY_INSTALLED_BY", "installedBy", NULL, NULL, "its rows name the user of the session"},
    {"FLYWAY_LOCK_RETRY_COUNT", "lockRetryCount", "50", NULL, "--wait says how long its lock is waited for"},
};
/* clang-format on */

static bool
setting_refuse(const LayoutRequest *request, const Unhonoured *setting, Err *err)
{
    const Environment *environment = request->environment;
    const char *file = NULL;
    int line = 0;

    if (environment->where != NULL)
        environment->where(environment, setting->variable, &file, &line);
    if (file != NULL)
        err_at(err, ERR_REFUSED, file, line, "\"%s\" of Flyway is not honoured here",
               setting->key);
    else
        err_set(err, ERR_REFUSED, "%s of Flyway is not honoured here",
                setting->variable);
    return err_hint(err, "%s", setting->cure);
}

static bool
unhonoured_tell(Mem *mem, const LayoutRequest *request, Migrations *migrations,
                Err *err)
{
    for (int i = 0; i < LENGTH(unhonoured); i++)
    {
        const Unhonoured *setting = &unhonoured[i];
        const char *value = flyway_setting(request, setting->variable, NULL);

        if (value == NULL ||
            (setting->usual != NULL && strcasecmp(value, setting->usual) == 0))
            continue;
        if (setting->cure != NULL)
            return setting_refuse(request, setting, err);
        note_add(mem, migrations,
                 mem_text(mem, "\"%s\" of Flyway is not honoured: %s", setting->key,
                          setting->instead));
    }
    return true;
}

/* --- what is --------------------------------------------------------------------- */

static void
baseline_read(Mem *mem, const LayoutRequest *request, Migrations *migrations)
{
    if (flyway_says(request, "FLYWAY_BASELINE_ON_MIGRATE", "true"))
        migrations->baseline =
            mem_copy(mem, flyway_setting(request, "FLYWAY_BASELINE_VERSION", "1"));
    migrations->baseline_name =
        mem_copy(mem, flyway_setting(request, "FLYWAY_BASELINE_DESCRIPTION",
                                     "<< Flyway Baseline >>"));
    migrations->empty_first = true;
}

/* Of several the first is where everything goes. */
static void
schema_read(Mem *mem, const LayoutRequest *request, Migrations *migrations)
{
    const char *schemas = flyway_setting(request, "FLYWAY_SCHEMAS", NULL);
    const char *schema = flyway_setting(request, "FLYWAY_DEFAULT_SCHEMA", schemas);

    if (schema != NULL)
        migrations->schema = mem_slice(mem, schema, strcspn(schema, ", "));
}

bool
flyway_settings_read(Mem *mem, const LayoutRequest *request, Migrations *migrations,
                     Err *err)
{
    baseline_read(mem, request, migrations);
    schema_read(mem, request, migrations);
    return unhonoured_tell(mem, request, migrations, err);
}
