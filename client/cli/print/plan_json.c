#include "cli/json.h"
#include "cli/print/print_plan.h"

static json_t *
texts_json(const char *const *texts, int count)
{
    json_t *array = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(array, json_text(texts[i]));
    return array;
}

static json_t *
sql_json(const SqlParsed *sql, int count)
{
    json_t *array = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(array, json_text(sql[i].text));
    return array;
}

static json_t *
locks_json(const Step *step)
{
    MEM_SCOPE(scope, NULL);
    json_t *array = json_array();

    for (int i = 0; i < step->lock_count; i++)
        json_array_append_new(
            array, json_pack("{s:o, s:s}", "relation",
                             json_text(qname_show(scope, &step->locks[i].relation)),
                             "mode", lock_mode_sql(step->locks[i].mode)));
    return array;
}

static json_t *
step_json(const Step *step)
{
    json_t *object = json_pack(
        "{s:i, s:s, s:o, s:o, s:o, s:s, s:o, s:b}", "number", step->number, "phase",
        phase_name(step->phase), "title", json_text(step->title), "sql",
        sql_json(step->sql, step->sql_count), "locks", locks_json(step), "work",
        work_name(step->work), "undo", sql_json(step->undo, step->undo_count),
        "reversible", !step->irreversible);

    json_object_set_new(object, "stands_for", json_text(step->stands_for));
    if (step->manner != NULL)
        json_object_set_new(object, "manner", json_text(step->manner));
    json_object_set_new(object, "recipe", json_text(step->recipe));
    json_object_set_new(object, "asks",
                        json_text(step->probe.blame ? NULL : step->probe.asks));
    json_object_set_new(object, "file", json_text(step->span.file));
    json_object_set_new(object, "line", json_count(step->span.line));
    json_object_set_new(object, "window", json_text(step->window));
    json_object_set_new(object, "rows", json_count(step->rows));
    json_object_set_new(object, "estimate_ms", json_millis(step->estimate_ms));
    json_object_set_new(object, "wal_bytes", json_count(step->wal_bytes));
    json_object_set_new(object, "grows_to_bytes", json_count(step->grows_to));
    json_object_set_new(object, "notes", texts_json(step->notes, step->note_count));
    return object;
}

static json_t *
migration_json(const Plan *plan)
{
    json_t *steps = json_array();

    for (int i = 0; i < plan->step_count; i++)
        json_array_append_new(steps, step_json(&plan->steps[i]));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "direction",
                     plan->step_count > 0 && plan->steps[0].undoes ? "back" : "forward",
                     "version", json_text(plan->migration->version), "name",
                     json_text(plan->migration->name), "file",
                     json_text(plan->migration->file), "steps", steps, "vanishing",
                     texts_json(plan->vanishing, plan->vanishing_count), "surviving",
                     texts_json(plan->surviving, plan->surviving_count), "notes",
                     texts_json(plan->notes, plan->note_count));
}

json_t *
plan_json(const PlanView *view)
{
    json_t *migrations = json_array();

    for (int i = 0; i < view->plans->count; i++)
        json_array_append_new(migrations, migration_json(view->plans->items[i]));
    return json_pack("{s:s, s:o, s:o}", "verb", verb_name(view->verb), "max_stall_ms",
                     json_millis((double)view->settings->max_stall), "migrations",
                     migrations);
}
