#include "core/layouts/sqitch_plan.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"

/* A line taken apart; what it does not have is NULL. */
typedef struct PlanEntry
{
    char *name;
    bool tag;
    char *needs; /* between the brackets */
    char *date;
    char *planner; /* "Ann <ann@example.org>" */
    char *note;
} PlanEntry;

typedef struct PlanRead
{
    Mem *mem;
    const SourceFile *file;
    SqitchPlan *plan;
    const char *uri;
    const char *parent; /* the id of the change before; NULL: there is none */
    int line;
} PlanRead;

/* --- a line ---------------------------------------------------------------------- */

static char *
blanks_skip(char *text)
{
    return text + strspn(text, " \t");
}

static char *
blanks_trim(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && strchr(" \t", text[length - 1]) != NULL)
        text[--length] = '\0';
    return blanks_skip(text);
}

/* Cuts what stands up to one of these off the text; it is left behind them. */
static char *
word_cut(char **text, const char *ends)
{
    char *word = *text;

    *text += strcspn(*text, ends);
    if (**text != '\0')
        *(*text)++ = '\0';
    return word;
}

/* A note is one line: what is more in it stands there as \n. */
static char *
note_plain(char *note)
{
    char *into = note;

    for (const char *from = note; *from != '\0'; from++)
        if (from[0] == '\\' && from[1] != '\0' && strchr("\\nr", from[1]) != NULL)
        {
            from++;
            *into++ = *from == 'n' ? '\n' : *from == 'r' ? '\r' : '\\';
        }
        else
            *into++ = *from;
    *into = '\0';
    return note;
}

/* As 2012-01-01T00:00:00Z. */
static bool
is_date(const char *text)
{
    static const char shape[] = "0000-00-00T00:00:00Z";

    for (int i = 0; shape[i] != '\0'; i++)
        if (shape[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != shape[i])
            return false;
    return text[sizeof(shape) - 1] == '\0';
}

static bool
is_planner(const char *text)
{
    const char *mail = strchr(text, '<');

    return mail != NULL && mail > text && mail[1] != '>' && name_ends(mail, ">");
}

static bool
entry_read(char *text, PlanEntry *entry)
{
    char *note = strchr(text, '#');

    *entry = (PlanEntry){0};
    if (note != NULL)
    {
        *note = '\0';
        entry->note = note_plain(blanks_trim(note + 1));
    }
    text = blanks_trim(text);
    if (*text == '+')
        text = blanks_skip(text + 1);
    entry->tag = *text == '@';
    text += entry->tag;
    entry->name = word_cut(&text, " \t");
    text = blanks_skip(text);
    if (*text == '[')
    {
        text++;
        entry->needs = word_cut(&text, "]");
        text = blanks_skip(text);
    }
    entry->date = word_cut(&text, " \t");
    entry->planner = blanks_skip(text);
    return entry->name[0] != '\0' && is_date(entry->date) && is_planner(entry->planner);
}

/* --- its id ---------------------------------------------------------------------- */

/* Those with a "!" are conflicts. */
static void
needs_add(Buf *text, const char *title, const char *sign, const char *needs,
          bool conflicts)
{
    MEM_SCOPE(scope, NULL);
    char *rest = mem_copy(scope, needs == NULL ? "" : needs);
    bool first = true;

    while (*(rest = blanks_skip(rest)) != '\0')
    {
        const char *need = word_cut(&rest, " \t");

        if ((*need == '!') != conflicts)
            continue;
        if (first)
            buf_format(text, "\n%s", title);
        buf_format(text, "\n  %s %s", sign, need + conflicts);
        first = false;
    }
}

/* As git names an object: a kind, a length, and the text. */
static void
id_compute(const PlanRead *read, const PlanEntry *entry, char id[DIGEST_SHA1_HEX])
{
    MEM_SCOPE(scope, NULL);
    Buf info = buf_begin(scope);
    Buf object = buf_begin(scope);

    buf_format(&info, "project %s", read->plan->project);
    if (read->uri != NULL)
        buf_format(&info, "\nuri %s", read->uri);
    buf_format(&info, "\nchange %s", entry->name);
    if (read->parent != NULL)
        buf_format(&info, "\nparent %s", read->parent);
    buf_format(&info, "\nplanner %s\ndate %s", entry->planner, entry->date);
    needs_add(&info, "requires", "+", entry->needs, false);
    needs_add(&info, "conflicts", "-", entry->needs, true);
    if (entry->note != NULL && entry->note[0] != '\0')
        buf_format(&info, "\n\n%s", entry->note);
    buf_format(&object, "change %zu", info.length);
    buf_bytes(&object, "", 1);
    buf_bytes(&object, info.text, info.length);
    digest_sha1(object.text, object.length, id);
}

/* --- what it needs --------------------------------------------------------------- */

/* "users", "@v1" and "users@v1" are in the plan before it. */
static bool
is_before(const SqitchPlan *plan, const char *need)
{
    size_t length = strcspn(need, "@");
    const char *tag = need[length] == '@' ? need + length + 1 : NULL;
    bool change = length == 0;

    for (int i = 0; i < plan->lines.count; i++)
    {
        const PlanLine *line = &plan->lines.items[i];

        if (line->tag && tag != NULL && change && strcmp(line->name, tag) == 0)
            return true;
        if (!line->tag &&
            (strncmp(line->name, need, length) == 0 && line->name[length] == '\0'))
            change = true;
        if (!line->tag && strcmp(line->id, need) == 0)
            return true;
    }
    return change && tag == NULL;
}

/* Where a change is reworked, a tag between keeps the older one apart. */
static bool
name_check(const PlanRead *read, const PlanEntry *entry, Err *err)
{
    for (int i = read->plan->lines.count - 1; i >= 0; i--)
    {
        const PlanLine *line = &read->plan->lines.items[i];

        if (line->tag && !entry->tag)
            return true;
        if (line->tag == entry->tag && strcmp(line->name, entry->name) == 0)
            return err_at(err, ERR_REFUSED, read->file->path, read->line,
                          "\"%s\" is in the plan already, in line %d%s", entry->name,
                          line->line, entry->tag ? "" : ", and no tag is between");
    }
    return true;
}

static bool
needs_check(const PlanRead *read, const PlanEntry *entry, Err *err)
{
    MEM_SCOPE(scope, NULL);
    char *rest = mem_copy(scope, entry->needs == NULL ? "" : entry->needs);

    while (*(rest = blanks_skip(rest)) != '\0')
    {
        const char *need = word_cut(&rest, " \t");
        bool conflict = *need == '!';

        need += conflict;
        if (strchr(need, ':') != NULL || is_before(read->plan, need) != conflict)
            continue;
        return err_at(err, ERR_REFUSED, read->file->path, read->line,
                      conflict ? "\"%s\" conflicts with \"%s\", which the plan has "
                                 "before it"
                               : "\"%s\" requires \"%s\", which the plan does not have "
                                 "before it",
                      entry->name, need);
    }
    return true;
}

/* --- all of them ----------------------------------------------------------------- */

/* %project=shop; those that nobody asks for are passed over. */
static void
pragma_read(PlanRead *read, char *text)
{
    char *key = blanks_trim(word_cut(&text, "="));

    if (strcmp(key, "project") == 0)
        read->plan->project = blanks_trim(text);
    else if (strcmp(key, "uri") == 0)
        read->uri = blanks_trim(text);
}

static bool
line_read(PlanRead *read, char *text, Err *err)
{
    PlanEntry entry;

    if (*text == '%')
    {
        pragma_read(read, text + 1);
        return true;
    }
    if (*text == '\0' || *text == '#')
        return true;
    if (!entry_read(text, &entry))
        return err_at(err, ERR_USAGE, read->file->path, read->line,
                      "this is no line of a plan: NAME [NEEDS] DATE PLANNER <MAIL>");
    if (read->plan->project == NULL)
        return err_at(err, ERR_USAGE, read->file->path, read->line,
                      "the plan does not say %%project=NAME before its first change");
    if (!name_check(read, &entry, err) ||
        (!entry.tag && !needs_check(read, &entry, err)))
        return false;

    PlanLine *line = list_add(read->mem, &read->plan->lines);

    *line = (PlanLine){.name = entry.name, .tag = entry.tag, .line = read->line};
    if (entry.tag)
        return true;
    id_compute(read, &entry, line->id);
    read->parent = mem_copy(read->mem, line->id);
    return true;
}

bool
sqitch_plan_read(Mem *mem, const SourceFile *file, SqitchPlan *plan, Err *err)
{
    PlanRead read = {.mem = mem, .file = file, .plan = plan};
    SourceText source;

    *plan = (SqitchPlan){0};
    if (!source_open(file, &source, err))
        return false;
    for (size_t at = 0; at < source.length; at = source_line_next(&source, at))
    {
        size_t end = source_line_end(&source, at);
        char *text = mem_slice(mem, source.text + at, end - at);

        read.line++;
        if (!line_read(&read, blanks_skip(text), err))
            return false;
    }
    return true;
}
