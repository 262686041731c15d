/* An Out whose text a test can read: a pipe in UTF-8 unless the test changes it. */
#ifndef PGSTRIDE_TESTS_CAPTURE_H
#define PGSTRIDE_TESTS_CAPTURE_H

#include "cli/out.h"

typedef struct Capture
{
    Out out;
    char *text;
    size_t length;
} Capture;

void capture_begin(Capture *capture);

/* Everything printed so far. */
const char *capture_text(Capture *capture);
void capture_end(Capture *capture);

#endif
