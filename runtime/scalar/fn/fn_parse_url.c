// parse_url: a part of a URL: PROTOCOL, HOST, PATH, QUERY, REF, FILE, AUTHORITY or USERINFO; null
// if it has none. A third argument is the name of a parameter of the query, whose value is given
// as it is written.
//
// example: parse_url("https://u@example.com:8080/a/b?x=1&y=2#top", "HOST") == "example.com"
// example: parse_url("https://example.com/a/b?x=1&y=2", "QUERY", "y") == "2"
// example: parse_url("https://example.com/a?x=1#top", "REF") == "top"
// example: parse_url("https://u:p@example.com/a", "USERINFO") == "u:p"
// example: parse_url("https://example.com", "QUERY") is null
// example: parse_url("https://example.com/a?x=1", "FILE") == "/a?x=1"
#include "scalar/fn/fn.h"

typedef struct Slice {
    const char *begin; // NULL: not there
    const char *end;
} Slice;

typedef struct Url {
    Slice protocol, authority, user, host, path, query, file, fragment;
} Url;

static const char *find_any(Slice in, const char *characters) {
    const char *at = in.begin;
    while (at < in.end && strchr(characters, *at) == NULL) {
        at++;
    }
    return at;
}

static void authority_split(Url *url) {
    Slice rest = url->authority;
    const char *at = memrchr(rest.begin, '@', (size_t)(rest.end - rest.begin));
    if (at != NULL) {
        url->user = (Slice){rest.begin, at};
        rest.begin = at + 1;
    }
    const char *bracket =
        rest.begin < rest.end && *rest.begin == '[' ? find_any(rest, "]") : rest.begin;
    const char *colon = find_any((Slice){bracket, rest.end}, ":");
    url->host = colon == rest.begin ? (Slice){NULL, NULL} : (Slice){rest.begin, colon};
}

static Url url_split(Slice text) {
    Url url = {0};
    const char *stop = find_any(text, ":/?#");
    if (stop < text.end && *stop == ':' && stop > text.begin) {
        url.protocol = (Slice){text.begin, stop};
        text.begin = stop + 1;
    }
    const char *fragment = find_any(text, "#");
    if (fragment < text.end) {
        url.fragment = (Slice){fragment + 1, text.end};
        text.end = fragment;
    }
    if (text.end - text.begin >= 2 && memcmp(text.begin, "//", 2) == 0) {
        url.authority.begin = text.begin + 2;
        url.authority.end = find_any((Slice){text.begin + 2, text.end}, "/?");
        text.begin = url.authority.end;
        authority_split(&url);
    }
    url.file = text;
    const char *query = find_any(text, "?");
    url.path = (Slice){text.begin, query};
    if (query < text.end) {
        url.query = (Slice){query + 1, text.end};
    }
    return url;
}

static Slice part_of(const Url *url, FlowView name) {
    static const char *const names[] = {
        "PROTOCOL", "HOST", "PATH", "QUERY", "REF", "FILE", "AUTHORITY", "USERINFO"};
    const Slice parts[] = {url->protocol,
                           url->host,
                           url->path,
                           url->query,
                           url->fragment,
                           url->file,
                           url->authority,
                           url->user};
    for (uint32_t i = 0; i < COUNT_OF(names); i++) {
        if (strlen(names[i]) == name.length &&
            memcmp(names[i], flow_view_data(&name), name.length) == 0) {
            return parts[i];
        }
    }
    return (Slice){NULL, NULL};
}

static Slice parameter_of(Slice query, FlowView name) {
    while (query.begin != NULL && query.begin < query.end) {
        const char *stop = find_any(query, "&");
        size_t length = (size_t)(stop - query.begin);
        bool is_it = length > name.length && query.begin[name.length] == '=' &&
                     memcmp(query.begin, flow_view_data(&name), name.length) == 0;
        if (is_it) {
            return (Slice){query.begin + name.length + 1, stop};
        }
        query.begin = stop + 1;
    }
    return (Slice){NULL, NULL};
}

BUILTIN_FUNCTION(parse_url) {
    FlowView text = args[0].view;
    const char *bytes = flow_view_data(&text);
    Url url = url_split((Slice){bytes, bytes + text.length});
    Slice part = part_of(&url, args[1].view);
    if (info->arguments_count > 2) {
        part = parameter_of(part, args[2].view);
    }
    if (part.begin == NULL) {
        return FLOW_VALUE_NULL;
    }
    result->view = view_new(ctx, part.begin, (size_t)(part.end - part.begin));
    return FLOW_VALUE_OK;
}
