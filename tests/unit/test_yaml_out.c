#include <string.h>

#include "cli/print/yaml_out.h"
#include "core/config/yaml.h"
#include "unit/capture.h"
#include "unit/unit.h"

/* What was printed, as our own reader of YAML understands it. */
static const Yaml *
printed(Mem *mem, const char *json, Capture *capture)
{
    const Yaml *root = NULL;
    json_error_t wrong;
    json_t *value = json_loads(json, JSON_DECODE_ANY, &wrong);
    Err err = {0};

    ck_assert_msg(value != NULL, "%s", wrong.text);
    capture_begin(capture);
    yaml_print(&capture->out, value);
    json_decref(value);
    ck_assert_msg(yaml_read(mem, "out", capture_text(capture),
                            strlen(capture_text(capture)), &root, &err),
                  "%s\n%s", err.text, capture_text(capture));
    return root;
}

START_TEST(an_object_is_a_document_in_blocks)
{
    MEM_SCOPE(scope, NULL);
    Capture capture;

    printed(scope,
            "{\"schema\":1,\"database\":\"shop on PostgreSQL 15.20\",\"result\":"
            "{\"migrations\":[{\"version\":\"1\",\"state\":\"pending\",\"rows\":null},"
            "{\"version\":\"2\",\"tags\":[\"a\",2.5]}],\"none\":[],\"empty\":{}}}",
            &capture);
    ck_assert_str_eq(capture_text(&capture), "---\n"
                                             "schema: 1\n"
                                             "database: \"shop on PostgreSQL 15.20\"\n"
                                             "result:\n"
                                             "  migrations:\n"
                                             "    - version: \"1\"\n"
                                             "      state: pending\n"
                                             "      rows: null\n"
                                             "    - version: \"2\"\n"
                                             "      tags:\n"
                                             "        - a\n"
                                             "        - 2.5\n"
                                             "  none: []\n"
                                             "  empty: {}\n");
    capture_end(&capture);
}
END_TEST

/* Whatever a text looks like, it comes back as it was. */
START_TEST(every_text_comes_back)
{
    static const char *const texts[] = {"plain",
                                        "true",
                                        "No",
                                        "null",
                                        "~",
                                        "1e3",
                                        "2026-11-21",
                                        "a: b",
                                        "- a",
                                        "# a",
                                        "a #b",
                                        "it's",
                                        "say \\\"x\\\"",
                                        "two\\nlines",
                                        " padded ",
                                        "[a]",
                                        "{a: b}",
                                        "&a",
                                        "*a",
                                        "!a",
                                        "%a",
                                        "@a",
                                        "`a`",
                                        "\\u00e4\\u2713",
                                        "\\\\back",
                                        "a\\tb",
                                        "",
                                        "key:",
                                        "?",
                                        "|",
                                        "SELECT 1; -- x"};

    for (int i = 0; i < LENGTH(texts); i++)
    {
        MEM_SCOPE(scope, NULL);
        Capture capture;
        char *json =
            mem_text(scope, "{\"key\":\"%s\",\"list\":[\"%s\"]}", texts[i], texts[i]);
        json_error_t wrong;
        json_t *value = json_loads(json, 0, &wrong);
        const Yaml *root = printed(scope, json, &capture);
        const char *want = json_string_value(json_object_get(value, "key"));

        ck_assert_str_eq(yaml_at(root, "key")->text, want);
        ck_assert_str_eq(yaml_at(root, "list")->entries[0].value->text, want);
        json_decref(value);
        capture_end(&capture);
    }
}
END_TEST

UNIT("yaml_out", an_object_is_a_document_in_blocks, every_text_comes_back)
