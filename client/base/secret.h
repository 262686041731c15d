/*
 * What nobody may read: passwords, wherever they would be shown, logged or kept.
 *
 * secret_scrub knows the shapes in which they occur (URL user info, password=...,
 * PASSWORD '...') and every text that was registered. The registered texts are state of
 * the process: a log line has no other way to know them.
 *
 * core/sql/scrub.c is the other one, for what is known to be SQL. It asks the scanner
 * where strings begin and end, which nothing in base can, and takes out too much rather
 * than too little; this one meets prose, in which "password" is a word like others and
 * has to stay readable. What is printed passes this one, what is kept that one.
 */
#ifndef PGSTRIDE_BASE_SECRET_H
#define PGSTRIDE_BASE_SECRET_H

#include "base/mem.h"

#define SECRET_SHOWN "******"

/* This text is a secret from now on. NULL is none; so is one too short to be found. */
void secret_register(const char *text);

/* The text with every secret in it replaced; owned by mem. NULL stays NULL. */
char *secret_scrub(Mem *mem, const char *text);

/* The length of IDENTIFIED BY, IDENTIFIED WITH a plugin BY or AS, or IDENTIFIED VIA one
 * USING, at the beginning of the text: MySQL's words before a secret. 0: not there. */
size_t secret_identified(const char *text);

/*
 * Returns a copy of the arguments and overwrites the originals, so that ps shows no
 * secret. To be called first: argv must not be read any more afterwards.
 */
char **secret_hide_argv(Mem *mem, int argc, char **argv);

#endif
