// The forms of kept groups, as state of their own: an entry for each group, with its keys' types,
// and of each aggregate its types, its text in the program and the clock since which it counts.
#include "engine/forms.h"

#include "engine/run.h"

#define FORM_STATE "forms"

enum { NUMBER_BYTES = 4, CLOCK_BYTES = 8 };

// --- bytes ---------------------------------------------------------------------------------------

static void text_put(Buffer *out, const char *text, size_t length) {
    for (uint32_t i = 0; i < NUMBER_BYTES; i++) {
        buffer_char(out, (char)(length >> (8 * i)));
    }
    buffer_append(out, text, length);
}

typedef struct FormReader {
    Arena *arena;
    const char *at;
    const char *end;
} FormReader;

static const char *text_take(FormReader *reader) {
    size_t length = 0;
    if (reader->end - reader->at < NUMBER_BYTES) {
        return NULL;
    }
    for (uint32_t i = 0; i < NUMBER_BYTES; i++) {
        length |= (size_t)(uint8_t)*reader->at++ << (8 * i);
    }
    if ((size_t)(reader->end - reader->at) < length) {
        return NULL;
    }
    const char *text = arena_copy(reader->arena, reader->at, length);
    reader->at += length;
    return text;
}

typedef struct AggForm {
    const char *form;
    const char *text;
    int64_t since_us;
} AggForm;

static bool agg_take(FormReader *reader, AggForm *agg) {
    agg->form = text_take(reader);
    agg->text = agg->form == NULL ? NULL : text_take(reader);
    if (agg->text == NULL || reader->end - reader->at < CLOCK_BYTES) {
        return false;
    }
    agg->since_us = le64_read(reader->at);
    reader->at += CLOCK_BYTES;
    return true;
}

// --- of the program ------------------------------------------------------------------------------

// However it is laid out.
static const char *text_of(Run *run, const FlowAgg *agg) {
    const FlowProgram *program = run->program;
    bool has_site = agg->site >= 0 && agg->site < program->sites_count;
    const char *text = has_site ? program->sites[agg->site].expression : NULL;
    text = text == NULL ? "" : text;
    char *packed = arena_string(&run->arena, text);
    size_t length = 0;
    for (; *text != '\0'; text++) {
        packed[length] = *text;
        length += strchr(" \t\r\n", *text) == NULL;
    }
    packed[length] = '\0';
    return packed;
}

static const char *form_text(Run *run, const FlowAgg *agg) {
    Buffer form = {0};
    group_agg_form(agg, &form);
    const char *text = arena_copy(&run->arena, form.data, form.length);
    buffer_free(&form);
    return text;
}

static const char *keys_text(Run *run, const FlowGroup *group) {
    Buffer form = {0};
    group_keys_form(group, &form);
    const char *text = arena_copy(&run->arena, form.data, form.length);
    buffer_free(&form);
    return text;
}

// --- what is kept --------------------------------------------------------------------------------

static KeptForm *form_find(const Run *run, const char *name) {
    for (uint32_t i = 0; i < run->forms.count; i++) {
        if (strcmp(run->forms.items[i].name, name) == 0) {
            return &run->forms.items[i];
        }
    }
    return NULL;
}

static Outcome entries_read(Run *run, StateReader *reader) {
    StateEntry entry;
    bool has_entry = true;
    TRY(state_runs_next(reader, &entry, &has_entry));
    while (has_entry) {
        *vec_push(&run->arena, &run->forms) =
            (KeptForm){.name = arena_copy(&run->arena, entry.key, entry.key_length),
                       .bytes = arena_copy(&run->arena, entry.value, entry.value_length),
                       .length = entry.value_length};
        TRY(state_runs_next(reader, &entry, &has_entry));
    }
    return OUTCOME_OK;
}

Outcome forms_read(Run *run) {
    StateReader *reader = NULL;
    TRY(state_runs_read(run->state, FORM_STATE, &reader));
    Outcome outcome = entries_read(run, reader);
    state_runs_read_end(reader);
    return outcome;
}

// --- matching ------------------------------------------------------------------------------------

typedef struct Matching {
    Run *run;
    const FlowGroup *group;
    AggForm *kept;
    uint32_t kept_count;
    bool *is_taken; // of those that are kept
    int32_t *from;
} Matching;

// The first that nobody has yet, of the same types and, unless its place tells, of the same text.
static int32_t kept_find(const Matching *m, const AggForm *own) {
    for (uint32_t i = 0; i < m->kept_count; i++) {
        if (!m->is_taken[i] && strcmp(m->kept[i].form, own->form) == 0 &&
            strcmp(m->kept[i].text, own->text) == 0) {
            return (int32_t)i;
        }
    }
    return FLOW_NO_INDEX;
}

// Where as many stand in the same places as before, an expression may have changed (152).
static void places_match(const Matching *m, const AggForm *own) {
    bool is_alike = m->group->aggs_count == (int64_t)m->kept_count;
    for (uint32_t i = 0; is_alike && i < m->kept_count; i++) {
        is_alike = strcmp(own[i].form, m->kept[i].form) == 0;
    }
    for (uint32_t i = 0; is_alike && i < m->kept_count; i++) {
        if (m->from[i] < 0 && !m->is_taken[i]) {
            m->from[i] = (int32_t)i;
            m->is_taken[i] = true;
        }
    }
}

static void list_add(Buffer *note, const char *text, const char *what) {
    buffer_format(note, "%s`%s` %s", note->length == 0 ? "" : ", ", text, what);
}

static const char *note_make(const Matching *m, const AggForm *own, FormMatch *match) {
    Buffer note = {0};
    bool has_new = false;
    for (int64_t i = 0; i < m->group->aggs_count; i++) {
        if (m->from[i] < 0) {
            has_new = true;
            list_add(&note, own[i].text, "counts from now on");
        }
    }
    for (uint32_t i = 0; i < m->kept_count; i++) {
        if (!m->is_taken[i]) {
            match->is_exchange = has_new;
            list_add(&note, m->kept[i].text, "is forgotten");
        }
    }
    const char *text = note.length == 0 ? NULL : arena_copy(&m->run->arena, note.data, note.length);
    buffer_free(&note);
    return text;
}

static void aggs_match(Matching *m, FormMatch *match) {
    Arena *arena = &m->run->arena;
    size_t count = (size_t)m->group->aggs_count;
    AggForm *own = arena_array(arena, AggForm, count + 1);
    int64_t *since_us = arena_array(arena, int64_t, count + 1);
    m->from = arena_array(arena, int32_t, count + 1);
    m->is_taken = arena_array(arena, bool, m->kept_count + 1);
    for (size_t i = 0; i < count; i++) {
        const FlowAgg *agg = &m->group->aggs[i];
        own[i] = (AggForm){.form = form_text(m->run, agg), .text = text_of(m->run, agg)};
        m->from[i] = kept_find(m, &own[i]);
        if (m->from[i] >= 0) {
            m->is_taken[m->from[i]] = true;
        }
    }
    places_match(m, own);
    match->is_same = count == m->kept_count;
    for (size_t i = 0; i < count; i++) {
        match->is_same &= m->from[i] == (int32_t)i;
        since_us[i] = m->from[i] < 0 ? WATCH_UNKNOWN : m->kept[m->from[i]].since_us;
    }
    match->since_us = since_us;
    match->note = note_make(m, own, match);
}

static bool before_read(Matching *m, FormMatch *match) {
    Arena *arena = &m->run->arena;
    FlowAgg *before = arena_array(arena, FlowAgg, m->kept_count + 1);
    for (uint32_t i = 0; i < m->kept_count; i++) {
        if (!group_agg_form_read(arena, m->kept[i].form, &before[i])) {
            return false;
        }
    }
    match->adaption = (GroupAdaption){before, m->kept_count, m->group, m->from};
    return true;
}

bool forms_match(Run *run, const char *name, const FlowGroup *group, FormMatch *match) {
    const KeptForm *form = form_find(run, name);
    if (form == NULL) {
        return false;
    }
    FormReader reader = {&run->arena, form->bytes, form->bytes + form->length};
    const char *keys = text_take(&reader);
    if (keys == NULL || strcmp(keys, keys_text(run, group)) != 0) {
        return false;
    }
    size_t room = form->length / (2 * NUMBER_BYTES + CLOCK_BYTES) + 1;
    Matching m = {.run = run, .group = group};
    m.kept = arena_array(&run->arena, AggForm, room);
    while (reader.at < reader.end) {
        if (!agg_take(&reader, &m.kept[m.kept_count++])) {
            return false;
        }
    }
    aggs_match(&m, match);
    return before_read(&m, match);
}

// --- writing -------------------------------------------------------------------------------------

static void form_write(Run *run, const FlowGroup *group, const FormMatch *match, Buffer *out) {
    const char *keys = keys_text(run, group);
    text_put(out, keys, strlen(keys));
    for (int64_t i = 0; i < group->aggs_count; i++) {
        const char *form = form_text(run, &group->aggs[i]);
        const char *text = text_of(run, &group->aggs[i]);
        int64_t since_us = match == NULL ? 0 : match->since_us[i];
        char clock[CLOCK_BYTES];
        le64_write(clock, since_us == WATCH_UNKNOWN ? run->now_us : since_us);
        text_put(out, form, strlen(form));
        text_put(out, text, strlen(text));
        buffer_append(out, clock, CLOCK_BYTES);
    }
}

void forms_set(Run *run, const char *name, const FlowGroup *group, const FormMatch *match) {
    KeptForm *form = form_find(run, name);
    Buffer bytes = {0};
    form_write(run, group, match, &bytes);
    bool is_same = form != NULL && form->length == bytes.length &&
                   memcmp(form->bytes, bytes.data, bytes.length) == 0;
    if (!is_same) {
        form = form == NULL ? vec_push(&run->arena, &run->forms) : form;
        *form = (KeptForm){.name = arena_string(&run->arena, name),
                           .bytes = arena_copy(&run->arena, bytes.data, bytes.length),
                           .length = bytes.length,
                           .is_new = true};
    }
    buffer_free(&bytes);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const KeptForm *)a)->name, ((const KeptForm *)b)->name);
}

static Outcome news_put(Run *run, StateWriter *writer) {
    for (uint32_t i = 0; i < run->forms.count; i++) {
        KeptForm *form = &run->forms.items[i];
        StateEntry entry = {form->name, strlen(form->name), form->bytes, form->length};
        if (form->is_new) {
            TRY(state_runs_put(writer, &entry));
        }
        form->is_new = false;
    }
    return OUTCOME_OK;
}

Outcome forms_prepare(Run *run) {
    StateWriter *writer = NULL;
    bool has_news = false;
    for (uint32_t i = 0; i < run->forms.count; i++) {
        has_news |= run->forms.items[i].is_new;
    }
    if (!has_news) {
        return OUTCOME_OK;
    }
    qsort(run->forms.items, run->forms.count, sizeof(KeptForm), by_name);
    TRY(state_runs_write(run->state, FORM_STATE, run->slot, &writer));
    Outcome outcome = news_put(run, writer);
    if (outcome != OUTCOME_OK) {
        state_runs_write_abort(writer);
        return outcome;
    }
    return state_runs_write_end(writer);
}

// --- for people ----------------------------------------------------------------------------------

bool engine_since_read(Arena *arena, const StateEntry *entry, uint32_t index, EngineSince *since) {
    FormReader reader = {arena, entry->value, entry->value + entry->value_length};
    AggForm agg = {0};
    uint32_t found = 0;
    if (text_take(&reader) == NULL) {
        return false;
    }
    while (reader.at < reader.end && agg_take(&reader, &agg)) {
        if (agg.since_us != 0 && found++ == index) {
            *since = (EngineSince){
                arena_copy(arena, entry->key, entry->key_length), agg.text, agg.since_us};
            return true;
        }
    }
    return false;
}
