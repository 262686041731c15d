#include "cli/print/print_watch.h"

#include <stdarg.h>
#include <string.h>

#include "base/units.h"
#include "cli/print/progress_line.h"
#include "cli/text.h"
#include "core/locks/blocking.h"

/* Columns: what is shown of a session begins behind them. */
#define HEAD_WIDTH 12
#define QUERY_MOST 100

/* What was last shown so long ago is told with its age. */
#define STALE_MS 5000

typedef struct Page
{
    Out *out;
    Mem *mem;
    int lines;
} Page;

/* One line, cut where the terminal ends; the mark colours all of it. */
static void page_line(Page *page, Mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
page_line(Page *page, Mark mark, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = out_text(page->out, page->mem, mem_vtext(page->mem, format, args));
    va_end(args);
    if (page->out->width > 0)
        text = text_cut(page->mem, text, page->out->width - 1);
    out_mark(page->out, mark, text);
    out_print(page->out, "\n");
    page->lines++;
}

static void
page_head_line(Page *page, const char *head)
{
    out_print(page->out, "\n");
    page->lines++;
    page_line(page, MARK_NONE, "%s", head);
}

/* "2026-11-21 10:31" of 2026-11-21T10:31:07Z. */
static char *
minute_show(Mem *mem, const char *at)
{
    return mem_text(mem, "%.10s %.5s UTC", at, at + 11);
}

/* --- runs ------------------------------------------------------------------------ */

Progress
watch_run_progress(const WatchRun *run)
{
    return (Progress){.rows_done = run->rows_done,
                      .rows_total = run->rows_total,
                      .fraction = run->fraction,
                      .rows_per_second =
                          run->resting == NULL ? run->rows_per_second : 0,
                      .left_ms = run->resting == NULL ? run->left_ms : -1,
                      .batch_ms = run->batch_ms,
                      .hot_share = run->hot_share,
                      .wal_bytes = run->wal_bytes,
                      .set_aside = run->set_aside,
                      .doing = run->doing};
}

static const char *
run_fate(const WatchRun *run)
{
    if (run->connected)
        return "at work";
    if (run->outcome == NULL)
        return "gone without an end: killed, or cut off";
    return strcmp(run->outcome, "done") == 0 ? "done" : run->outcome;
}

static void
print_step_under_way(Page *page, const WatchRun *run)
{
    const char *head = mem_text(page->mem, "%s %d", run->phase, (int)run->step);
    Progress progress = watch_run_progress(run);

    page_line(page, MARK_NONE, "  %s", run->label);
    if (run->rows_total <= 0)
        page_line(page, MARK_NONE, "  %s %s", text_pad(page->mem, head, HEAD_WIDTH),
                  run->title);
    else
    {
        const char *what = mem_text(page->mem, "  %s %s",
                                    text_pad(page->mem, head, HEAD_WIDTH), run->title);

        page_line(page, MARK_NONE, "%s",
                  line_progress(page->mem, page->out, what, &progress));
        page_line(page, MARK_NONE, "               %s",
                  line_batch(page->mem, &progress));
    }
    if (run->resting != NULL)
        page_line(page, MARK_WAITING, "               resting: %s",
                  text_one_line(page->mem, run->resting));
    if (run->seen_ms > STALE_MS)
        page_line(page, MARK_WAITING, "               as it was %s ago",
                  duration_show(page->mem, (double)run->seen_ms));
}

static void
print_run(Page *page, const WatchRun *run)
{
    page_head_line(page,
                   mem_text(page->mem, "%s by %s since %s: %s%s%s", run->verb, run->who,
                            minute_show(page->mem, run->since), run_fate(run),
                            strcmp(run->component, "main") == 0 ? "" : ", component ",
                            strcmp(run->component, "main") == 0 ? "" : run->component));
    if (run->paused_by != NULL)
        page_line(page, MARK_WAITING, "  paused%s%s by %s since %s: pgstride resume",
                  run->paused_version == NULL ? "" : " at ",
                  run->paused_version == NULL ? "" : run->paused_version,
                  run->paused_by, minute_show(page->mem, run->paused_since));
    if (run->label != NULL && (run->connected || run->outcome == NULL))
        print_step_under_way(page, run);
}

/* --- sessions -------------------------------------------------------------------- */

static char *
session_text(Mem *mem, const WatchSession *session)
{
    Buf buf = buf_begin(mem);

    if (session->pid != 0)
        buf_format(&buf, "pid %lld ", (long long)session->pid);
    buf_format(&buf, "%s%s", session->who, session->ours ? "  ← pgstride" : "");
    if (session->waits_for != NULL)
        buf_format(&buf, "  waits for %s", session->waits_for);
    else if (session->state != NULL)
        buf_format(&buf, "  %s", session->state);
    if (session->state_ms >= 0)
        buf_format(&buf, " for %s", duration_show(mem, (double)session->state_ms));
    if (session->age_ms > session->state_ms + 1000)
        buf_format(&buf, ", in a transaction of %s",
                   duration_show(mem, (double)session->age_ms));
    if (session->query != NULL && session->query[0] != '\0')
        buf_format(&buf, "  %s",
                   text_cut(mem, text_one_line(mem, session->query), QUERY_MOST));
    return buf.text;
}

static void
print_blocking(Page *page, const Sight *sight)
{
    BlockingTree tree = blocking_tree(page->mem, sight->waiting, sight->waiting_count);

    if (tree.count == 0)
        return;
    page_head_line(page, "who waits for whom");
    for (int i = 0; i < tree.count; i++)
    {
        const BlockingLine *line = &tree.lines[i];
        char *text = session_text(page->mem, line->session);

        page_line(page, line->depth == 0 ? MARK_NONE : MARK_WAITING, "%*s%s%s",
                  2 + 2 * line->depth, "", line->depth == 0 ? "" : "└ ", text);
    }
}

static bool
is_shown(const Sight *sight, int64_t pid)
{
    for (int i = 0; i < sight->waiting_count; i++)
        if (sight->waiting[i].pid == pid)
            return true;
    return false;
}

/* Those that the tree does not show already. */
static void
print_sessions(Page *page, const Sight *sight)
{
    bool headed = false;

    for (int i = 0; i < sight->session_count; i++)
    {
        if (is_shown(sight, sight->sessions[i].pid))
            continue;
        if (!headed)
            page_head_line(page, "in a transaction for over a second");
        headed = true;
        page_line(page, MARK_NONE, "  %s",
                  session_text(page->mem, &sight->sessions[i]));
    }
}

/* --- the server around ----------------------------------------------------------- */

static void
print_server_progress(Page *page, const Sight *sight)
{
    if (sight->progress_count == 0)
        return;
    page_head_line(page, "the server is busy with");
    for (int i = 0; i < sight->progress_count; i++)
    {
        const WatchProgress *progress = &sight->progress[i];
        const char *percent = progress->percent < 0
                                  ? ""
                                  : mem_text(page->mem, ", %.0f %%", progress->percent);

        page_line(page, MARK_NONE, "  %s of %s: %s%s (pid %lld%s)", progress->what,
                  progress->relation,
                  progress->phase == NULL ? "hidden" : progress->phase, percent,
                  (long long)progress->pid, progress->ours ? ", pgstride" : "");
    }
}

static bool
has_slots(const Sight *sight)
{
    for (int i = 0; i < sight->replica_count; i++)
        if (strcmp(sight->replicas[i].kind, "slot") == 0)
            return true;
    return false;
}

static void
print_replicas(Page *page, const Sight *sight)
{
    if (sight->replica_count == 0)
        return;
    page_head_line(page, has_slots(sight) ? "replicas and slots" : "replicas");
    for (int i = 0; i < sight->replica_count; i++)
    {
        const WatchReplica *replica = &sight->replicas[i];
        bool slot = strcmp(replica->kind, "slot") == 0;
        const char *bytes =
            replica->bytes < 0
                ? "how far is hidden"
                : mem_text(page->mem, slot ? "keeps %s of WAL" : "%s behind",
                           bytes_show(page->mem, replica->bytes));
        const char *lag = replica->lag_ms < 0
                              ? ""
                              : mem_text(page->mem, ", %s",
                                         duration_show(page->mem, replica->lag_ms));

        page_line(page, MARK_NONE, "  %s %s: %s, %s%s", replica->kind, replica->name,
                  replica->state, bytes, lag);
    }
}

static void
print_snapshot(Page *page, const Sight *sight)
{
    if (sight->snapshot_count == 0 || sight->snapshots[0].age_ms < 1000)
        return;
    page_head_line(page, "oldest snapshot");
    page_line(page, MARK_NONE, "  %s", session_text(page->mem, &sight->snapshots[0]));
}

int
print_watch(Out *out, const Sight *sight)
{
    MEM_SCOPE(scope, NULL);
    Page page = {.out = out, .mem = scope};

    out_measure(out);
    if (sight->trouble != NULL)
    {
        page_line(&page, MARK_FAILED, "%s", sight->trouble);
        page_line(&page, MARK_NONE, "  trying again every second");
        return page.lines;
    }
    page_line(&page, MARK_NONE, "%s · %.8s UTC", sight->database, sight->at + 11);
    for (int i = 0; i < sight->around_count; i++)
        page_line(&page, MARK_NONE, "  %s", sight->around[i].line);
    for (int i = 0; i < sight->purge_count; i++)
        page_line(&page, MARK_NONE, "  %s", sight->purge[i].line);
    if (sight->run_count == 0 && !sight->runs_hidden)
        page_head_line(&page, "nothing has run here");
    for (int i = 0; i < sight->run_count; i++)
        print_run(&page, &sight->runs[i]);
    print_blocking(&page, sight);
    print_sessions(&page, sight);
    print_server_progress(&page, sight);
    print_replicas(&page, sight);
    print_snapshot(&page, sight);
    if (sight->hidden_count > 0)
        page_head_line(&page, "hidden");
    for (int i = 0; i < sight->hidden_count; i++)
        page_line(&page, MARK_WAITING, "  %s", sight->hidden[i]);
    return page.lines;
}
