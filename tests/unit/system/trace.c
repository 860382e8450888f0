#include "system/trace.h"

#include "system/file.h"

#include "unit.h"

#include <cjson/cJSON.h>
#include <pthread.h>

static struct error error = ERROR_INIT;

static char *read_trace(const char *path)
{
    char *text = NULL;
    assert_true(file_read(&arena, path, 1024 * 1024, &text, &error) > 0);
    return text;
}

static cJSON *close_and_read(const char *path)
{
    assert_int_equal(trace_close(&error), 0);
    cJSON *root = cJSON_Parse(read_trace(path));
    assert_non_null(root);
    return root;
}

static cJSON *event_of(cJSON *root, int number)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(root, "traceEvents"), number);
}

static const char *text_of(cJSON *root, int number, const char *member)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(event_of(root, number), member));
}

static double number_of(cJSON *root, int number, const char *member)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItem(event_of(root, number), member));
}

static int count_of(cJSON *root)
{
    return cJSON_GetArraySize(cJSON_GetObjectItem(root, "traceEvents"));
}

TEST(writes_phases_one_within_another)
{
    static const char *const kinds[] = {"B", "B", "E", "E"};
    static const char *const names[] = {"outer", "inner", NULL, NULL};
    const char *path = unit_path("trace");
    assert_int_equal(trace_open(path, &error), 0);
    trace_begin("outer");
    trace_begin("inner");
    trace_end();
    trace_end();
    cJSON *root = close_and_read(path);
    assert_int_equal(count_of(root), 4);
    for (int i = 0; i < 4; i++) {
        assert_text(text_of(root, i, "ph"), kinds[i]);
        assert_text(text_of(root, i, "name"), names[i]);
        assert_true(i == 0 || number_of(root, i, "ts") >= number_of(root, i - 1, "ts"));
    }
    cJSON_Delete(root);
}

TEST(writes_no_phases)
{
    const char *path = unit_path("trace");
    assert_int_equal(trace_open(path, &error), 0);
    cJSON *root = close_and_read(path);
    assert_int_equal(count_of(root), 0);
    cJSON_Delete(root);
}

TEST(keeps_nothing_before_it_is_opened)
{
    const char *path = unit_path("trace");
    trace_begin("before");
    trace_end();
    assert_int_equal(trace_close(&error), 0);
    assert_int_equal(trace_open(path, &error), 0);
    cJSON *root = close_and_read(path);
    assert_int_equal(count_of(root), 0);
    cJSON_Delete(root);
}

static void *have_a_phase(void *context)
{
    (void)context;
    trace_begin("theirs");
    trace_end();
    return NULL;
}

TEST(gives_each_thread_a_track)
{
    const char *path = unit_path("trace");
    pthread_t thread;
    assert_int_equal(trace_open(path, &error), 0);
    trace_begin("ours");
    assert_int_equal(pthread_create(&thread, NULL, have_a_phase, NULL), 0);
    pthread_join(thread, NULL);
    trace_end();
    cJSON *root = close_and_read(path);
    assert_text(text_of(root, 1, "name"), "theirs");
    assert_true(number_of(root, 1, "tid") == number_of(root, 2, "tid"));
    assert_true(number_of(root, 0, "tid") == number_of(root, 3, "tid"));
    assert_true(number_of(root, 0, "tid") != number_of(root, 1, "tid"));
    cJSON_Delete(root);
}

TEST(leaves_out_what_is_too_much)
{
    const char *path = unit_path("trace");
    assert_int_equal(trace_open(path, &error), 0);
    for (int i = 0; i < TRACE_EVENTS; i++) {
        trace_begin("phase");
        trace_end();
    }
    cJSON *root = close_and_read(path);
    assert_int_equal(count_of(root), TRACE_EVENTS);
    cJSON_Delete(root);
}

TEST(says_where_it_cannot_write)
{
    assert_int_equal(trace_open(unit_path("missing/trace"), &error), -1);
    assert_has(error.message, "missing/trace");
    assert_int_equal(trace_close(&error), 0);
}

TEST(says_that_the_disk_is_full)
{
    assert_int_equal(trace_open("/dev/full", &error), 0);
    assert_int_equal(trace_close(&error), -1);
    assert_has(error.message, "trace");
}

int main(void)
{
    UNIT_TEST(writes_phases_one_within_another);
    UNIT_TEST(writes_no_phases);
    UNIT_TEST(keeps_nothing_before_it_is_opened);
    UNIT_TEST(gives_each_thread_a_track);
    UNIT_TEST(leaves_out_what_is_too_much);
    UNIT_TEST(says_where_it_cannot_write);
    UNIT_TEST(says_that_the_disk_is_full);
    return unit_run("system/trace");
}
