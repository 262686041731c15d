/* A migration as its files tell it, before anything is known of the database. */
#ifndef PGSTRIDE_MODEL_MIGRATION_H
#define PGSTRIDE_MODEL_MIGRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/phase.h"
#include "model/statement.h"

typedef enum Sync
{
    SYNC_DEFAULT, /* forward where this file's expand adds the target, else off */
    SYNC_OFF,
    SYNC_FORWARD,
    SYNC_BOTH
} Sync;

/* `allow:HAZARD:"reason"`: one hazard that its author accepts. */
typedef struct Allow
{
    const char *hazard;
    const char *reason;
} Allow;

/* What the options of a section line (or of the header) said; unset ones keep a
 * default. */
typedef struct SectionOptions
{
    bool no_transaction; /* transaction:false */
    Millis batch_time;   /* 0: not said */
    Millis max_stall;    /* 0: not said */
    Millis after;        /* contract not before; 0: not said */
    const char *window;  /* NULL: not said */
    Sync sync;
    const char *reverse; /* reverse:"old = expr(new)" */
    bool triggers_skip;
    bool repeat;
    bool verbatim; /* written for another runner: one transaction, as it had it */
    Allow *allows;
    int allow_count;
} SectionOptions;

typedef struct Section
{
    const char
        *engine; /* whose SQL it is: see core/sql/dialect.h; NULL: PostgreSQL's */
    Phase phase;
    bool down;        /* the undo of this phase; PHASE_UP with down: of the whole */
    Span span;        /* the directive line, or the start of the file */
    const char *text; /* the section's SQL, directive line not included */
    int text_offset;  /* where text starts in its file */
    int text_line;
    const char *file;
    SectionOptions options;
    Statements statements; /* filled when the migration is looked at: see run_parse */
    bool parsed;
} Section;

/* One version. Sections stand in the order expand, backfill..., contract, down. */
typedef struct Migration
{
    const char *version;  /* as written: "20260515" */
    const char *sort_key; /* padded so that strcmp orders versions */
    const char *name;     /* "split_email" */
    const char *label;    /* "20260515_split_email": what messages say */
    const char *file;     /* "20260515_split_email.sql": what status lists; of several
                             folders with the way to it */
    Section *sections;
    int section_count;
    const char *engine; /* that it was read for, as in its sections */
    bool skipped;       /* no part for this engine, or: */
    bool passed;        /* a script that stands for it, or another such, was taken */

    /* What folders of other runners say besides; see core/layouts/. */
    const char *script;   /* Flyway: its file, within its location */
    const char *checksum; /* as that runner computes and keeps it; or NULL */
    bool twin;            /* ... and another one here has the same: it names neither */
    int64_t made_ms;      /* when it was made, since 1970, where it is kept; or 0 */
    bool repeatable;      /* runs again whenever its text has changed */
    bool shortcut;        /* stands for all before it, in an empty database */
    bool program;         /* no SQL: its own runner has to run it */
    const char *back;     /* where its way back is written: "beside it, in down.sql";
                             "": nowhere; NULL: in a section of its own */
} Migration;

typedef struct Migrations
{
    Migration *items;
    int count;
    const char *layout; /* "native"; what its row in core/layouts/layout.c says: */
    const char *history_table;  /* of its runner, where it has another name; or NULL */
    const char *history_schema; /* ... or is in another schema; or NULL */
    const char *schema;         /* Flyway: where all without one is to be; or NULL */
    const char *baseline;       /* Flyway: what a schema that is in use stands at; or
                                   NULL */
    const char *baseline_name;  /* ... as its row says */
    const char **notes;         /* told before anything runs */
    int note_count;
    const char *ignored; /* ... of files that its runner passes over; or NULL */
    bool empty_first;    /* ... a schema that is in use is refused without that */
    const char *project; /* sqitch: whose rows in the registry are its own; or NULL */
    bool verbatim;       /* runs as it is written unless --safe says otherwise */
    bool late_runs;      /* versions that come late are applied all the same */
    bool lost_ignored;   /* an applied version needs no file */
    bool elsewhere;      /* there are files, and all are for other engines */
    bool sealed;         /* by Atlas: its sum lies beside them */
} Migrations;

/* One file as it was read; core never opens one itself. */
typedef struct SourceFile
{
    const char *name;  /* within the folder: "meta/_journal.json" */
    const char *path;  /* as shown to people */
    const char *bytes; /* terminated; may hold NULs before length; NULL: not read */
    size_t length;
    int location; /* which of several folders it is in: 0, 1 ... */
} SourceFile;

typedef struct SourceFiles
{
    SourceFile *items; /* by name; of one name by location */
    int count;
    int locations; /* how many folders there are */
} SourceFiles;

/* Checksums of one phase: exact bytes, and tokens without comments or white space. */
typedef struct Checksums
{
    char exact[65];
    char normal[65];
} Checksums;

/* The first section of that phase and direction, or NULL. */
const Section *migration_section(const Migration *migration, Phase phase, bool down);

/* What its `allow:` says of that hazard; NULL: nothing. */
const Allow *section_allows(const Section *section, const char *hazard);

/* True when it has expand, backfill or contract. */
bool migration_phased(const Migration *migration);

#endif
