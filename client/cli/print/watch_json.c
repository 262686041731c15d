/* The object of one look: documented names, numbers with their units. */
#include "cli/json.h"
#include "cli/print/print_watch.h"

static json_t *
share_json(double share)
{
    return share < 0 ? json_null() : json_real(share);
}

json_t *
watch_run_json(const WatchRun *run)
{
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:o, s:b, s:o}", "component", run->component, "verb",
                  run->verb, "who", json_text(run->who), "since", json_text(run->since),
                  "connected", run->connected, "outcome", json_text(run->outcome));

    json_object_set_new(object, "paused_by", json_text(run->paused_by));
    json_object_set_new(object, "paused_since", json_text(run->paused_since));
    json_object_set_new(object, "paused_version", json_text(run->paused_version));
    json_object_set_new(object, "migration", json_text(run->label));
    json_object_set_new(object, "phase", json_text(run->phase));
    json_object_set_new(object, "step", json_count(run->step > 0 ? run->step : -1));
    json_object_set_new(object, "title", json_text(run->title));
    json_object_set_new(object, "doing", json_text(run->doing));
    json_object_set_new(object, "resting", json_text(run->resting));
    json_object_set_new(object, "seen_ms", json_count(run->seen_ms));
    json_object_set_new(object, "rows_done", json_count(run->rows_done));
    json_object_set_new(object, "rows_total", json_count(run->rows_total));
    json_object_set_new(object, "fraction", share_json(run->fraction));
    json_object_set_new(object, "rows_per_second", share_json(run->rows_per_second));
    json_object_set_new(object, "left_ms", json_millis(run->left_ms));
    json_object_set_new(object, "batch_ms", json_millis(run->batch_ms));
    json_object_set_new(object, "hot_share", share_json(run->hot_share));
    json_object_set_new(object, "wal_bytes", json_count(run->wal_bytes));
    json_object_set_new(object, "set_aside", json_count(run->set_aside));
    return object;
}

static json_t *
session_json(const WatchSession *session)
{
    json_t *blockers = json_array();

    for (int i = 0; i < session->blocker_count; i++)
        json_array_append_new(blockers,
                              json_integer(strtoll(session->blockers[i], NULL, 10)));
    return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "pid",
                     json_count(session->pid), "who", json_text(session->who), "ours",
                     session->ours, "state", json_text(session->state), "age_ms",
                     json_count(session->age_ms), "state_ms",
                     json_count(session->state_ms), "query", json_text(session->query),
                     "waits_for", json_text(session->waits_for), "blockers", blockers);
}

static json_t *
sessions_json(const WatchSession *sessions, int count)
{
    json_t *array = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(array, session_json(&sessions[i]));
    return array;
}

static json_t *
progress_json(const Sight *sight)
{
    json_t *array = json_array();

    for (int i = 0; i < sight->progress_count; i++)
    {
        const WatchProgress *progress = &sight->progress[i];

        json_array_append_new(array, json_pack("{s:o, s:b, s:o, s:o, s:o, s:o}", "pid",
                                               json_count(progress->pid), "ours",
                                               progress->ours, "what",
                                               json_text(progress->what), "relation",
                                               json_text(progress->relation), "phase",
                                               json_text(progress->phase), "percent",
                                               share_json(progress->percent)));
    }
    return array;
}

static json_t *
replicas_json(const Sight *sight)
{
    json_t *array = json_array();

    for (int i = 0; i < sight->replica_count; i++)
    {
        const WatchReplica *replica = &sight->replicas[i];

        json_array_append_new(array, json_pack("{s:o, s:o, s:o, s:o, s:o}", "kind",
                                               json_text(replica->kind), "name",
                                               json_text(replica->name), "state",
                                               json_text(replica->state), "lag_ms",
                                               json_millis(replica->lag_ms), "bytes",
                                               json_count(replica->bytes)));
    }
    return array;
}

json_t *
watch_json(const Sight *sight)
{
    json_t *runs = json_array();
    json_t *hidden = json_array();
    json_t *around = json_array();

    if (sight->trouble != NULL)
        return json_pack("{s:o}", "trouble", json_text(sight->trouble));
    for (int i = 0; i < sight->run_count; i++)
        json_array_append_new(runs, watch_run_json(&sight->runs[i]));
    for (int i = 0; i < sight->hidden_count; i++)
        json_array_append_new(hidden, json_text(sight->hidden[i]));
    for (int i = 0; i < sight->around_count; i++)
        json_array_append_new(around, json_text(sight->around[i].line));
    for (int i = 0; i < sight->purge_count; i++)
        json_array_append_new(around, json_text(sight->purge[i].line));
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "at", json_text(sight->at),
        "runs", runs, "waiting", sessions_json(sight->waiting, sight->waiting_count),
        "sessions", sessions_json(sight->sessions, sight->session_count), "progress",
        progress_json(sight), "replicas", replicas_json(sight), "oldest_snapshot",
        sessions_json(sight->snapshots, sight->snapshot_count), "hidden", hidden,
        "around", around);
}
