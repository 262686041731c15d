#include "cli/print/print_status.h"

#include <string.h>

#include "base/buf.h"
#include "cli/json.h"
#include "cli/print/print_watch.h"
#include "cli/print/progress_line.h"
#include "cli/text.h"

static bool
line_applied(const StatusLine *line)
{
    return line->state >= STATE_BACKFILLED;
}

/* What a line that must stay as it is cannot say itself. */
static void
print_remarks(Out *out, const StatusLine *line)
{
    if (line->state == STATE_EXPANDED)
        out_print(out, "    expanded, backfill pending: pgstride up\n");
    if (line->state == STATE_BACKFILLED)
        out_print(out, "    backfilled, contract pending: pgstride contract %s\n",
                  line->version);
    if (line->missing)
        out_print(out, "    its file is missing\n");
    if (line->changed)
        out_print(out, "    its file has changed since it ran\n");
    if (line->how != NULL && strcmp(line->how, "run") != 0)
        out_print(out, "    recorded by %s, not run\n", line->how);
    if (line->error != NULL)
        out_print(out, "    the last attempt failed: %s\n", line->error);
}

static const char *
skipped_text(const StatusLine *line)
{
    if (!line->skipped)
        return "";
    return line->migration != NULL && line->migration->passed
               ? " (skipped: a baseline script stands for it)"
               : " (skipped: no part for this engine)";
}

static void
print_lines(Out *out, const Status *status, bool applied)
{
    for (int i = 0; i < status->count; i++)
    {
        const StatusLine *line = &status->lines[i];

        if (line_applied(line) != applied)
            continue;
        if (applied && line->applied_at == NULL)
            out_print(out, "  %s (applied)\n", line->file);
        else if (applied)
            out_print(out, "  %s (applied: %s)\n", line->file, line->applied_at);
        else
            out_print(out, "  %s%s\n", line->file, skipped_text(line));
        print_remarks(out, line);
    }
}

/* What runs again and again has no place among the versions. */
static const char *
status_version(const Status *status)
{
    for (int i = status->count - 1; i >= 0; i--)
    {
        const StatusLine *line = &status->lines[i];

        if (line_applied(line) &&
            (line->migration == NULL || !line->migration->repeatable))
            return line->version;
    }
    return NULL;
}

/* The step that a run has in hand; one that has just begun has shown nothing yet. */
static void
print_at_work(Out *out, const Status *status)
{
    MEM_SCOPE(scope, NULL);
    const WatchRun *run = status->at_work;

    if (run == NULL)
        return;
    out_print(out, "At work: %s\n", status->control.at_work);
    if (run->label == NULL)
        return;

    const char *step = mem_text(scope, "  %s: %s %d, %s", run->label, run->phase,
                                (int)run->step, run->title);
    Progress progress = watch_run_progress(run);

    out_print(out, "%s\n",
              run->rows_total > 0 ? line_progress(scope, out, step, &progress) : step);
    if (run->resting != NULL)
        out_print(out, "  resting: %s\n", text_one_line(scope, run->resting));
}

static void
print_below(Out *out, const char *text)
{
    out_print(out, "  ");
    out_paragraph(out, 2, text);
}

/* What keeps from going on, each of its lines, and the cure. */
static void
print_stopped(Out *out, const Status *status)
{
    MEM_SCOPE(scope, NULL);
    char *why = "";

    if (status->dirty)
        why =
            mem_text(scope, "version %s: %s", status->dirty_version, status->dirty_why);
    else if (status->refused != NULL)
        why = mem_text(scope, "nothing can run: %s", status->refused);
    for (size_t length; *why != '\0'; why += length + (why[length] != '\0'))
    {
        length = strcspn(why, "\n");
        print_below(out, mem_slice(scope, why, length));
    }
    if (status->cure != NULL)
        print_below(out, status->cure);
}

void
print_status(Out *out, const Status *status)
{
    MEM_SCOPE(scope, NULL);
    const char *version = status_version(status);

    out_print(out, "Migration Status:\n\n");
    if (status->layout != NULL && strcmp(status->layout, "native") != 0)
        out_print(out, "Layout: %s\n\n", status->layout);
    out_print(out, "Applied migrations:\n");
    print_lines(out, status, true);
    out_print(out, "\nPending migrations:\n");
    print_lines(out, status, false);
    if (status->pending == 0 && (status->count > 0 || status->refused == NULL))
        out_print(out, "\nDatabase is up to date.\n");
    else if (status->pending > 0)
        out_print(out, "\nDatabase is %s behind.\n",
                  text_count(scope, status->pending, "migration"));
    if (version != NULL)
        out_print(out, "Database Version: %s\n", version);
    out_print(out, "Database Status: ");
    out_mark(out, status->dirty ? MARK_FAILED : MARK_DONE,
             status->dirty ? "DIRTY" : "clean");
    out_print(out, "\n");
    print_stopped(out, status);
    print_at_work(out, status);
    if (status->control.paused)
        out_print(out, "Paused%s%s by %s since %s: pgstride resume\n",
                  status->control.version == NULL ? "" : " at ",
                  status->control.version == NULL ? "" : status->control.version,
                  status->control.who, status->control.since);
}

/* Cells end in tabs, in columns of eight, each at least one wider than its text. */
static void
print_cell(Out *out, const char *text, int widest)
{
    MEM_SCOPE(scope, NULL);
    Buf tabs = buf_begin(scope);
    int column = (widest + 8) / 8;

    for (int at = utf8_width(text) / 8; at < column; at++)
        buf_add(&tabs, "\t");
    out_print(out, "%s%s", text, tabs.text);
}

void
print_status_table(Out *out, const Status *status)
{
    static const char *const names[] = {"Version", "Name", "Status"};
    int widest[] = {7, 4, 7};

    for (int i = 0; i < status->count; i++)
    {
        int version = utf8_width(status->lines[i].version);
        int name = utf8_width(status->lines[i].name);

        widest[0] = version > widest[0] ? version : widest[0];
        widest[1] = name > widest[1] ? name : widest[1];
    }
    for (int i = 0; i < LENGTH(names); i++)
        print_cell(out, names[i], widest[i]);
    out_print(out, "\n");
    for (int i = 0; i < status->count; i++)
    {
        const StatusLine *line = &status->lines[i];

        print_cell(out, line->version, widest[0]);
        print_cell(out, line->name, widest[1]);
        print_cell(out, line_applied(line) ? "Applied" : "Pending", widest[2]);
        out_print(out, "\n");
    }
}

static json_t *
paused_json(const Control *control)
{
    if (!control->paused)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "version", json_text(control->version), "by",
                     json_text(control->who), "since", json_text(control->since));
}

json_t *
status_json(const Status *status)
{
    json_t *lines = json_array();

    for (int i = 0; i < status->count; i++)
    {
        const StatusLine *line = &status->lines[i];
        json_t *object = json_pack(
            "{s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "version", json_text(line->version),
            "name", json_text(line->name), "file", json_text(line->file), "state",
            state_name(line->state), "how", json_text(line->how), "applied_at",
            json_time(line->applied_at), "error", json_text(line->error));

        json_object_set_new(object, "missing", json_boolean(line->missing));
        json_object_set_new(object, "changed", json_boolean(line->changed));
        json_object_set_new(object, "skipped", json_boolean(line->skipped));
        json_array_append_new(lines, object);
    }
    return json_pack(
        "{s:o, s:o, s:i, s:i, s:b, s:o, s:o, s:o, s:o, s:o}", "layout",
        json_text(status->layout), "migrations", lines, "pending", status->pending,
        "waiting_contract", status->waiting_contract, "dirty", status->dirty,
        "dirty_version", json_text(status->dirty_version), "dirty_why",
        json_text(status->dirty_why), "refused", json_text(status->refused), "paused",
        paused_json(&status->control), "at_work",
        status->at_work == NULL ? json_null() : watch_run_json(status->at_work));
}

/* The SQL of all sections that go up, or of all that go down. */
static json_t *
popx_content(const StatusLine *line, bool down)
{
    MEM_SCOPE(scope, NULL);
    Buf buf = buf_begin(scope);

    if (line->migration == NULL)
        return json_text("");
    for (int i = 0; i < line->migration->section_count; i++)
        if (line->migration->sections[i].down == down)
            buf_add(&buf, line->migration->sections[i].text);
    if (down && buf.length == 0)
        return json_text("-- error: no down migration defined for this migration");
    return json_text(buf.text);
}

json_t *
status_popx(const Status *status)
{
    json_t *array = json_array();

    for (int i = 0; i < status->count; i++)
    {
        const StatusLine *line = &status->lines[i];

        json_array_append_new(
            array, json_pack("{s:s, s:o, s:o, s:o, s:o}", "state",
                             line_applied(line) ? "Applied" : "Pending", "version",
                             json_text(line->version), "name", json_text(line->name),
                             "content", popx_content(line, false), "content_down",
                             popx_content(line, true)));
    }
    return array;
}
