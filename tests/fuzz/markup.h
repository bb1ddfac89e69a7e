/*
 * markup.h: reads the HTML and XML that reports write, strictly: every tag is closed in order,
 * every attribute has a quoted value. An element or attribute whose name begins with MARKUP_ALIEN
 * is no name of ours: a text got out of its place.
 */
#ifndef TESTS_FUZZ_MARKUP_H
#define TESTS_FUZZ_MARKUP_H

#include "fuzz.h"

#define MARKUP_ALIEN "zq"
#define MARKUP_NAME "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:."

enum { MARKUP_DEPTH = 64 };

struct markup {
    const char *at;
    struct {
        const char *name;
        size_t len;
    } open[MARKUP_DEPTH];
    size_t depth;
};

static inline bool markup_is(const char *name, size_t len, const char *word)
{
    return strlen(word) == len && strncmp(name, word, len) == 0;
}

static inline bool markup_is_void(const char *name, size_t len)
{
    return markup_is(name, len, "meta") || markup_is(name, len, "link") ||
           markup_is(name, len, "input") || markup_is(name, len, "br");
}

/* Steps over a name and returns its length. */
static inline size_t markup_take_name(struct markup *self)
{
    size_t len = strspn(self->at, MARKUP_NAME);
    FUZZ_CHECK(len > 0);
    FUZZ_CHECK(strncmp(self->at, MARKUP_ALIEN, strlen(MARKUP_ALIEN)) != 0);
    self->at += len;
    return len;
}

static inline void markup_skip_past(struct markup *self, const char *end)
{
    const char *found = strstr(self->at, end);
    FUZZ_CHECK(found);
    self->at = found + strlen(end);
}

static inline void markup_take_attributes(struct markup *self)
{
    for (;;) {
        self->at += strspn(self->at, " \n");
        if (*self->at == '>' || *self->at == '/' || *self->at == '?')
            return;
        markup_take_name(self);
        if (*self->at != '=')
            continue; /* `hidden` */
        FUZZ_CHECK(self->at[1] == '"');
        self->at += 2;
        size_t len = strcspn(self->at, "\"<");
        FUZZ_CHECK(self->at[len] == '"');
        self->at += len + 1;
    }
}

static inline void markup_close(struct markup *self)
{
    const char *name = self->at + 2;
    self->at = name;
    size_t len = markup_take_name(self);
    FUZZ_CHECK(*self->at == '>');
    self->at++;
    FUZZ_CHECK(self->depth > 0);
    self->depth--;
    FUZZ_CHECK(self->open[self->depth].len == len &&
               strncmp(self->open[self->depth].name, name, len) == 0);
}

static inline void markup_open(struct markup *self)
{
    const char *name = ++self->at;
    size_t len = markup_take_name(self);
    markup_take_attributes(self);
    bool is_closed = *self->at == '/';
    self->at += is_closed;
    FUZZ_CHECK(*self->at == '>');
    self->at++;
    if (markup_is(name, len, "style"))
        markup_skip_past(self, "</style>");
    else if (markup_is(name, len, "script"))
        markup_skip_past(self, "</script>");
    else if (!is_closed && !markup_is_void(name, len)) {
        FUZZ_CHECK(self->depth < MARKUP_DEPTH);
        self->open[self->depth].name = name;
        self->open[self->depth++].len = len;
    }
}

/* An entity is one of those that we write. */
static inline void markup_check_entity(const char *text)
{
    static const char *const known[] = {"&amp;",  "&lt;", "&gt;",  "&quot;",
                                        "&apos;", "&#",   "&nbsp;"};
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known = is_known || strncmp(text, known[i], strlen(known[i])) == 0;
    FUZZ_CHECK(is_known);
}

static inline void markup_check(const char *text)
{
    struct markup self = {.at = text};
    while (*self.at) {
        if (*self.at == '&')
            markup_check_entity(self.at);
        if (*self.at != '<')
            self.at++;
        else if (self.at[1] == '?' || strncmp(self.at, "<!DOCTYPE html>", 15) == 0)
            markup_skip_past(&self, ">");
        else if (self.at[1] == '/')
            markup_close(&self);
        else
            markup_open(&self);
    }
    FUZZ_CHECK(self.depth == 0);
}

#endif
