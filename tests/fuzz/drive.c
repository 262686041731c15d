/*
 * fuzz: the target driven without libFuzzer, by texts that are changed at random.
 *
 *     fuzz [--seed N] [--from N] [--inputs N] [--seconds N] FILE...
 *
 * Input number n of a seed is always the same, so a failure is had again with what is
 * printed of it. FILEs are what is changed. Without --seed it is the one of `make
 * check`; with 0 it is the time.
 */
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "fuzz/fuzz.h"

enum
{
    INPUTS = 12000,
    TEXT_MOST = 700, /* bytes: what goes wrong does so in a short text too */
    CHANGES_MOST = 8
};

typedef struct Drive
{
    long seed;
    long from;
    long inputs;
    long seconds;
    char **files;
    int file_count;
} Drive;

/* clang-format off */
static const char *const pieces[] = {
    " ", " ", " ", "\n", "\n", ";", ";", ";", "'", "\"", "`", "\\", "\\'", "''", "--", "-- ", "#", "/*", "*/", "/*!", "/*!40101 ",
    "/*M!", "(", ")", ",", ".", "@", "=", "1", "1.5", "0x1F", "$$", "//", "\nDELIMITER //\n", "\nDELIMITER $$\n", "\nDELIMITER ;;\n",
    "\nDELIMITER ;\n", "DELIMITER", "CREATE ", "PROCEDURE ", "TRIGGER ", "OR REPLACE ", "BEGIN ", "END", "END IF", "IF ",
    "THEN ", "ELSE ", "CASE ", "LOOP ", "WHILE ", "DO ", "REPEAT ", "FOR EACH ROW ", "ALTER TABLE ", "ADD ", "COLUMN ",
    "DROP ", "MODIFY ", "CHANGE ", "RENAME ", "TO ", "INDEX ", "UNIQUE ", "CONSTRAINT ", "TABLE ", "t", "a", "shop.t", "UPDATE ",
    "SET ", "WHERE ", "DELETE FROM ", "SELECT ", "int", "varchar(10)", "NOT NULL ", "DEFAULT ", "_utf8mb4'x'", "INTERVAL ", "DAY ",
    "[", "]", "x'00'", "E'\\'", "$a$", "\r\n", "\xC3\xA4", "\n-- migrate:up\n", "\n-- migrate:down\n", "{{",
};
/* clang-format on */

/* What to say where the sanitizers or a promise end the program. */
static struct
{
    long seed;
    long number;
} current;

static void
last_words(void)
{
    fprintf(stderr,
            "not ok input %ld of seed %ld: build/tests/fuzz --seed %ld --from %ld "
            "--inputs 1 FILE...\n",
            current.number, current.seed, current.seed, current.number);
}

/* An abort is told of too. */
const char *
__asan_default_options(void)
{
    return "handle_abort=1";
}

static int
below(unsigned *seed, int limit)
{
    return limit <= 0 ? 0 : rand_r(seed) % limit;
}

/* --- texts ----------------------------------------------------------------------- */

static char *
file_read(Mem *mem, const char *path)
{
    char *text = mem_array(mem, char, TEXT_MOST * 8 + 1);
    FILE *file = fopen(path, "r");

    if (file == NULL)
    {
        perror(path);
        exit(2);
    }
    text[fread(text, 1, TEXT_MOST * 8, file)] = '\0';
    fclose(file);
    return text;
}

/* A stretch of one of them. */
static char *
stretch_of(Mem *mem, const Drive *drive, unsigned *seed)
{
    if (drive->file_count == 0)
        return mem_copy(mem, "");

    const char *text = drive->files[below(seed, drive->file_count)];
    size_t from =
        (size_t)below(seed, 3) == 0 ? (size_t)below(seed, (int)strlen(text)) : 0;
    size_t length = (size_t)below(seed, TEXT_MOST);

    return mem_slice(mem, text + from, strnlen(text + from, length));
}

static char *
replaced(Mem *mem, const char *text, size_t at, size_t length, const char *by)
{
    return mem_text(mem, "%.*s%s%s", (int)at, text, by, text + at + length);
}

static char *
changed(Mem *mem, const Drive *drive, const char *text, unsigned *seed)
{
    size_t at = (size_t)below(seed, (int)strlen(text) + 1);
    size_t rest = strlen(text + at);
    size_t length = (size_t)below(seed, rest < 40 ? (int)rest : 40);
    const char byte[] = {(char)(1 + below(seed, 255)), '\0'};

    switch (below(seed, 8))
    {
    case 0: /* gone */
        return replaced(mem, text, at, length, "");
    case 1: /* said twice */
        return replaced(mem, text, at, 0, mem_slice(mem, text + at, length));
    case 2:
        return replaced(mem, text, at, rest > 0, byte);
    case 3:
        return replaced(mem, text, at, length, stretch_of(mem, drive, seed));
    case 4: /* cut off */
        return mem_slice(mem, text, at);
    default:
        return replaced(mem, text, at, 0, pieces[below(seed, LENGTH(pieces))]);
    }
}

/* Half of them are made of pieces alone. */
static char *
input_of(Mem *mem, const Drive *drive, long number)
{
    unsigned seed = (unsigned)(drive->seed + number * 2654435761L);
    bool from_file = drive->file_count > 0 && below(&seed, 2) == 0;
    char *text = mem_copy(mem, "");

    if (from_file)
        text = stretch_of(mem, drive, &seed);
    for (int left = from_file ? 0 : below(&seed, 24); left > 0; left--)
        text = mem_text(mem, "%s%s", text, pieces[below(&seed, LENGTH(pieces))]);
    for (int left = from_file ? below(&seed, CHANGES_MOST) : 0; left > 0; left--)
        text = changed(mem, drive, text, &seed);
    return text;
}

/* --- the run --------------------------------------------------------------------- */

static Drive
drive_read(Mem *mem, int argc, char **argv)
{
    Drive drive = {.seed = 20261121, .inputs = INPUTS};
    const struct
    {
        const char *name;
        long *value;
    } options[] = {{"--seed", &drive.seed},
                   {"--from", &drive.from},
                   {"--inputs", &drive.inputs},
                   {"--seconds", &drive.seconds}};
    int at = 1;

    for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2)
        for (int i = 0; i < LENGTH(options); i++)
            if (strcmp(argv[at], options[i].name) == 0)
                *options[i].value = strtol(argv[at + 1], NULL, 10);
    if (drive.seed == 0)
        drive.seed = time(NULL);
    drive.file_count = argc - at;
    drive.files = mem_array(mem, char *, drive.file_count + 1);
    for (int i = 0; i < drive.file_count; i++)
        drive.files[i] = file_read(mem, argv[at + i]);
    return drive;
}

static bool
goes_on(const Drive *drive, time_t begun)
{
    return drive->seconds > 0 ? time(NULL) - begun < drive->seconds
                              : current.number < drive->from + drive->inputs;
}

int
main(int argc, char **argv)
{
    MEM_SCOPE(all, NULL);
    const Drive drive = drive_read(all, argc, argv);
    const time_t begun = time(NULL);

    __sanitizer_set_death_callback(last_words);
    current.seed = drive.seed;
    for (current.number = drive.from; goes_on(&drive, begun); current.number++)
    {
        MEM_SCOPE(scope, NULL);
        const char *text = input_of(scope, &drive, current.number);

        LLVMFuzzerTestOneInput((const uint8_t *)text, strlen(text));
    }

    long done = current.number - drive.from;
    const long *split = fuzz_split_count;
    /* Texts that nobody can split would prove nothing. */
    bool real = done < 1000 ||
                (split[0] > done / 20 && split[1] > done / 50 && split[2] > done / 500);

    printf("%s %ld texts of seed %ld, of which MySQL splits %ld, SQLite %ld, "
           "PostgreSQL %ld\n",
           real ? "ok" : "not ok", done, drive.seed, split[0], split[1], split[2]);
    return real ? 0 : 1;
}
