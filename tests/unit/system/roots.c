#include "system/roots.h"

#include "unit.h"

#include <sodium.h>

enum { OID = 0x06, UTF8 = 0x0c, PRINTABLE = 0x13, SEQUENCE = 0x30, SET = 0x31 };

/* What was written, in the test's arena. */
static struct bytes element(int tag, struct bytes content)
{
    unsigned char *at = arena_allocate(&arena, content.length + 4);
    at[0] = (unsigned char)tag;
    at[1] = 0x82;
    at[2] = (unsigned char)(content.length >> 8);
    at[3] = content.length & 0xff;
    const size_t head = content.length < 128 ? 2 : 4;
    if (head == 2)
        at[1] = (unsigned char)content.length;
    if (content.length > 0)
        memcpy(at + head, content.at, content.length);
    return (struct bytes){at, head + content.length};
}

static struct bytes text(const char *content)
{
    return (struct bytes){(const unsigned char *)content, strlen(content)};
}

static struct bytes append(struct bytes one, struct bytes other)
{
    unsigned char *at = arena_allocate(&arena, one.length + other.length + 1);
    if (one.length > 0)
        memcpy(at, one.at, one.length);
    if (other.length > 0)
        memcpy(at + one.length, other.at, other.length);
    return (struct bytes){at, one.length + other.length};
}

static struct bytes attribute(const char *type, int tag, const char *value)
{
    return element(SEQUENCE, append(element(OID, text(type)), element(tag, text(value))));
}

#define COUNTRY "\x55\x04\x06"
#define COMMON_NAME "\x55\x04\x03"

/* A name with one attribute, or with two if `country` is given. */
static struct bytes name(const char *country, int tag, const char *common_name)
{
    struct bytes parts = {0};
    if (country != NULL)
        parts = element(SET, attribute(COUNTRY, PRINTABLE, country));
    return element(SEQUENCE, append(parts, element(SET, attribute(COMMON_NAME, tag, common_name))));
}

static struct bytes certificate(bool with_version, struct bytes subject)
{
    static const unsigned char version[] = {0xa0, 3, 2, 1, 2};
    static const unsigned char serial[] = {2, 1, 7};
    struct bytes fields = {0};
    if (with_version)
        fields = (struct bytes){version, sizeof(version)};
    fields = append(fields, (struct bytes){serial, sizeof(serial)});
    fields = append(fields, element(SEQUENCE, text("algorithm")));
    fields = append(fields, name("XX", UTF8, "some issuer"));
    fields = append(fields, element(SEQUENCE, text("validity")));
    fields = append(fields, subject);
    fields = append(fields, element(SEQUENCE, text("key")));
    return element(SEQUENCE, append(element(SEQUENCE, fields), element(3, text("signature"))));
}

static struct roots of(struct bytes certificates)
{
    struct roots roots = {0};
    roots_add_certificates(&arena, &roots, certificates);
    return roots;
}

static size_t count_found(const struct roots *roots, struct bytes wanted)
{
    struct bytes found;
    size_t number = 0;
    size_t count = 0;
    while (roots_find(roots, wanted, &number, &found))
        count++;
    return count;
}

TEST(finds_a_certificate_by_its_subject)
{
    for (int with_version = 0; with_version < 2; with_version++) {
        const struct bytes subject = name("DE", PRINTABLE, "Root");
        const struct bytes wanted = certificate(with_version, subject);
        const struct roots roots = of(wanted);
        struct bytes found;
        size_t number = 0;
        assert_true(roots_find(&roots, subject, &number, &found));
        assert_int_equal(found.length, wanted.length);
        assert_memory_equal(found.at, wanted.at, wanted.length);
        assert_false(roots_find(&roots, subject, &number, &found));
        assert_int_equal(count_found(&roots, name("XX", UTF8, "some issuer")), 0);
    }
}

static const struct name_row {
    const char *name;
    const char *country;
    int tag;
    const char *common_name;
    bool found;
} NAMES[] = {
    {"the same", "DE", PRINTABLE, "Root CA 1", true},
    {"another type of string", "DE", UTF8, "Root CA 1", true},
    {"another case", "de", PRINTABLE, "ROOT ca 1", true},
    {"another type and case", "de", UTF8, "rOOT CA 1", true},
    {"another value", "DE", PRINTABLE, "Root CA 2", false},
    {"the beginning of a value", "DE", PRINTABLE, "Root CA", false},
    {"a value that begins so", "DE", PRINTABLE, "Root CA 1 ", false},
    {"another country", "AT", PRINTABLE, "Root CA 1", false},
    {"an attribute less", NULL, PRINTABLE, "Root CA 1", false},
    {"an empty value", "DE", PRINTABLE, "", false},
};

TEST(compares_names)
{
    const struct name_row *row = *state;
    const struct roots roots = of(certificate(true, name("DE", PRINTABLE, "Root CA 1")));
    const struct bytes wanted = name(row->country, row->tag, row->common_name);
    assert_int_equal(count_found(&roots, wanted), row->found);
}

TEST(compares_the_types_of_attributes)
{
    const struct bytes wanted =
        element(SEQUENCE, element(SET, attribute("\x55\x04\x0a", UTF8, "Root")));
    const struct roots roots = of(certificate(true, name(NULL, UTF8, "Root")));
    assert_int_equal(count_found(&roots, wanted), 0);
}

TEST(takes_a_length_that_is_written_longer_than_need_be)
{
    static const unsigned char long_form[] = "\x30\x81\x0f\x31\x82\x00\x0b\x30\x09"
                                             "\x06\x03" COMMON_NAME "\x0c\x02"
                                             "CA";
    const struct roots roots = of(certificate(true, name(NULL, UTF8, "CA")));
    const struct bytes wanted = {long_form, sizeof(long_form) - 1};
    assert_int_equal(count_found(&roots, wanted), 1);
}

TEST(finds_all_of_one_name_in_their_order)
{
    const struct bytes first = certificate(true, name("DE", UTF8, "Root"));
    const struct bytes other = certificate(true, name("DE", UTF8, "Other"));
    const struct bytes last = certificate(false, name("DE", PRINTABLE, "root"));
    const struct roots roots = of(append(append(first, other), last));
    struct bytes found;
    size_t number = 0;
    assert_int_equal(roots.count, 3);
    assert_true(roots_find(&roots, name("DE", UTF8, "Root"), &number, &found));
    assert_int_equal(found.length, first.length);
    assert_memory_equal(found.at, first.at, first.length);
    assert_true(roots_find(&roots, name("DE", UTF8, "Root"), &number, &found));
    assert_int_equal(found.length, last.length);
    assert_memory_equal(found.at, last.at, last.length);
    assert_false(roots_find(&roots, name("DE", UTF8, "Root"), &number, &found));
}

TEST(keeps_more_than_there_is_room_for_at_first)
{
    struct bytes all = {0};
    char common_name[16];
    for (int i = 0; i < 200; i++) {
        snprintf(common_name, sizeof(common_name), "Root %d", i);
        all = append(all, certificate(true, name(NULL, UTF8, common_name)));
    }
    const struct roots roots = of(all);
    assert_int_equal(roots.count, 200);
    assert_int_equal(count_found(&roots, name(NULL, UTF8, "Root 0")), 1);
    assert_int_equal(count_found(&roots, name(NULL, UTF8, "Root 199")), 1);
}

static const char *encoded(struct bytes bytes)
{
    const size_t size = sodium_base64_encoded_len(bytes.length, sodium_base64_VARIANT_ORIGINAL);
    char *line = arena_allocate(&arena, size);
    return sodium_bin2base64(line, size, bytes.at, bytes.length, sodium_base64_VARIANT_ORIGINAL);
}

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

/* %s is replaced by the certificate in base64. */
static const struct file_row {
    const char *name;
    const char *format;
    size_t count;
} FILES[] = {
    {"nothing", "", 0},
    {"a text", "No certificate.\n", 0},
    {"one", BEGIN "\n%s\n" END "\n", 1},
    {"one with the line ends of Windows", BEGIN "\r\n%s\r\n" END "\r\n", 1},
    {"one without a last line end", BEGIN "\n%s\n" END, 1},
    {"two", BEGIN "\n%s\n" END "\n" BEGIN "\n%s\n" END "\n", 2},
    {"others' words around it", "# Ours\n" BEGIN "\n%s\n" END "\n# Theirs\n", 1},
    {"one after a damaged one", BEGIN "\n?%s\n" END "\n" BEGIN "\n%s\n" END "\n", 1},
    {"one after an empty one", BEGIN "\n" END "\n" BEGIN "\n%s\n" END "\n", 1},
    {"one that does not end", BEGIN "\n%s\n", 0},
    {"one after one that is cut off", BEGIN "\nMIIB\n" END "\n" BEGIN "\n%s\n" END "\n", 1},
    {"a key", "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", 0},
    {"a certificate in another format", "-----BEGIN PKCS7-----\n%s\n-----END PKCS7-----\n", 0},
};

TEST(reads_files)
{
    const struct file_row *row = *state;
    struct roots roots = {0};
    const struct bytes subject = name("DE", UTF8, "Root");
    const char *line = encoded(certificate(true, subject));
    char *file = arena_copy(&arena, row->format);
    for (char *at; (at = strstr(file, "%s")) != NULL;)
        file = arena_format(&arena, "%.*s%s%s", (int)(at - file), file, line, at + 2);
    roots_add_file(&arena, &roots, text(file));
    assert_int_equal(roots.count, row->count);
    assert_int_equal(count_found(&roots, subject), row->count);
}

TEST(reads_a_file_in_der)
{
    struct roots roots = {0};
    const struct bytes subject = name("DE", UTF8, "Root");
    const struct bytes der = certificate(true, subject);
    const struct bytes file = {
        (const unsigned char *)arena_copy_bytes(&arena, (const char *)der.at, der.length),
        der.length};
    roots_add_file(&arena, &roots, file);
    assert_int_equal(count_found(&roots, subject), 1);
}

/* Each byte of it is the last one once, so that AddressSanitizer notices reads beyond the end. */
TEST(leaves_out_what_is_cut_off)
{
    const struct bytes subject = name("DE", UTF8, "Root");
    const struct bytes der = certificate(true, subject);
    for (size_t length = 0; length < der.length; length++) {
        unsigned char *part = malloc(length + 1);
        memcpy(part + 1, der.at, length);
        assert_int_equal(of((struct bytes){part + 1, length}).count, 0);
        free(part);
    }
    const struct roots roots = of(der);
    for (size_t length = 1; length < subject.length; length++) {
        unsigned char *part = malloc(length);
        memcpy(part, subject.at, length);
        assert_int_equal(count_found(&roots, (struct bytes){part, length}), 0);
        free(part);
    }
}

int main(void)
{
    UNIT_TEST(finds_a_certificate_by_its_subject);
    UNIT_ROWS(compares_names, NAMES);
    UNIT_TEST(compares_the_types_of_attributes);
    UNIT_TEST(takes_a_length_that_is_written_longer_than_need_be);
    UNIT_TEST(finds_all_of_one_name_in_their_order);
    UNIT_TEST(keeps_more_than_there_is_room_for_at_first);
    UNIT_ROWS(reads_files, FILES);
    UNIT_TEST(reads_a_file_in_der);
    UNIT_TEST(leaves_out_what_is_cut_off);
    return unit_run("system/roots");
}
