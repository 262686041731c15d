/*
 * writers: an application on a SQLite file, which knows nothing of migrations.
 *
 *     writers FILE [ROWS] [WRITERS]
 *
 * Each writer changes the e-mail of identities that are its own and reads it back, and
 * a reader reads those of all, 200 times a second each. They wait for others as most
 * programs do:
 * sqlite3_busy_timeout, 5 s. Lines on standard input:
 *
 *     mark NAME     count what follows under NAME; answers "mark NAME"
 *     stop          (or the end of the input)
 *
 * Answers "ready", and ends with one line of JSON. Exit status 0 even when statements
 * failed: the numbers are for the caller to judge.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "traffic/tally.h"

#define WRITERS_MOST 16
#define MARKS_MOST 8
#define PATIENCE_MS 5000
#define PERIOD_NS (5 * 1000 * 1000)

typedef struct Program
{
    pthread_t thread;
    sqlite3 *file;
    sqlite3_stmt *write; /* NULL: a reader */
    sqlite3_stmt *read;
    int number;
    unsigned seed;
    char last_error[200];
    Tally writes[MARKS_MOST];
    Tally reads[MARKS_MOST];
} Program;

static const char *path;
static int row_count = 1000000;
static int writer_count = 2;
static Program programs[WRITERS_MOST + 1];
static char marks[MARKS_MOST][64] = {"all"};
static int mark_count = 1;
static volatile int mark_now;
static volatile bool stopping;

static _Noreturn void
give_up(const char *what, const char *why)
{
    fprintf(stderr, "writers: %s: %s\n", what, why);
    exit(2);
}

/* --- one program ----------------------------------------------------------------- */

static bool
statement_run(Program *program, sqlite3_stmt *statement, Tally *tally, char *got)
{
    double began = now_ms();
    int result = sqlite3_step(statement);

    if (result == SQLITE_ROW)
    {
        snprintf(got, 64, "%s", (const char *)sqlite3_column_text(statement, 0));
        result = sqlite3_step(statement);
    }
    tally_add(tally, sqlite3_sql(statement), now_ms() - began);
    if (result != SQLITE_DONE)
    {
        tally->errors++;
        snprintf(program->last_error, sizeof(program->last_error), "%s",
                 sqlite3_errmsg(program->file));
    }
    sqlite3_reset(statement);
    return result == SQLITE_DONE;
}

/* Rows of a writer are nobody else's, so that it knows what it must read. */
static void
turn_write(Program *program, int turn)
{
    int mark = mark_now;
    int own = row_count / writer_count;
    int id = 1 + (rand_r(&program->seed) % own) * writer_count + program->number;
    char said[64];
    char got[64] = "";

    snprintf(said, sizeof(said), "turn.%d.of.%d@example.com", turn, program->number);
    sqlite3_bind_text(program->write, 1, said, -1, SQLITE_STATIC);
    sqlite3_bind_int(program->write, 2, id);
    sqlite3_bind_int(program->read, 1, id);
    if (statement_run(program, program->write, &program->writes[mark], got) &&
        statement_run(program, program->read, &program->reads[mark], got) &&
        strcmp(said, got) != 0)
        program->reads[mark].wrong++;
}

static void
turn_read(Program *program)
{
    int mark = mark_now;
    char got[64] = "";

    sqlite3_bind_int(program->read, 1, 1 + rand_r(&program->seed) % row_count);
    if (statement_run(program, program->read, &program->reads[mark], got) &&
        strchr(got, '@') == NULL)
        program->reads[mark].wrong++;
}

static void *
program_live(void *data)
{
    const struct timespec rest = {.tv_nsec = PERIOD_NS};
    Program *program = data;

    for (int turn = 0; !stopping; turn++)
    {
        if (program->write != NULL)
            turn_write(program, turn);
        else
            turn_read(program);
        nanosleep(&rest, NULL);
    }
    return NULL;
}

static void
program_start(Program *program, int number)
{
    program->number = number;
    program->seed = (unsigned)number + 1;
    if (sqlite3_open_v2(path, &program->file, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        give_up(path, sqlite3_errmsg(program->file));
    sqlite3_busy_timeout(program->file, PATIENCE_MS);
    if (sqlite3_prepare_v2(program->file, "SELECT email FROM identities WHERE id = ?",
                           -1, &program->read, NULL) != SQLITE_OK ||
        (number < writer_count &&
         sqlite3_prepare_v2(program->file,
                            "UPDATE identities SET email = ? WHERE id = ?", -1,
                            &program->write, NULL) != SQLITE_OK))
        give_up(path, sqlite3_errmsg(program->file));
    if (pthread_create(&program->thread, NULL, program_live, program) != 0)
        give_up("cannot start", "no thread to be had");
}

static void
program_end(Program *program)
{
    pthread_join(program->thread, NULL);
    sqlite3_finalize(program->write);
    sqlite3_finalize(program->read);
    sqlite3_close(program->file);
}

/* --- commands, and the numbers --------------------------------------------------- */

static void
obey_all(void)
{
    char line[64];

    while (fgets(line, sizeof(line), stdin) != NULL)
    {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "stop") == 0)
            return;
        if (strncmp(line, "mark ", 5) != 0 || mark_count == MARKS_MOST)
            give_up(line, "no such command, or too many marks");
        snprintf(marks[mark_count], sizeof(marks[0]), "%s", line + 5);
        mark_now = mark_count++;
        puts(line);
        fflush(stdout);
    }
}

static void
mark_print(int mark)
{
    static Tally writes;
    static Tally reads;

    memset(&writes, 0, sizeof(writes));
    memset(&reads, 0, sizeof(reads));
    for (int i = 0; i <= writer_count; i++)
    {
        tally_sum(&writes, &programs[i].writes[mark]);
        tally_sum(&reads, &programs[i].reads[mark]);
    }
    printf("%s{\"name\":\"%s\",\"writes\":{", mark == 0 ? "" : ",", marks[mark]);
    tally_print(&writes, stdout);
    printf("},\"reads\":{");
    tally_print(&reads, stdout);
    printf("}}");
}

int
main(int argc, char **argv)
{
    if (argc < 2)
        give_up("usage", "writers FILE [ROWS] [WRITERS]");
    path = argv[1];
    row_count = argc > 2 ? (int)strtol(argv[2], NULL, 10) : row_count;
    writer_count = argc > 3 ? (int)strtol(argv[3], NULL, 10) : writer_count;
    if (writer_count < 1 || writer_count > WRITERS_MOST || row_count < writer_count)
        give_up("ROWS, WRITERS", "numbers in range are expected");
    for (int i = 0; i <= writer_count; i++)
        program_start(&programs[i], i);
    puts("ready");
    fflush(stdout);
    obey_all();
    stopping = true;
    for (int i = 0; i <= writer_count; i++)
    {
        program_end(&programs[i]);
        if (programs[i].last_error[0] != '\0')
            fprintf(stderr, "writers: %s\n", programs[i].last_error);
    }
    printf("{\"marks\":[");
    for (int mark = 0; mark < mark_count; mark++)
        mark_print(mark);
    printf("]}\n");
    return 0;
}
