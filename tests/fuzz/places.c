/* Where strings and comments are, byte by byte: no tokens, so that it cannot be wrong
 * in the way the lexers are. */
#include <string.h>

#include "fuzz/fuzz.h"

typedef struct Walk
{
    const PlaceRules *rules;
    const char *text;
    size_t at;
    char *places;
    bool in_code; /* within a comment that servers run */
} Walk;

static bool
sees(const Walk *walk, const char *what)
{
    return strncmp(walk->text + walk->at, what, strlen(what)) == 0;
}

static void
mark(Walk *walk, char place, size_t count)
{
    while (count-- > 0 && walk->text[walk->at] != '\0')
        walk->places[walk->at++] = place;
}

static bool
line_comment_begins(const Walk *walk)
{
    unsigned char behind;

    if (!walk->rules->servers)
        return sees(walk, "--");
    if (sees(walk, "#"))
        return true;
    if (!sees(walk, "--"))
        return false;
    behind = (unsigned char)walk->text[walk->at + 2];
    return behind <= ' ' || behind == 0x7f;
}

/* A doubled quote closes and opens at once, which comes to the same; not so for
 * brackets, where nothing reopens. */
static void
walk_quoted(Walk *walk, char close, bool escaped)
{
    mark(walk, 'q', 1);
    while (walk->text[walk->at] != '\0' && walk->text[walk->at] != close)
        mark(walk, 'q', escaped && walk->text[walk->at] == '\\' ? 2 : 1);
    mark(walk, 'q', 1);
}

/* True: it was the head or the end of a comment that is code. */
static bool
walk_code_comment(Walk *walk)
{
    bool head = sees(walk, "/*!") || sees(walk, "/*M!");
    bool end = walk->in_code && sees(walk, "*/");

    if (!walk->rules->servers || (!head && !end))
        return false;
    mark(walk, 'c', end || sees(walk, "/*!") ? (end ? 2 : 3) : 4);
    walk->in_code = head;
    return true;
}

static void
walk_on(Walk *walk)
{
    const PlaceRules *rules = walk->rules;
    const char *quote = strchr(rules->open, walk->text[walk->at]);

    if (quote != NULL)
        walk_quoted(walk, rules->close[quote - rules->open],
                    strchr(rules->escaped, *quote) != NULL);
    else if (line_comment_begins(walk))
    {
        mark(walk, 'l', strcspn(walk->text + walk->at, "\n"));
        mark(walk, '?', 1);
    }
    else if (walk_code_comment(walk))
        return;
    else if (sees(walk, "/*"))
    {
        const char *end = strstr(walk->text + walk->at + 2, "*/");

        mark(walk, 'b',
             end == NULL ? strlen(walk->text + walk->at)
                         : (size_t)(end + 2 - (walk->text + walk->at)));
    }
    else
        /* The x of SQLite's x'00' belongs to the string if it begins a word. */
        mark(walk,
             !rules->servers && (sees(walk, "x'") || sees(walk, "X'")) ? '?' : 'c', 1);
}

const PlaceRules *
place_rules_of(const char *engine)
{
    static const PlaceRules rules[] = {
        {"mysql", "'\"`", "'\"`", "'\"", true},
        {"sqlite3", "'\"`[", "'\"`]", "", false},
    };

    for (int i = 0; i < LENGTH(rules); i++)
        if (strcmp(rules[i].engine, engine) == 0)
            return &rules[i];
    return NULL;
}

char *
places_of(Mem *mem, const PlaceRules *rules, const char *text)
{
    Walk walk = {.rules = rules, .text = text, .places = mem_copy(mem, text)};

    while (text[walk.at] != '\0')
        walk_on(&walk);
    return walk.places;
}
