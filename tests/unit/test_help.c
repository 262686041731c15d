#include <string.h>

#include "cli/help/man.h"
#include "cli/help/reference.h"
#include "cli/help/topics.h"
#include "cli/invocation.h"
#include "cli/text.h"
#include "unit/capture.h"
#include "unit/unit.h"

/* "a b >c" as argv, up to where the shell would send the output elsewhere. */
static int
argv_split(Mem *mem, const char *line, char **argv)
{
    int argc = 0;

    argv[argc++] = "pgstride";
    for (const char *at = line; *at != '\0' && *at != '>' && argc < 16;)
    {
        bool quoted = *at == '"';
        size_t length = strcspn(at + quoted, quoted ? "\"" : " ");

        argv[argc++] = mem_slice(mem, at + quoted, length);
        at += length + (quoted ? 2 : 0);
        at += strspn(at, " ");
    }
    return argc;
}

START_TEST(every_example_is_a_command_line)
{
    for (int i = 0; i < examples_count; i++)
    {
        MEM_SCOPE(scope, NULL);
        Options options;
        CommandLine line;
        char *argv[16];
        Err err = {0};

        /* -c deploy.yml is no file here: what is typed behind it is what counts. */
        const char *config = strstr(examples[i].line, " -c deploy.yml");
        const char *text =
            config == NULL
                ? examples[i].line
                : mem_text(scope, "%.*s%s", (int)(config - examples[i].line),
                           examples[i].line, config + strlen(" -c deploy.yml"));
        int argc = argv_split(scope, text, argv);

        ck_assert_msg(
            options_read(scope, argc, argv, &options, &err) &&
                command_read(scope, &options, &line, &err) &&
                options_apply_to(&options, line.command->bit, line.command->name, &err),
            "pgstride %s: %s", examples[i].line, err.text);
        ck_assert_str_eq(line.command->name, examples[i].command);
    }
}
END_TEST

START_TEST(every_command_has_an_example)
{
    for (int i = 0; i < commands_count; i++)
    {
        bool found = false;

        for (int j = 0; j < examples_count; j++)
            found |= strcmp(examples[j].command, commands_table[i].name) == 0;
        ck_assert_msg(found, "no example of \"%s\"", commands_table[i].name);
    }
}
END_TEST

START_TEST(the_sample_is_a_configuration)
{
    MEM_SCOPE(scope, NULL);
    const Address *address;
    Config config;
    Err err = {0};

    ck_assert_msg(config_read(scope, "sample", config_sample, strlen(config_sample),
                              &config, &err),
                  "%s", err.text);
    ck_assert(config_address(&config, &address, &err));
    ck_assert_ptr_nonnull(address);
    ck_assert_int_eq(config.components.count, 2);
    for (int i = 0; i < config.settings.count; i++)
    {
        const char *name = config.settings.items[i].name;

        ck_assert_ptr_nonnull(option_named(name, strlen(name)));
        ck_assert(!option_typed_only(name));
    }
}
END_TEST

/* Of whatever is printed: no line wider than a screen, no blanks at an end. */
static void
page_check(const char *name, const char *text, int widest)
{
    MEM_SCOPE(scope, NULL);
    TextLines lines = text_wrap(scope, text, 0);

    ck_assert_int_gt(lines.count, 3);
    for (int i = 0; i < lines.count; i++)
    {
        size_t length = strlen(lines.items[i]);

        ck_assert_msg(utf8_width(lines.items[i]) <= widest, "%s: %s", name,
                      lines.items[i]);
        ck_assert_msg(length == 0 || lines.items[i][length - 1] != ' ', "%s: \"%s\"",
                      name, lines.items[i]);
    }
}

START_TEST(pages_fit_a_screen)
{
    for (int i = 0; i < commands_count + topics_count + 1; i++)
    {
        MEM_SCOPE(scope, NULL);
        Capture capture;
        Err err = {0};
        const char *name = i < commands_count ? commands_table[i].name
                           : i < commands_count + topics_count
                               ? topics_table[i - commands_count].name
                               : NULL;
        Invocation call = {.mem = scope};

        capture_begin(&capture);
        call.out = capture.out;
        call.line.arguments = &name;
        call.line.argument_count = name != NULL;
        ck_assert(command_help(&call, &err));
        fflush(capture.out.file);
        page_check(name == NULL ? "help" : name, capture_text(&capture), 100);
        capture_end(&capture);
    }
}
END_TEST

/* Nothing of the text may become a request or an escape of roff. */
START_TEST(the_manual_is_roff)
{
    MEM_SCOPE(scope, NULL);
    Capture capture;
    TextLines lines;

    capture_begin(&capture);
    tell_man(&capture.out);
    lines = text_wrap(scope, capture_text(&capture), 0);
    for (int i = 0; i < lines.count; i++)
    {
        static const char *const requests[] = {".TH ", ".SH ", ".SS ", ".TP",
                                               ".B",   ".PP",  ".EX",  ".EE"};
        bool known = lines.items[i][0] != '.';

        for (int j = 0; j < LENGTH(requests); j++)
            known |= strncmp(lines.items[i], requests[j], strlen(requests[j])) == 0;
        ck_assert_msg(known && lines.items[i][0] != '\'', "%s", lines.items[i]);
    }
    for (int i = 0; i < options_count; i++)
    {
        char *flag = mem_text(scope, "\\-\\-%.2s", options_table[i].name);

        ck_assert(options_table[i].help == NULL ||
                  strstr(capture_text(&capture), flag) != NULL);
    }
    capture_end(&capture);
}
END_TEST

UNIT("help", every_example_is_a_command_line, every_command_has_an_example,
     the_sample_is_a_configuration, pages_fit_a_screen, the_manual_is_roff)
