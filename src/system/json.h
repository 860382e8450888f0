/*
 * Strict parsing of JSON from outside.
 */
#ifndef SYSTEM_JSON_H
#define SYSTEM_JSON_H

#include "system/arena.h"

#include <cjson/cJSON.h>
#include <stddef.h>

/*
 * Parses `length` bytes of `text`, which must be followed by a NUL. Returns NULL if the text is not
 * exactly one JSON value with only white space after it, contains a NUL, escaped or not, or is
 * nested deeper than cJSON's CJSON_NESTING_LIMIT. The caller frees the value:
 * `scoped_json root = json_parse(…);`
 */
cJSON *json_parse(const char *text, size_t length);

/* The same, with U+FFFD for each escaped NUL. */
cJSON *json_parse_replacing(const char *text, size_t length);

/* A value that is freed, with everything in it, at the end of its block. */
#define scoped_json __attribute__((cleanup(json_free))) cJSON *
void json_free(cJSON **root);

/* The member `name` of an object; NULL if there is no such member, or no object. */
const cJSON *json_member(const cJSON *object, const char *name);

/* The text of a string member; NULL if it is missing or not a string. Lives as long as the
 * object. */
const char *json_text(const cJSON *object, const char *name);

/* A copy of the same in `arena`; NULL also if it is empty. */
char *json_text_copy(struct arena *arena, const cJSON *object, const char *name);

/* The value as JSON on one line; lives in `arena`. */
char *json_print(struct arena *arena, const cJSON *root);

#endif
