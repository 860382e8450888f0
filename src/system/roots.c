#include "system/roots.h"

#include <sodium.h>
#include <string.h>

struct root {
    struct bytes certificate;
    struct bytes subject;
};

/* Tags (X.690, 8.1.2). */
enum { CONSTRUCTED = 0x20, EXPLICIT_VERSION = 0xa0 };

struct element {
    unsigned char tag;
    struct bytes whole;
    struct bytes content;
};

/* Takes an element from the front of `rest` (X.690, 8.1), which must not be in `element`. */
static bool take_element(struct bytes *rest, struct element *element)
{
    size_t head = 2;
    if (rest->length < head)
        return false;
    size_t length = rest->at[1];
    if (length >= 0x80) {
        const size_t count = length - 0x80;
        head += count;
        if (count == 0 || count > 4 || rest->length < head)
            return false;
        length = 0;
        for (size_t i = 2; i < head; i++)
            length = length << 8 | rest->at[i];
    }
    if (length > rest->length - head)
        return false;
    element->tag = rest->at[0];
    element->whole = (struct bytes){rest->at, head + length};
    element->content = (struct bytes){rest->at + head, length};
    rest->at += head + length;
    rest->length -= head + length;
    return true;
}

/* Certificate: tbsCertificate: [version], serialNumber, signature, issuer, validity, subject. */
static bool find_subject(struct bytes certificate, struct bytes *subject)
{
    enum { BEFORE_SUBJECT = 4 };
    struct element element;
    if (!take_element(&certificate, &element))
        return false;
    struct bytes parts = element.content;
    if (!take_element(&parts, &element))
        return false;
    struct bytes fields = element.content;
    if (!take_element(&fields, &element))
        return false;
    if (element.tag == EXPLICIT_VERSION && !take_element(&fields, &element))
        return false;
    for (int i = 0; i < BEFORE_SUBJECT; i++)
        if (!take_element(&fields, &element))
            return false;
    *subject = element.whole;
    return true;
}

static void add(struct arena *arena, struct roots *roots, struct bytes certificate)
{
    struct bytes subject;
    if (!find_subject(certificate, &subject))
        return;
    if (roots->count == roots->capacity) {
        const size_t capacity = roots->capacity > 0 ? 2 * roots->capacity : 32;
        struct root *items = arena_allocate(arena, capacity * sizeof(*items));
        if (roots->count > 0)
            memcpy(items, roots->items, roots->count * sizeof(*items));
        roots->items = items;
        roots->capacity = capacity;
    }
    roots->items[roots->count++] = (struct root){certificate, subject};
}

/* The certificate between the two lines, in base64. */
static void add_decoded(struct arena *arena, struct roots *roots, const char *text, size_t length)
{
    const size_t room = length / 4 * 3 + 3;
    unsigned char *decoded = arena_allocate(arena, room);
    struct bytes certificate = {.at = decoded};
    if (sodium_base642bin(decoded, room, text, length, " \t\r\n", &certificate.length, NULL,
                          sodium_base64_VARIANT_ORIGINAL) == 0)
        add(arena, roots, certificate);
}

/* PEM: RFC 7468, 5. */
void roots_add_file(struct arena *arena, struct roots *roots, struct bytes file)
{
    static const char first_line[] = "-----BEGIN CERTIFICATE-----";
    static const char last_line[] = "-----END CERTIFICATE-----";
    const char *begin = strstr((const char *)file.at, first_line);
    if (begin == NULL)
        add(arena, roots, file);
    while (begin != NULL) {
        begin += sizeof(first_line) - 1;
        const char *end = strstr(begin, last_line);
        if (end == NULL)
            return;
        add_decoded(arena, roots, begin, (size_t)(end - begin));
        begin = strstr(end, first_line);
    }
}

void roots_add_certificates(struct arena *arena, struct roots *roots, struct bytes certificates)
{
    struct element element;
    while (take_element(&certificates, &element))
        add(arena, roots, element.whole);
}

/* Takes the next element that contains no other elements. */
static bool take_value(struct bytes *rest, struct bytes *value)
{
    struct element element;
    while (take_element(rest, &element)) {
        *value = element.content;
        if ((element.tag & CONSTRUCTED) == 0)
            return true;
        rest->length += element.content.length;
        rest->at = element.content.at;
    }
    return false;
}

/* Whether they are equal, ignoring the bit that differs between upper and lower case. */
static bool are_similar(struct bytes one, struct bytes other)
{
    enum { CASE = 'a' ^ 'A' };
    if (one.length != other.length)
        return false;
    for (size_t i = 0; i < one.length; i++)
        if (((one.at[i] ^ other.at[i]) & ~CASE) != 0)
            return false;
    return true;
}

static bool may_be_same_name(struct bytes one, struct bytes other)
{
    for (;;) {
        struct bytes value;
        struct bytes other_value;
        const bool more = take_value(&one, &value);
        if (take_value(&other, &other_value) != more)
            return false;
        if (!more)
            return true;
        if (!are_similar(value, other_value))
            return false;
    }
}

bool roots_find(const struct roots *roots, struct bytes name, size_t *number,
                struct bytes *certificate)
{
    while (*number < roots->count) {
        const struct root *root = &roots->items[(*number)++];
        *certificate = root->certificate;
        if (may_be_same_name(root->subject, name))
            return true;
    }
    return false;
}
