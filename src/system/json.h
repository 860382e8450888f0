/*
 * JSON from outside, read strictly.
 */
#ifndef SYSTEM_JSON_H
#define SYSTEM_JSON_H

#include "system/arena.h"

#include <cjson/cJSON.h>
#include <stddef.h>

/*
 * Parses `length` bytes of `text`, behind which stands a NUL. NULL where it is not one JSON value
 * with nothing but white space behind it, holds a NUL, escaped or not, or is nested deeper than
 * cJSON's CJSON_NESTING_LIMIT. The caller frees it: `scoped_json root = json_parse(…);`
 */
cJSON *json_parse(const char *text, size_t length);

/* The same, with U+FFFD for each escaped NUL. */
cJSON *json_parse_replacing(const char *text, size_t length);

/* A value that is freed with all that is in it at the end of its block. */
#define scoped_json __attribute__((cleanup(json_free))) cJSON *
void json_free(cJSON **root);

/* The member `name` of an object; NULL where there is no such member, or no object. */
const cJSON *json_member(const cJSON *object, const char *name);

/* The text of a string member; NULL where it is missing or something else. Lives as long as the
 * object. */
const char *json_text(const cJSON *object, const char *name);

/* A copy of the same in `arena`; NULL also if it is empty. */
char *json_text_copy(struct arena *arena, const cJSON *object, const char *name);

/* The value as JSON on one line; lives in `arena`. */
char *json_print(struct arena *arena, const cJSON *root);

#endif
