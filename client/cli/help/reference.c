#include "cli/help/reference.h"

#include "cli/commands.h"

/* clang-format off */
const PageRow exit_codes[] = {
    {"0",   "done, or nothing to do"},
    {"1",   "a statement failed"},
    {"2",   "the command line or a file is wrong"},
    {"3",   "the database is in dirty state"},
    {"4",   "refused: checksum, missing file, order, wrong server, hazard"},
    {"5",   "a lock could not be had"},
    {"6",   "no connection, or no permission"},
    {"7",   "not confirmed"},
    {"8",   "something is pending (status --exit-code, wait) or half done (doctor, repair)"},
    {"70",  "a bug in pgstride"},
    {"75",  "stopped cleanly: run again to go on"},
    {"130", "stopped at once, by a second Ctrl-C"},
};
const int exit_codes_count = LENGTH(exit_codes);

const PageRow other_variables[] = {
    {"PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGSERVICE, PGSSLMODE ...",
     "libpq's own: what the address leaves unsaid, or the whole of it where none is given"},
    {"NO_COLOR", "when set, no colours"},
    {"COLUMNS",  "how wide a terminal is that does not say so itself"},
};
const int other_variables_count = LENGTH(other_variables);

const PageRow known_files[] = {
    {"migrations/, db/migrations/", "the folder of migrations, unless --dir names one: the first that exists"},
    {"VERSION_name.sql",            "a migration; VERSION_name.up.sql, .down.sql, .expand.sql, .backfill.sql, "
                                    ".contract.sql and .PHASE.down.sql are the same thing in several files"},
    {"~/.pgpass, ~/.pg_service.conf", "libpq's: passwords, and databases by name"},
};
const int known_files_count = LENGTH(known_files);

const PageRow foreign_keys[] = {
    {"dsn, db.dsn",        "the database"},
    {"datasources.NAME",   "the database: url, username, password"},
    {"flyway",             "the database: url, user, password, defaultSchema; and locations (as --dir: filesystem:DIR,DIR/*/sql), table, outOfOrder, "
                           "ignoreMigrationPatterns, placeholders, placeholderPrefix, placeholderSuffix, placeholderReplacement"},
    {"flyway.datasources.NAME", "the same but the database, of the one that is under datasources"},
    {"environments.NAME",  "the database of flyway.environment, in a flyway.toml; flyway.conf is read as well"},
};
const int foreign_keys_count = LENGTH(foreign_keys);

const char config_sample[] =
    "# deploy.yml\n"
    "dsn: postgres://shop@db.internal:5432/shop   # as the application has it\n"
    "\n"
    "pgstride:\n"
    "  max-stall: 50ms\n"
    "  max-lag: 5s\n"
    "  role: shop_owner\n"
    "  components:            # several folders in one database, or each in its own\n"
    "    - {name: accounts, dir: accounts/migrations}\n"
    "    - {name: orders, dir: orders/migrations}\n";

const Example examples[] = {
    {"up", "up", "everything that is pending, in the database of the environment"},
    {"up", "up --max-stall 20ms --max-lag 500ms", "with a tighter promise"},
    {"up", "up --to 20260515 --through expand", "the new shape of one version, to fill its rows later"},
    {"up", "up --through contract --yes", "all phases at once: an empty database, a test in CI"},
    {"up", "up -c deploy.yml --all", "every component of a configuration file"},
    {"contract", "contract 20260515", "when no code needs the old shape any more"},
    {"contract", "contract --dry-run", "what it would run"},
    {"down", "down", "the migration applied last, shown and asked about first"},
    {"down", "down --steps 3 --yes", "three of them, without a question"},
    {"goto", "goto 20260515", "to a version, whichever way it is"},
    {"status", "status", "what is applied and what is pending"},
    {"status", "status --exit-code --quiet", "in a script: 8 when something is pending"},
    {"status", "status --format json", "for a program"},
    {"plan", "plan", "every step with its lock, its work and its undo"},
    {"plan", "plan -v 20260515", "one migration, with the exact SQL"},
    {"force", "force 17", "the database was mended by hand and is at 17"},
    {"baseline", "baseline 20260101", "its schema was there before pgstride came"},
    {"mark", "mark 20260515 --to-state backfilled", "somebody filled the table by other means"},
    {"adopt", "adopt --from popx --dir persistence/sql", "Kratos was there before pgstride came"},
    {"new", "new add_role", "an up section to write in"},
    {"new", "new split_email --phases", "expand, backfill and contract"},
    {"validate", "validate", "in CI, without a database"},
    {"wait", "wait --timeout 5min", "an init container: until the schema is what this folder says"},
    {"wait", "wait --for db", "until the server answers"},
    {"history", "history", "the audit trail"},
    {"history", "history --format json-pretty", "all of it"},
    {"pause", "pause", "from another terminal: rest after this batch"},
    {"resume", "resume --max-lag 10s", "go on, and be more patient with replicas"},
    {"doctor", "doctor", "what is half done, and what mends it"},
    {"doctor", "doctor --format json", "the same for a program, with its exit code"},
    {"repair", "repair", "mend it, after a question"},
    {"repair", "repair 20260520", "say which text of a dirty migration is true"},
    {"watch", "watch", "until Ctrl-C, from any machine"},
    {"watch", "watch --once --format json", "one look, for a program"},
    {"window", "window \"sun 02:00-05:00 Europe/Berlin\"", "when that is"},
    {"completion", "completion bash > /etc/bash_completion.d/pgstride", "for everybody on this machine"},
    {"completion", "completion zsh > ~/.zfunc/_pgstride", "with ~/.zfunc in fpath"},
    {"completion", "completion fish > ~/.config/fish/completions/pgstride.fish", "for yourself"},
    {"version", "version", "which one this is"},
    {"help", "help up", "about one command"},
    {"help", "help config", "about one subject"},
};
const int examples_count = LENGTH(examples);
/* clang-format on */

const char *
flag_group_title(FlagGroup group)
{
    static const char *const titles[FLAGS_GROUPS] = {
        [FLAGS_OWN] = "Flags",
        [FLAGS_TARGET] = "Which database, which folder",
        [FLAGS_COMMON] = "Flags of every command"};

    return titles[group];
}

FlagGroup
flag_group(const Option *option)
{
    if ((option->commands & CMD_ALL) == CMD_ALL)
        return FLAGS_COMMON;
    return (option->commands & CMD_CONNECT) == CMD_CONNECT ? FLAGS_TARGET : FLAGS_OWN;
}

char *
flag_left(Mem *mem, const Option *option)
{
    bool optional = option->type == OPTION_PATIENCE;
    char *letter = option->letter != 0 ? mem_text(mem, "-%c, ", option->letter)
                                       : mem_copy(mem, "    ");

    return mem_text(mem, "%s--%s%s%s", letter, option->name,
                    option->metavar == NULL || optional ? "" : " ",
                    option->metavar == NULL ? "" : option->metavar);
}

char *
flag_right(Mem *mem, const Option *option)
{
    char *fallback = option->fallback == NULL
                         ? mem_copy(mem, "")
                         : mem_text(mem, " (default: %s)", option->fallback);
    char *env =
        option->env == NULL ? mem_copy(mem, "") : mem_text(mem, " [%s]", option->env);

    return mem_text(mem, "%s%s%s", option->help, fallback, env);
}
