#include "cli/json.h"

#include <math.h>
#include <string.h>

#include "base/secret.h"
#include "cli/print/yaml_out.h"

json_t *
json_text(const char *text)
{
    MEM_SCOPE(scope, NULL);

    if (text == NULL)
        return json_null();

    char *clean = secret_scrub(scope, text);
    json_t *value = json_string(clean);

    if (value != NULL)
        return value;
    for (char *byte = clean; *byte != '\0'; byte++)
        if ((unsigned char)*byte >= 128)
            *byte = '?';
    return json_string(clean);
}

json_t *
json_count(int64_t count)
{
    return count < 0 ? json_null() : json_integer(count);
}

json_t *
json_millis(double millis)
{
    return millis < 0 ? json_null() : json_real(round(millis * 1000) / 1000);
}

json_t *
json_time(const char *text)
{
    char buffer[40];

    if (text == NULL || strlen(text) != strlen("2026-11-02 10:30:00"))
        return json_text(text);
    snprintf(buffer, sizeof(buffer), "%.10sT%sZ", text, text + 11);
    return json_text(buffer);
}

static int
json_write(const char *bytes, size_t length, void *out)
{
    out_bytes(out, bytes, length);
    return 0;
}

void
json_give_bare(Invocation *call, json_t *value)
{
    bool pretty = call->options.format == FORMAT_JSON_PRETTY;
    size_t flags = JSON_REAL_PRECISION(15) | (pretty ? JSON_INDENT(2) : JSON_COMPACT);

    if (call->options.format == FORMAT_YAML)
        yaml_print(&call->out, value);
    else
    {
        json_dump_callback(value, json_write, &call->out, flags);
        out_bytes(&call->out, "\n", 1);
    }
    json_decref(value);
    call->answered = true;
}

static json_t *
envelope(const Invocation *call)
{
    const Command *command = call->line.command;

    return json_pack("{s:i, s:o, s:o}", "schema", 1, "command",
                     json_text(command == NULL ? NULL : command->name), "database",
                     json_text(call->database));
}

void
json_give(Invocation *call, json_t *result)
{
    if (call->gathered != NULL)
    {
        json_array_append_new(call->gathered,
                              json_pack("{s:o, s:o, s:o}", "component",
                                        json_text(call->component->name), "database",
                                        json_text(call->database), "result", result));
        return;
    }

    json_t *object = envelope(call);

    json_object_set_new(object, "result", result);
    json_give_bare(call, object);
}

/* The text and its lines of detail: a program has no use for them apart. */
static json_t *
error_message(const Err *err)
{
    MEM_SCOPE(scope, NULL);

    if (err->detail == NULL)
        return json_text(err->text);
    return json_text(mem_text(scope, "%s\n%s", err->text, err->detail));
}

void
json_give_error(Invocation *call, const Err *err)
{
    json_t *object = envelope(call);
    json_t *error =
        json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o}", "code", err_code(err->kind),
                  "exit", err_exit_code(err->kind), "message", error_message(err),
                  "hint", json_text(err->hint), "file", json_text(err->file), "line",
                  json_count(err->line == 0 ? -1 : err->line), "sqlstate",
                  json_text(err->sqlstate[0] == '\0' ? NULL : err->sqlstate));

    if (call->moved != NULL)
        json_object_set_new(error, "moved", call->moved);
    call->moved = NULL;
    json_object_set_new(object, "error", error);
    json_give_bare(call, object);
}
