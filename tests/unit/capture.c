#include "unit/capture.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

void
capture_begin(Capture *capture)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    memset(capture, 0, sizeof(*capture));
    capture->out.file = open_memstream(&capture->text, &capture->length);
    capture->out.utf8 = true;
}

const char *
capture_text(Capture *capture)
{
    fflush(capture->out.file);
    return capture->text;
}

void
capture_end(Capture *capture)
{
    fclose(capture->out.file);
    free(capture->text);
}
