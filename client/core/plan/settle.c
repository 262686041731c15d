#include "core/plan/settle.h"

#include "core/plan/domains.h"
#include "core/recipes/recipes.h"
#include "core/sql/actions.h"
#include "core/sql/hazards.h"
#include "core/sql/sql.h"

typedef struct Settling
{
    Mem *mem;
    const PlanRequest *request;
    const Section *section;
    LIST(Statement) statements;
} Settling;

typedef enum Stand
{
    STANDS_ANYWHERE, /* no hazard, or an allowed one */
    STANDS_APART,    /* a recipe is for it alone */
    STANDS_REFUSED   /* nothing makes it safe */
} Stand;

static Stand
act_stand(const Settling *settling, const Act *act)
{
    const PlanRequest *request = settling->request;
    const Hazard *hazard =
        act_on_new_table(request->migration, act)
            ? NULL
            : hazard_of(act, settling->section->phase, request->caps);

    if (hazard == NULL || section_allows(settling->section, hazard->id) != NULL)
        return STANDS_ANYWHERE;
    return recipe_named(hazard->recipe) != NULL ? STANDS_APART : STANDS_REFUSED;
}

/* Some of its acts stand apart, and all of it can be done. What is refused is refused
 * as it was written, with all that is wrong with it. */
static bool
acts_apart(const Settling *settling, const Statement *statement, bool *apart)
{
    bool any = false;

    for (int i = 0; i < statement->act_count; i++)
    {
        Stand stand = act_stand(settling, &statement->acts[i]);

        if (stand == STANDS_REFUSED)
            return false;
        any |= apart[i] = stand == STANDS_APART;
    }
    return any && statement->act_count > 1;
}

static bool
part_add(Settling *settling, const Statement *whole, const char *text, Err *err)
{
    Section *section = mem_new(settling->mem, Section);
    Statements read;

    *section = *settling->section;
    section->text = text;
    section->text_line = whole->span.line;
    if (!sql_parse(settling->mem, section, &read, err))
        return err_in(err, "in a part of \"%s\"", whole->sql.text);

    Statement *part = list_add(settling->mem, &settling->statements);

    *part = read.items[0];
    part->span = whole->span;
    part->whole = whole->sql.text;
    domains_mark(settling->mem, settling->request, part);
    return true;
}

static bool
statement_settle(Settling *settling, const Statement *written, Err *err)
{
    bool *apart = mem_array(settling->mem, bool, written->act_count);
    Statement statement = *written;
    SqlParsed *parts;
    int count;

    domains_mark(settling->mem, settling->request, &statement);
    if (settling->request->safe != SAFE_REWRITE ||
        !acts_apart(settling, &statement, apart) ||
        !sql_split(settling->mem, &statement, apart, &parts, &count))
    {
        *list_add(settling->mem, &settling->statements) = statement;
        return true;
    }
    for (int i = 0; i < count; i++)
        if (!part_add(settling, &statement, parts[i].text, err))
            return false;
    return true;
}

bool
migration_settle(Mem *mem, const PlanRequest *request, const Migration **settled,
                 Err *err)
{
    Migration *migration = mem_new(mem, Migration);

    *migration = *request->migration;
    migration->sections = mem_array(mem, Section, migration->section_count + 1);
    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &request->migration->sections[i];
        Settling settling = {.mem = mem, .request = request, .section = section};

        migration->sections[i] = *section;
        for (int j = 0; j < section->statements.count; j++)
            if (!statement_settle(&settling, &section->statements.items[j], err))
                return false;
        migration->sections[i].statements =
            (Statements){settling.statements.items, settling.statements.count};
    }
    *settled = migration;
    return true;
}
