#include "core/files/options.h"

#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/units.h"
#include "core/sql/hazards.h"
#include "core/window.h"

typedef enum OptionType
{
    OPTION_BOOL,     /* one of words, into a bool */
    OPTION_CHOICE,   /* one of words, into an enum */
    OPTION_DURATION, /* more than 0, into Millis */
    OPTION_TEXT,
    OPTION_WINDOW,
    OPTION_ALLOW /* HAZARD:"reason", appended to allows */
} OptionType;

typedef struct OptionWord
{
    const char *text;
    int value;
} OptionWord;

struct OptionRule
{
    const char *key;
    OptionType type;
    unsigned sections; /* bits of the sections that it may stand in */
    size_t offset;     /* in SectionOptions */
    const OptionWord *words;
};

enum
{
    IN_UP = 1 << PHASE_UP,
    IN_EXPAND = 1 << PHASE_EXPAND,
    IN_BACKFILL = 1 << PHASE_BACKFILL,
    IN_CONTRACT = 1 << PHASE_CONTRACT,
    IN_DOWN = 1 << PHASE_COUNT,
    IN_DDL = IN_UP | IN_EXPAND | IN_CONTRACT | IN_DOWN,
    IN_ALL = IN_DDL | IN_BACKFILL
};

/* clang-format off */
static const OptionWord no_transaction_words[] = {{"true", false}, {"false", true}, {NULL, 0}};
static const OptionWord trigger_words[] = {{"skip", true}, {"fire", false}, {NULL, 0}};
static const OptionWord sync_words[]    = {{"off", SYNC_OFF}, {"forward", SYNC_FORWARD},
                                           {"both", SYNC_BOTH}, {NULL, 0}};
static const OptionWord repeat_words[]  = {{"true", true}, {"false", false}, {NULL, 0}};

#define FIELD(name) offsetof(SectionOptions, name)
static const OptionRule option_rules[] = {
    {"transaction", OPTION_BOOL,     IN_DDL,      FIELD(no_transaction), no_transaction_words},
    {"batch-time",  OPTION_DURATION, IN_BACKFILL, FIELD(batch_time),     NULL},
    {"max-stall",   OPTION_DURATION, IN_ALL,      FIELD(max_stall),      NULL},
    {"after",       OPTION_DURATION, IN_CONTRACT, FIELD(after),          NULL},
    {"window",      OPTION_WINDOW,   IN_ALL,      FIELD(window),         NULL},
    {"sync",        OPTION_CHOICE,   IN_BACKFILL, FIELD(sync),           sync_words},
    {"reverse",     OPTION_TEXT,     IN_BACKFILL, FIELD(reverse),        NULL},
    {"triggers",    OPTION_BOOL,     IN_BACKFILL, FIELD(triggers_skip),  trigger_words},
    {"repeat",      OPTION_BOOL,     IN_BACKFILL, FIELD(repeat),         repeat_words},
    {"allow",       OPTION_ALLOW,    IN_ALL,      FIELD(allows),         NULL},
};
#undef FIELD
/* clang-format on */

static unsigned
section_bit(Phase phase, bool down)
{
    return down ? IN_DOWN : 1U << phase;
}

bool
option_rule(const char *key, const OptionPlace *place, const OptionRule **rule,
            Err *err)
{
    const char *keys[LENGTH(option_rules)];

    for (int i = 0; i < LENGTH(option_rules); i++)
    {
        keys[i] = option_rules[i].key;
        *rule = &option_rules[i];
        if (strcmp(keys[i], key) == 0)
            return true;
    }
    const char *nearest = nearest_name(key, keys, LENGTH(keys));

    err_at(err, ERR_USAGE, place->file, place->line, "unknown option \"%s\"", key);
    if (nearest != NULL)
        err_hint(err, "Did you mean \"%s\"?", nearest);
    return false;
}

bool
option_names_hazard(const OptionRule *rule)
{
    return rule->type == OPTION_ALLOW;
}

static const OptionWord *
word_find(const OptionRule *rule, const char *value)
{
    for (const OptionWord *word = rule->words; word->text != NULL; word++)
    {
        if (strcmp(word->text, value) == 0)
            return word;
    }
    return NULL;
}

static bool
refuse_word(const GivenOption *option, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Buf words = buf_begin(scope);

    for (const OptionWord *word = option->rule->words; word->text != NULL; word++)
        buf_format(&words, "%s%s", words.length == 0 ? "" : ", ", word->text);
    err_at(err, ERR_USAGE, option->place.file, option->place.line,
           "option \"%s\" cannot be \"%s\"", option->rule->key, option->value);
    return err_hint(err, "It is one of %s.", words.text);
}

static bool
refuse_duration(const GivenOption *option, Err *err)
{
    err_at(err, ERR_USAGE, option->place.file, option->place.line,
           "option \"%s\" cannot be \"%s\"", option->rule->key, option->value);
    return err_hint(err, "It is a number above 0 with its unit: 100ms, 5s, 10min, 24h, "
                         "2d.");
}

static bool
hazard_good(const GivenOption *option, Err *err)
{
    MEM_SCOPE(scope, NULL);
    LIST(const char *) ids = {0};

    for (const Hazard *hazard; (hazard = hazard_row(ids.count)) != NULL;)
        *list_add(scope, &ids) = hazard->id;
    if (hazard_named(option->hazard) != NULL)
        return true;

    const char *nearest = nearest_name(option->hazard, ids.items, ids.count);

    err_at(err, ERR_USAGE, option->place.file, option->place.line,
           "unknown hazard \"%s\"", option->hazard);
    if (nearest != NULL)
        err_hint(err, "Did you mean \"%s\"?", nearest);
    return false;
}

static bool
window_good(const GivenOption *option, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Window window;

    if (window_read(scope, option->value, &window, err))
        return true;
    err->file = mem_copy(err->mem, option->place.file);
    err->line = option->place.line;
    return false;
}

static bool
value_good(const GivenOption *option, Err *err)
{
    const OptionRule *rule = option->rule;
    Millis millis;

    switch (rule->type)
    {
    case OPTION_BOOL:
    case OPTION_CHOICE:
        return word_find(rule, option->value) != NULL || refuse_word(option, err);
    case OPTION_DURATION:
        return (duration_read(option->value, &millis) && millis > 0) ||
               refuse_duration(option, err);
    case OPTION_WINDOW:
        return window_good(option, err);
    case OPTION_ALLOW:
        if (!hazard_good(option, err))
            return false;
        break;
    case OPTION_TEXT:
        break;
    }
    if (option->value[strspn(option->value, " \t")] != '\0')
        return true;
    return err_at(err, ERR_USAGE, option->place.file, option->place.line,
                  rule->type == OPTION_ALLOW ? "option \"%s\" needs a reason"
                                             : "option \"%s\" is empty",
                  rule->key);
}

static bool
same_option(const GivenOption *a, const GivenOption *b)
{
    return a->rule == b->rule &&
           (a->hazard == NULL || strcmp(a->hazard, b->hazard) == 0);
}

bool
option_give(Mem *mem, GivenOptions *given, const GivenOption *option, Err *err)
{
    if (!value_good(option, err))
        return false;
    for (int i = 0; i < given->count; i++)
    {
        if (!same_option(&given->items[i], option))
            continue;
        return err_at(err, ERR_USAGE, option->place.file, option->place.line,
                      "option \"%s%s%s\" is given twice: here and in line %d",
                      option->rule->key, option->hazard == NULL ? "" : ":",
                      option->hazard == NULL ? "" : option->hazard,
                      given->items[i].place.line);
    }
    *list_add(mem, given) = *option;
    return true;
}

/* "expand, backfill": where an option belongs. */
static char *
sections_show(Mem *mem, unsigned sections)
{
    Buf names = buf_begin(mem);

    for (int phase = 0; phase <= PHASE_COUNT; phase++)
    {
        if ((sections & 1U << phase) == 0)
            continue;
        buf_format(&names, "%s%s", names.length == 0 ? "" : ", ",
                   phase == PHASE_COUNT ? "down" : phase_name((Phase)phase));
    }
    return names.text;
}

bool
option_fits(const GivenOption *option, Phase phase, bool down)
{
    return (option->rule->sections & section_bit(phase, down)) != 0;
}

bool
given_options_fit(const GivenOptions *given, Phase phase, bool down, Err *err)
{
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < given->count; i++)
    {
        const GivenOption *option = &given->items[i];

        if (option_fits(option, phase, down))
            continue;
        err_at(err, ERR_USAGE, option->place.file, option->place.line,
               "option \"%s\" cannot stand in a \"%s\" section", option->rule->key,
               down ? "down" : phase_name(phase));
        return err_hint(err, "It belongs to: %s.",
                        sections_show(scope, option->rule->sections));
    }
    return true;
}

bool
option_idle(const GivenOption *option, Err *err)
{
    MEM_SCOPE(scope, NULL);

    err_at(err, ERR_USAGE, option->place.file, option->place.line,
           "option \"%s\" reaches no section of this file", option->rule->key);
    return err_hint(err, "It belongs to: %s.",
                    sections_show(scope, option->rule->sections));
}

static void
allow_set(Mem *mem, SectionOptions *options, const GivenOption *option)
{
    Allow *allow = NULL;

    for (int i = 0; i < options->allow_count; i++)
    {
        if (strcmp(options->allows[i].hazard, option->hazard) == 0)
            allow = &options->allows[i];
    }
    if (allow == NULL)
        allow = &options->allows[options->allow_count++];
    allow->hazard = mem_copy(mem, option->hazard);
    allow->reason = mem_copy(mem, option->value);
}

static void
option_set(Mem *mem, SectionOptions *options, const GivenOption *option)
{
    void *field = (char *)options + option->rule->offset;

    switch (option->rule->type)
    {
    case OPTION_BOOL:
        *(bool *)field = word_find(option->rule, option->value)->value != 0;
        break;
    case OPTION_CHOICE:
        *(Sync *)field = (Sync)word_find(option->rule, option->value)->value;
        break;
    case OPTION_DURATION:
        duration_read(option->value, (Millis *)field);
        break;
    case OPTION_TEXT:
    case OPTION_WINDOW:
        *(const char **)field = mem_copy(mem, option->value);
        break;
    case OPTION_ALLOW:
        allow_set(mem, options, option);
        break;
    }
}

/* Later ones win, so the header comes first. */
bool
options_resolve(Mem *mem, const GivenOptions *header, const GivenOptions *own,
                Section *section, Err *err)
{
    const GivenOptions *both[] = {header, own};
    SectionOptions *options = &section->options;

    options->allows = mem_array(mem, Allow, header->count + own->count);
    for (int from = 0; from < LENGTH(both); from++)
    {
        for (int i = 0; i < both[from]->count; i++)
        {
            const GivenOption *option = &both[from]->items[i];

            if (option_fits(option, section->phase, section->down))
                option_set(mem, options, option);
        }
    }
    if (options->reverse != NULL && options->sync != SYNC_BOTH)
        return err_at(err, ERR_USAGE, section->file, section->span.line,
                      "option \"reverse\" needs sync:both");
    return true;
}
