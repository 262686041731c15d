/*
 * What help and the manual both tell, and is no command or flag: exit codes, variables,
 * files, examples, a configuration file. One table each, for every printer.
 */
#ifndef PGSTRIDE_CLI_REFERENCE_H
#define PGSTRIDE_CLI_REFERENCE_H

#include "cli/help/page.h"
#include "cli/options.h"

extern const PageRow exit_codes[];
extern const int exit_codes_count;

/* What libpq and the terminal read, and no flag stands for. */
extern const PageRow other_variables[];
extern const int other_variables_count;

extern const PageRow known_files[];
extern const int known_files_count;

/* Keys that are read of files written for other programs. */
extern const PageRow foreign_keys[];
extern const int foreign_keys_count;

/* A file that could be given to --config as it is. */
extern const char config_sample[];

/* A command line that works, and what it is for. */
typedef struct Example
{
    const char *command; /* name of its row in commands_table */
    const char *line;    /* behind "pgstride " */
    const char *means;
} Example;

extern const Example examples[];
extern const int examples_count;

/* How flags are grouped: by how many commands take them. */
typedef enum FlagGroup
{
    FLAGS_OWN,    /* of the command */
    FLAGS_TARGET, /* which database and folder: of all that connect */
    FLAGS_COMMON, /* of every command */
    FLAGS_GROUPS
} FlagGroup;

const char *flag_group_title(FlagGroup group);
FlagGroup flag_group(const Option *option);

/* "-d, --database URL"; short ones are indented so that the long names align. */
char *flag_left(Mem *mem, const Option *option);

/* Its help, its default and its variable. */
char *flag_right(Mem *mem, const Option *option);

#endif
