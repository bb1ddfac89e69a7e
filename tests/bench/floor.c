/*
 * floor: the least that any program must do that compares manifests with a list, by the libraries
 * that audiencectl uses: what it is measured against. Nothing is freed at the end.
 *
 *     floor nothing               starts and ends
 *     floor yaml FILE...          libyaml reads the events of every file
 *     floor json FILE             jansson loads the file
 *     floor all URL FILE...       the events, then GETs the URL and loads the body
 */
#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

struct bytes {
    char *data;
    size_t len;
    size_t capacity;
};

static void fail(const char *what, const char *detail)
{
    fprintf(stderr, "floor: %s: %s\n", what, detail);
    exit(1);
}

static struct bytes read_file(const char *path)
{
    struct stat status;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &status))
        fail("cannot read", path);
    struct bytes bytes = {.len = (size_t)status.st_size};
    bytes.data = malloc(bytes.len + 1);
    if (!bytes.data || fread(bytes.data, 1, bytes.len, file) != bytes.len)
        fail("cannot read", path);
    fclose(file);
    return bytes;
}

static void read_events(const char *path)
{
    struct bytes bytes = read_file(path);
    yaml_parser_t parser;
    yaml_event_t event;
    bool is_end = false;
    if (!yaml_parser_initialize(&parser))
        fail("out of memory", path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes.data, bytes.len);
    while (!is_end) {
        if (!yaml_parser_parse(&parser, &event))
            fail("not valid YAML", path);
        is_end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    free(bytes.data);
}

static void load(struct bytes bytes)
{
    json_error_t error;
    if (!json_loadb(bytes.data, bytes.len, JSON_REJECT_DUPLICATES, &error))
        fail("not valid JSON", error.text);
}

static size_t take(char *data, size_t size, size_t count, void *context)
{
    struct bytes *bytes = context;
    size_t len = size * count;
    if (len > bytes->capacity - bytes->len) {
        bytes->capacity = 2 * bytes->capacity + len;
        bytes->data = realloc(bytes->data, bytes->capacity);
        if (!bytes->data)
            return 0;
    }
    memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
    return len;
}

static struct bytes get(const char *url)
{
    struct bytes bytes = {0};
    CURL *easy = curl_easy_init();
    if (!easy || curl_easy_setopt(easy, CURLOPT_URL, url) ||
        curl_easy_setopt(easy, CURLOPT_PROXY, "") ||
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take) ||
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &bytes) || curl_easy_perform(easy))
        fail("cannot GET", url);
    curl_easy_cleanup(easy);
    return bytes;
}

int main(int argc, char *argv[])
{
    const char *mode = argc > 1 ? argv[1] : "";
    bool is_all = strcmp(mode, "all") == 0 && argc > 3;
    if (strcmp(mode, "json") == 0 && argc == 3)
        load(read_file(argv[2]));
    else if (is_all || strcmp(mode, "yaml") == 0)
        for (int i = is_all ? 3 : 2; i < argc; i++)
            read_events(argv[i]);
    else if (strcmp(mode, "nothing") != 0)
        return 64;
    if (is_all)
        load(get(argv[2]));
    fflush(NULL);
    _exit(0);
}
