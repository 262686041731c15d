#include "cli/help/topics.h"

#include <string.h>

#include "cli/help/man.h"
#include "cli/help/reference.h"
#include "cli/text.h"
#include "core/config/target.h"
#include "core/plan/phase.h"
#include "core/recipes/recipes.h"
#include "core/sql/hazards.h"

/* The same rows that decide about every move. */
static void
tell_states(Out *out)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, "What a migration may be, and what takes it where:\n\n%s",
              phase_diagram(scope));
}

/* The same rows that make a backfill rest. */
static void
tell_limits(Out *out)
{
    MEM_SCOPE(scope, NULL);

    page_paragraph(out,
                   "What makes a backfill rest between two batches, and from where "
                   "on. Whatever the server does not say, or this role may not "
                   "see, is no reason to rest.");
    out_print(out, "\n");
    for (Signal i = 0; i < SIGNAL_COUNT; i++)
    {
        const LimitRow *row = limit_row(i);
        char *left = mem_text(scope, "%s  %s", text_pad(scope, row->name, 15),
                              limit_show(scope, i, row->fallback));
        char *flag = row->flag == NULL ? mem_copy(scope, "")
                                       : mem_text(scope, " (--%s)", row->flag);

        page_row(out, left, 26, mem_text(scope, "%s%s", row->sentence, flag));
    }
    out_print(out, "\n");
    page_paragraph(
        out, "Going slower is half the share of the time that batches may take, and "
             "again while it lasts, down to 2 percent; then it grows in steps. A "
             "share is made of short batches with rests between them. "
             "--max-share gives the most.");
    out_print(out, "\n");
    page_paragraph(out,
                   "\"none\" is no limit until a flag gives one; \"any\" means that "
                   "anything at all is too much. The throttle query is sent once a "
                   "second, in a transaction that cannot write; an error of it is "
                   "named and stops nothing.");
}

/* The same rows that rewrite a statement. */
static void
tell_recipes(Out *out)
{
    const Recipe *recipe;

    page_paragraph(out, "What a statement that would stall or fail on a live table is "
                        "made of instead; \"pgstride plan\" shows every step.");
    out_print(out, "\n");
    for (int i = 0; (recipe = recipe_row(i)) != NULL; i++)
        page_row(out, recipe->name, 18, recipe->means);
}

/* The same rows that refuse a statement. Neighbours of one name are told once. */
static void
tell_hazards(Out *out)
{
    MEM_SCOPE(scope, NULL);
    const Hazard *hazard;
    const char *last = "";

    page_paragraph(out,
                   "What is refused on a live table unless a section line accepts it "
                   "by name, allow:NAME:\"why\", and what to do instead. What has a "
                   "recipe is made safe by itself.");
    out_print(out, "\n");
    for (int i = 0; (hazard = hazard_row(i)) != NULL; i++)
    {
        if (strcmp(hazard->id, last) == 0)
            continue;
        last = hazard->id;
        page_row(out, hazard->id, 20,
                 hazard->recipe != NULL
                     ? mem_text(scope, "%s: made safe by the recipe %s", hazard->why,
                                hazard->recipe)
                     : mem_text(scope, "%s. %s", hazard->why, hazard->cure));
    }
}

static void
tell_exit_codes(Out *out)
{
    page_paragraph(out,
                   "How pgstride ends. The first cause decides; every error says on "
                   "standard error what to type next.");
    out_print(out, "\n");
    page_rows(out, exit_codes, exit_codes_count, 3);
}

static void
tell_environment(Out *out)
{
    MEM_SCOPE(scope, NULL);

    page_paragraph(out,
                   "A flag beats its variable, a variable beats a configuration file. "
                   "The database, unless a flag or a URL names it, is the one of these "
                   "that is set; several that differ are refused.");
    out_print(out, "\n");
    for (int i = 0; target_variables[i] != NULL; i++)
        out_print(out, "  %s\n", target_variables[i]);
    page_head(out, "Variables that stand for flags");
    for (int i = 0; i < options_count; i++)
        if (options_table[i].env != NULL)
            page_row(out, options_table[i].env, 24,
                     mem_text(scope, "--%s: %s", options_table[i].name,
                              options_table[i].help));
    page_head(out, "Others");
    page_rows(out, other_variables, other_variables_count, 24);
}

/* Every flag but those that say how one single call is made. */
static void
tell_config_flags(Out *out)
{
    MEM_SCOPE(scope, NULL);
    Buf names = buf_begin(scope);

    buf_add(&names, "Flags that \"pgstride:\" may hold, by their long names:");
    for (int i = 0; i < options_count; i++)
        if (options_table[i].help != NULL && !option_typed_only(options_table[i].name))
            buf_format(&names, " %s", options_table[i].name);
    buf_add(&names,
            ". A path is relative to the file it stands in. Any other key is an "
            "error, and so is a value that the flag would not take.");
    page_paragraph(out, names.text);
}

static void
tell_config(Out *out)
{
    page_paragraph(
        out, "With -c FILE, before or behind the command, or with PGSTRIDE_CONFIG, "
             "flags and the database are read from YAML. Given several times, a "
             "later file wins; a variable wins over the files, and a flag over "
             "both.");
    out_print(out, "\n%s\n", config_sample);
    tell_config_flags(out);
    out_print(out, "\n");
    page_paragraph(out,
                   "A component is a folder with its own history and its own runner: "
                   "name and dir, and where needed database, layout and "
                   "history (pgstride). --component NAME says which is meant, --all "
                   "takes one after the other.");
    out_print(out, "\n");
    page_paragraph(out,
                   "Of what other programs read, these keys are understood; whatever "
                   "else the file has is theirs. Nothing is filled in for \"${...}\".");
    out_print(out, "\n");
    page_rows(out, foreign_keys, foreign_keys_count, 24);
}

/* clang-format off */
const Topic topics_table[] = {
    {"states",      "what a migration may be, and what may follow what", tell_states},
    {"limits",      "what makes a backfill rest",                        tell_limits},
    {"recipes",     "how a statement is made safe",                      tell_recipes},
    {"hazards",     "what is refused, and the names to allow it by",     tell_hazards},
    {"config",      "configuration files, and components",               tell_config},
    {"environment", "the variables that are read",                       tell_environment},
    {"exit-codes",  "what the exit status means",                        tell_exit_codes},
    {"man",         "the manual page, to be read by man -l",             tell_man},
};
/* clang-format on */

const int topics_count = LENGTH(topics_table);

const Topic *
topic_named(const char *name)
{
    for (int i = 0; i < topics_count; i++)
        if (strcmp(topics_table[i].name, name) == 0)
            return &topics_table[i];
    return NULL;
}
