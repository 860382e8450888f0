/* For development builds, with any TLS library under libcurl. */
#include "system/file.h"
#include "system/trust.h"

#include <curl/curl.h>
#include <string.h>

/* curl takes a file or a text: if there is more than the file, the file is added to the text. */
static const char *join(struct trust *trust)
{
    struct string_list texts = {0};
    char *text;
    if (trust->file != NULL &&
        file_read(trust->arena, trust->file, TRUST_FILE_LIMIT, &text, NULL) >= 0)
        string_list_add(trust->arena, &texts, text);
    for (size_t i = 0; i < trust->more.count; i++)
        string_list_add(trust->arena, &texts, trust->more.items[i]);
    return string_list_join(trust->arena, &texts, "\n");
}

void trust_apply(struct trust *trust, void *easy)
{
    curl_easy_setopt(easy, CURLOPT_CAPATH, trust->directory);
    if (trust->more.count == 0) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, trust->file);
        return;
    }
    if (trust->loaded == NULL)
        trust->loaded = arena_copy(trust->arena, join(trust));
    struct curl_blob blob = {
        .data = trust->loaded, .len = strlen(trust->loaded), .flags = CURL_BLOB_NOCOPY};
    curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
}
