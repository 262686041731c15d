#include "cli/print/print_doctor.h"

#include <string.h>

#include "cli/json.h"
#include "cli/text.h"

/* Behind `head`, or behind as many blanks. */
static void
print_wrapped(Out *out, const char *head, const char *text)
{
    MEM_SCOPE(scope, NULL);
    int indent = (int)strlen(head);
    int width = out->width > indent + 6 ? out->width - indent - 1 : 0;
    TextLines lines = text_wrap(scope, text, width);

    for (int i = 0; i < lines.count; i++)
        out_print(out, "%*s%s\n", indent, i == 0 ? head : "", lines.items[i]);
}

static void
print_ailment(Out *out, const Ailment *ailment)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, "  ");
    out_mark(out, MARK_WAITING, "!");
    out_print(out, " %s  %s%s%s\n", ailment->kind->title, ailment->object,
              ailment->table == NULL ? "" : " on ",
              ailment->table == NULL ? "" : ailment->table);
    print_wrapped(out, "    ", ailment->kind->means);
    if (ailment->note != NULL && ailment->note[0] != '\0')
        print_wrapped(out, "    ", text_one_line(scope, ailment->note));
    out_print(out, "    > %s\n", ailment->mend);
    if (ailment->also != NULL)
        out_print(out, "    > %s\n", ailment->also);
    if (!ailment->may_mend)
        out_print(out, "      only the owner of %s may\n", ailment->table);
}

void
print_doctor(Out *out, const char *database, const Ailments *ailments)
{
    MEM_SCOPE(scope, NULL);
    int mendable = 0;

    out_print(out, "%s · %s\n", database,
              ailments->count == 0
                  ? "nothing is half done"
                  : mem_text(scope, "%s half done",
                             text_count(scope, ailments->count, "thing")));
    for (int i = 0; i < ailments->count; i++)
    {
        out_print(out, "\n");
        print_ailment(out, &ailments->items[i]);
        mendable += ailment_mendable(&ailments->items[i]);
    }
    for (int i = 0; i < ailments->note_count; i++)
    {
        out_print(out, i == 0 ? "\n" : "");
        print_wrapped(out, "note: ", ailments->notes[i]);
    }
    if (mendable > 0)
        out_print(out, "\npgstride repair mends %s%s under the stall budget.\n",
                  text_count(scope, mendable, "thing"),
                  mendable == ailments->count ? "" : " of these");
}

void
print_dirty(Out *out, const DirtyPart *part)
{
    MEM_SCOPE(scope, NULL);

    out_print(out, "%s, step %lld of %s\n\n", part->label, (long long)part->number,
              part->phase);
    out_print(out, "  in the database  %s\n", text_one_line(scope, part->kept));
    if (part->written == NULL)
        out_print(out, "  in the file      nothing: %s no longer has it\n\n",
                  part->file);
    else
        out_print(out, "  in the file      %s  (%s:%d)\n\n",
                  text_one_line(scope, part->written), part->file, part->line);
}

static json_t *
ailment_json(const Ailment *ailment)
{
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o}", "kind", ailment->kind->name,
        "title", ailment->kind->title, "object", json_text(ailment->object), "table",
        json_text(ailment->table), "means", ailment->kind->means, "detail",
        json_text(ailment->note), "version", json_text(ailment->version), "component",
        json_text(ailment->component));
    json_t *mend = json_array();

    json_array_append_new(mend, json_text(ailment->mend));
    if (ailment->also != NULL)
        json_array_append_new(mend, json_text(ailment->also));
    json_object_set_new(object, "mend", mend);
    json_object_set_new(object, "repairs", json_boolean(ailment_mendable(ailment)));
    return object;
}

json_t *
doctor_json(const Ailments *ailments)
{
    json_t *items = json_array();
    json_t *notes = json_array();

    for (int i = 0; i < ailments->count; i++)
        json_array_append_new(items, ailment_json(&ailments->items[i]));
    for (int i = 0; i < ailments->note_count; i++)
        json_array_append_new(notes, json_text(ailments->notes[i]));
    return json_pack("{s:b, s:o, s:o}", "healthy", ailments->count == 0, "ailments",
                     items, "notes", notes);
}
