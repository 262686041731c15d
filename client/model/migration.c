#include "model/migration.h"

#include <stddef.h>

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

bool
migration_phased(const Migration *migration)
{
    return migration_section(migration, PHASE_EXPAND, false) != NULL ||
           migration_section(migration, PHASE_BACKFILL, false) != NULL ||
           migration_section(migration, PHASE_CONTRACT, false) != NULL;
}
