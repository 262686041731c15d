#include "model/migration.h"

#include <string.h>

const Section *
migration_section(const Migration *migration, Phase phase, bool down)
{
    for (int i = 0; i < migration->section_count; i++)
    {
        const Section *section = &migration->sections[i];

        if (section->phase == phase && section->down == down)
            return section;
    }
    return NULL;
}

const Allow *
section_allows(const Section *section, const char *hazard)
{
    for (int i = 0; i < section->options.allow_count; i++)
        if (strcmp(section->options.allows[i].hazard, hazard) == 0)
            return &section->options.allows[i];
    return NULL;
}

bool
migration_phased(const Migration *migration)
{
    return migration_section(migration, PHASE_EXPAND, false) != NULL ||
           migration_section(migration, PHASE_BACKFILL, false) != NULL ||
           migration_section(migration, PHASE_CONTRACT, false) != NULL;
}
