/*
 * writers: an application on a database, which knows nothing of migrations.
 *
 *     writers TARGET [ROWS] [WRITERS]
 *
 * TARGET is a SQLite file, or mysql:SOCKET/DATABASE. Each writer changes the e-mail of
 * identities that are its own and reads it back, and a reader reads those of all, 200
 * times a second each. Lines on standard input:
 *
 *     mark NAME     count what follows under NAME; answers "mark NAME"
 *     mix new       every other writer writes new_email, and goes on reading email
 *     mix old       all write email again; the answer comes when all do
 *     stop          (or the end of the input)
 *
 * Answers "ready", and ends with one line of JSON. Exit status 0 even when statements
 * failed: the numbers are for the caller to judge.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "traffic/tally.h"
#include "writers/link.h"

#define WRITERS_MOST 16
#define MARKS_MOST 8
#define PERIOD_NS (5 * 1000 * 1000)

typedef struct Program
{
    pthread_t thread;
    Link link;
    int number; /* writer_count: the reader */
    unsigned seed;
    volatile int mix; /* of its last turn */
    char last_error[200];
    Tally writes[MARKS_MOST];
    Tally reads[MARKS_MOST];
} Program;

const char *const link_texts[TEXT_COUNT] = {
    [TEXT_READ] = "SELECT email FROM identities WHERE id = ?",
    [TEXT_WRITE] = "UPDATE identities SET email = ? WHERE id = ?",
    [TEXT_WRITE_NEW] = "UPDATE identities SET new_email = ? WHERE id = ?",
};

static const char *target;
static const LinkKind *kind = &sqlite_link;
static int row_count = 1000000;
static int writer_count = 2;
static Program programs[WRITERS_MOST + 1];
static char marks[MARKS_MOST][64] = {"all"};
static int mark_count = 1;
static volatile int mark_now;
static volatile int mix_now; /* 1: the even know the new name alone */
static volatile bool stopping;

static _Noreturn void
give_up(const char *what, const char *why)
{
    fprintf(stderr, "writers: %s: %s\n", what, why);
    exit(2);
}

/* --- one program ----------------------------------------------------------------- */

static bool
statement_run(Program *program, LinkText text, Tally *tally, int id, char *email)
{
    double began = now_ms();
    bool done = kind->run(&program->link, text, id, email);

    tally_add(tally, link_texts[text], now_ms() - began);
    if (!done)
    {
        tally->errors++;
        snprintf(program->last_error, sizeof(program->last_error), "%s",
                 kind->error(&program->link));
    }
    return done;
}

/* Rows of a writer are nobody else's, so that it knows what it must read. */
static void
turn_write(Program *program, int turn)
{
    int mark = mark_now;
    int own = row_count / writer_count;
    int id = 1 + (rand_r(&program->seed) % own) * writer_count + program->number;
    bool new_code = program->mix != 0 && program->number % 2 == 0;
    char said[EMAIL_SIZE];
    char got[EMAIL_SIZE] = "";

    snprintf(said, sizeof(said), "turn.%d.of.%d@example.com", turn, program->number);
    if (statement_run(program, new_code ? TEXT_WRITE_NEW : TEXT_WRITE,
                      &program->writes[mark], id, said) &&
        statement_run(program, TEXT_READ, &program->reads[mark], id, got) &&
        strcmp(said, got) != 0)
        program->reads[mark].wrong++;
}

static void
turn_read(Program *program)
{
    int mark = mark_now;
    int id = 1 + rand_r(&program->seed) % row_count;
    char got[EMAIL_SIZE] = "";

    if (statement_run(program, TEXT_READ, &program->reads[mark], id, got) &&
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
        program->mix = mix_now;
        if (program->number < writer_count)
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
    if (!kind->open(&program->link, target + strlen(kind->prefix)))
        give_up(target, kind->error(&program->link));
    if (pthread_create(&program->thread, NULL, program_live, program) != 0)
        give_up("cannot start", "no thread to be had");
}

static void
program_end(Program *program)
{
    pthread_join(program->thread, NULL);
    kind->close(&program->link);
}

/* --- commands, and the numbers --------------------------------------------------- */

/* Answered when nobody is still in a turn of the mix before. */
static void
mix_change(int mix)
{
    const struct timespec rest = {.tv_nsec = PERIOD_NS};

    mix_now = mix;
    for (int i = 0; i < writer_count; i++)
        while (programs[i].mix != mix)
            nanosleep(&rest, NULL);
}

static void
obey_all(void)
{
    char line[64];

    while (fgets(line, sizeof(line), stdin) != NULL)
    {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "stop") == 0)
            return;
        if (strcmp(line, "mix new") == 0 || strcmp(line, "mix old") == 0)
            mix_change(line[4] == 'n');
        else if (strncmp(line, "mark ", 5) == 0 && mark_count < MARKS_MOST)
        {
            snprintf(marks[mark_count], sizeof(marks[0]), "%s", line + 5);
            mark_now = mark_count++;
        }
        else
            give_up(line, "no such command, or too many marks");
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
        give_up("usage", "writers TARGET [ROWS] [WRITERS]");
    target = argv[1];
    if (strncmp(target, mysql_link.prefix, strlen(mysql_link.prefix)) == 0)
        kind = &mysql_link;
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
