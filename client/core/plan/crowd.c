#include "core/plan/crowd.h"

#include "core/recipes/recipes.h"
#include "core/sql/actions.h"
#include "core/sql/hazards.h"
#include "core/sql/sql.h"

typedef struct Parting
{
    Mem *mem;
    const PlanRequest *request;
    const Section *section;
    LIST(Statement) statements;
} Parting;

typedef enum Stand
{
    STANDS_ANYWHERE, /* no hazard, or an allowed one */
    STANDS_APART,    /* a recipe is for it alone */
    STANDS_REFUSED   /* nothing makes it safe */
} Stand;

static Stand
act_stand(const Parting *parting, const Act *act)
{
    const PlanRequest *request = parting->request;
    const Hazard *hazard = act_on_new_table(request->migration, act)
                               ? NULL
                               : hazard_of(act, parting->section->phase, request->caps);

    if (hazard == NULL || section_allows(parting->section, hazard->id) != NULL)
        return STANDS_ANYWHERE;
    return recipe_named(hazard->recipe) != NULL ? STANDS_APART : STANDS_REFUSED;
}

/* Some of its acts stand apart, and all of it can be done. What is refused is refused
 * as it was written, with all that is wrong with it. */
static bool
acts_apart(const Parting *parting, const Statement *statement, bool *apart)
{
    bool any = false;

    for (int i = 0; i < statement->act_count; i++)
    {
        Stand stand = act_stand(parting, &statement->acts[i]);

        if (stand == STANDS_REFUSED)
            return false;
        any |= apart[i] = stand == STANDS_APART;
    }
    return any && statement->act_count > 1;
}

static bool
part_add(Parting *parting, const Statement *whole, const char *text, Err *err)
{
    Section *section = mem_new(parting->mem, Section);
    Statements read;

    *section = *parting->section;
    section->text = text;
    section->text_line = whole->span.line;
    if (!sql_parse(parting->mem, section, &read, err))
        return err_in(err, "in a part of \"%s\"", whole->sql.text);

    Statement *part = list_add(parting->mem, &parting->statements);

    *part = read.items[0];
    part->span = whole->span;
    part->whole = whole->sql.text;
    return true;
}

static bool
statement_part(Parting *parting, const Statement *statement, Err *err)
{
    bool *apart = mem_array(parting->mem, bool, statement->act_count);
    SqlParsed *parts;
    int count;

    if (!acts_apart(parting, statement, apart) ||
        !sql_split(parting->mem, statement, apart, &parts, &count))
    {
        *list_add(parting->mem, &parting->statements) = *statement;
        return true;
    }
    for (int i = 0; i < count; i++)
        if (!part_add(parting, statement, parts[i].text, err))
            return false;
    return true;
}

bool
crowds_part(Mem *mem, const PlanRequest *request, const Migration **parted, Err *err)
{
    Migration *migration = mem_new(mem, Migration);

    *parted = request->migration;
    if (request->safe != SAFE_REWRITE)
        return true;
    *migration = *request->migration;
    migration->sections = mem_array(mem, Section, migration->section_count + 1);
    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &request->migration->sections[i];
        Parting parting = {.mem = mem, .request = request, .section = section};

        migration->sections[i] = *section;
        for (int j = 0; j < section->statements.count; j++)
            if (!statement_part(&parting, &section->statements.items[j], err))
                return false;
        migration->sections[i].statements =
            (Statements){parting.statements.items, parting.statements.count};
    }
    *parted = migration;
    return true;
}
