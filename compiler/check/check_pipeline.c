// The pipeline: its settings, and what its trigger asks of the flows.
#include "check/check_internal.h"

#include "sys/sys.h"

#include <stddef.h>

enum { RETRY_TIMES_MAX = 1000 };
enum { DLQ_LIMIT_RECORDS = 10000 };              // LANGUAGE 3
#define CHECKPOINT_INTERVAL_US INT64_C(10000000) // LANGUAGE 3: 10 seconds

static const char *const pipeline_settings[] = {"trigger",
                                                "checkpoint",
                                                "dlq",
                                                "dlq_raw",
                                                "parallelism",
                                                "memory",
                                                "checkpoint_interval",
                                                "stop_after_idle",
                                                "late",
                                                "metrics",
                                                "dlq_limit",
                                                "retry"};

static bool trigger_named(const char *word, FlowTriggerKind *kind) {
    static const char *const names[] = {[FLOW_TRIGGER_ONCE] = "once",
                                        [FLOW_TRIGGER_AVAILABLE_NOW] = "available_now",
                                        [FLOW_TRIGGER_EVERY] = "every",
                                        [FLOW_TRIGGER_CONTINUOUS] = "continuous",
                                        [FLOW_TRIGGER_FILES_ARRIVE] = "files_arrive"};
    for (uint32_t i = 0; word != NULL && i < COUNT_OF(names); i++) {
        if (str_equal(names[i], word)) {
            *kind = (FlowTriggerKind)i;
            return true;
        }
    }
    return false;
}

// `every 10 seconds`, or one word.
static void trigger_set(Checker *c, const AstSetting *setting, GraphSettings *settings) {
    bool is_known = trigger_named(ast_item_word(setting, 1), &settings->trigger);
    bool is_every = is_known && settings->trigger == FLOW_TRIGGER_EVERY;
    const AstItem *period = setting->item_count == 3 ? &setting->items[2] : NULL;
    bool has_period = period != NULL && period->kind == AST_ITEM_LITERAL &&
                      period->literal.kind == AST_DURATION && period->literal.value > 0 &&
                      period->literal.value <= INT64_MAX;
    if (!is_known || (is_every ? !has_period : setting->item_count != 2)) {
        setting_report(
            c, setting, "once, available_now, continuous, files_arrive or every and a duration");
    } else if (is_every) {
        settings->every_us = (int64_t)period->literal.value;
    }
}

static void interval_set(Checker *c, const AstSetting *setting, GraphSettings *settings) {
    static const SettingPlace place = {.form = FLOW_SETTING_NUMBER,
                                       .kind = AST_DURATION,
                                       .owner = FLOW_OWNER_PROGRAM,
                                       .offset = offsetof(FlowProgram, checkpoint_interval_us),
                                       .least = 1,
                                       .most = INT64_MAX,
                                       .takes = "a duration"};
    setting_number(c, setting, &place, &settings->checkpoint_interval_us);
}

static void idle_set(Checker *c, const AstSetting *setting, GraphSettings *settings) {
    static const SettingPlace place = {.form = FLOW_SETTING_NUMBER,
                                       .kind = AST_DURATION,
                                       .owner = FLOW_OWNER_PROGRAM,
                                       .offset = offsetof(FlowProgram, stop_after_idle_us),
                                       .least = 1,
                                       .most = INT64_MAX,
                                       .takes = "a duration"};
    setting_number(c, setting, &place, &settings->stop_after_idle_us);
}

static void parallelism_set(Checker *c, const AstSetting *setting, GraphSettings *settings) {
    static const SettingPlace place = {.form = FLOW_SETTING_SMALL,
                                       .kind = AST_INTEGER,
                                       .owner = FLOW_OWNER_PROGRAM,
                                       .offset = offsetof(FlowProgram, parallelism),
                                       .least = 1,
                                       .most = WORKERS_MAX,
                                       .takes = "a number from 1 to 64"};
    int64_t count = 0;
    if (setting_number(c, setting, &place, &count)) {
        settings->parallelism = (int32_t)count;
    }
}

static void memory_set(Checker *c, const AstSetting *setting, GraphSettings *settings) {
    static const SettingPlace place = {.form = FLOW_SETTING_SIZE,
                                       .kind = AST_SIZE,
                                       .owner = FLOW_OWNER_PROGRAM,
                                       .offset = offsetof(FlowProgram, memory_bytes),
                                       .least = MEMORY_BYTES_MIN,
                                       .most = INT64_MAX,
                                       .takes = "a size of at least 1 MiB"};
    setting_number(c, setting, &place, &settings->memory_bytes);
}

static void dlq_raw_set(Checker *c, const AstSetting *setting, GraphSettings *settings) {
    const char *word = setting->item_count == 2 ? ast_item_word(setting, 1) : NULL;
    bool is_keep = word != NULL && str_equal(word, "keep");
    if (!is_keep && (word == NULL || !str_equal(word, "drop"))) {
        setting_report(c, setting, "keep or drop");
        return;
    }
    settings->dlq_raw_keep = is_keep;
}

static void late_set(Checker *c, const AstSetting *setting) {
    const char *word = setting->item_count == 2 ? ast_item_word(setting, 1) : NULL;
    bool is_dlq = word != NULL && str_equal(word, "dlq");
    if (!is_dlq && (word == NULL || !str_equal(word, "drop"))) {
        setting_report(c, setting, "dlq or drop");
        return;
    }
    c->late_is_dropped = !is_dlq;
}

// A param's value is looked at when the run begins.
static void metrics_set(Checker *c, const AstSetting *setting, GraphSettings *settings) {
    GraphSetting address;
    if (!setting_text_or_param(
            c, setting, "an address in quotes, such as \"127.0.0.1:9090\"", &address)) {
        return;
    }
    if (address.param < 0 && !sys_is_address(address.text)) {
        setting_report(c, setting, "an address in numbers, such as \"127.0.0.1:9090\" or \"9090\"");
        return;
    }
    settings->has_metrics = true;
    settings->metrics = address;
}

static bool word_is(const AstSetting *setting, uint32_t item, const char *wanted) {
    const char *word = ast_item_word(setting, item);
    return word != NULL && str_equal(word, wanted);
}

// In billionths; -1: it is none.
static int64_t limit_ratio(const AstItem *item) {
    i128 numerator = 0;
    i128 denominator = 1;
    bool is_number = item->kind == AST_ITEM_LITERAL &&
                     (item->literal.kind == AST_PERCENT || item->literal.kind == AST_DECIMAL ||
                      item->literal.kind == AST_INTEGER) &&
                     literal_fraction(&item->literal, &numerator, &denominator);
    bool is_exact = numerator * FLOW_RATIO_WHOLE % denominator == 0;
    return is_number && is_exact && numerator <= denominator
               ? (int64_t)(numerator * FLOW_RATIO_WHOLE / denominator)
               : -1;
}

// `5 percent`, or `5 percent of 1_000`.
static void limit_set(Checker *c, const AstSetting *setting, GraphSettings *settings) {
    bool is_short = setting->item_count == 2;
    bool is_long = setting->item_count == 4 && word_is(setting, 2, "of");
    int64_t ratio = is_short || is_long ? limit_ratio(&setting->items[1]) : -1;
    int64_t records = DLQ_LIMIT_RECORDS;
    if (is_long) {
        const AstItem *count = &setting->items[3];
        bool is_count = count->kind == AST_ITEM_LITERAL && count->literal.kind == AST_INTEGER &&
                        !count->literal.is_out_of_range && count->literal.value > 0;
        records = is_count ? count->literal.value : -1;
    }
    if (ratio < 0 || records < 0) {
        setting_report(
            c,
            setting,
            "a part, such as `5 percent`, and then perhaps `of` how many of the last records");
        return;
    }
    settings->dlq_limit = ratio;
    settings->dlq_limit_records = records;
}

static void jitter_set(Checker *c, const AstSetting *setting, int64_t *jitter) {
    int64_t ratio = setting->item_count == 2 ? limit_ratio(&setting->items[1]) : -1;
    if (ratio < 0) {
        setting_report(c, setting, "a part, such as `20 percent`");
        return;
    }
    *jitter = ratio;
}

static SettingPlace retry_place(AstLiteralKind kind, size_t offset, const char *takes) {
    bool is_duration = kind == AST_DURATION;
    return (SettingPlace){.form = FLOW_SETTING_NUMBER,
                          .kind = kind,
                          .owner = FLOW_OWNER_PROGRAM,
                          .offset = (int64_t)offset,
                          .least = is_duration ? 1 : 0,
                          .most = is_duration ? INT64_MAX : RETRY_TIMES_MAX,
                          .takes = takes};
}

static void retry_entry_set(Checker *c, const AstSetting *setting, GraphSettings *settings) {
    static const char *const names[] = {"times", "backoff", "max", "jitter"};
    SettingPlace times =
        retry_place(AST_INTEGER, offsetof(FlowProgram, retry_times), "a number up to 1000");
    SettingPlace backoff =
        retry_place(AST_DURATION, offsetof(FlowProgram, retry_backoff_us), "a duration");
    SettingPlace max = retry_place(AST_DURATION, offsetof(FlowProgram, retry_max_us), "a duration");
    if (setting_is(setting, "times")) {
        setting_number(c, setting, &times, &settings->retry_times);
    } else if (setting_is(setting, "backoff")) {
        setting_number(c, setting, &backoff, &settings->retry_backoff_us);
    } else if (setting_is(setting, "max")) {
        setting_number(c, setting, &max, &settings->retry_max_us);
    } else if (setting_is(setting, "jitter")) {
        jitter_set(c, setting, &settings->retry_jitter);
    } else {
        setting_unknown(c, setting, "`retry`", names, COUNT_OF(names));
    }
}

static void retry_set(Checker *c, const AstSetting *setting, GraphSettings *settings) {
    if (setting->item_count != 2 || setting->items[1].kind != AST_ITEM_BLOCK) {
        setting_report(c, setting, "a block, such as `{ times 8, backoff 200 ms }`");
        return;
    }
    const AstItem *block = &setting->items[1];
    for (uint32_t i = 0; i < block->setting_count; i++) {
        retry_entry_set(c, &block->settings[i], settings);
    }
}

static void pipeline_setting(Checker *c, const AstSetting *setting, GraphSettings *settings) {
    if (setting_is(setting, "trigger")) {
        trigger_set(c, setting, settings);
    } else if (setting_is(setting, "checkpoint")) {
        settings->has_checkpoint = setting_path(c, setting, &settings->checkpoint);
    } else if (setting_is(setting, "dlq")) {
        settings->has_dlq = setting_path(c, setting, &settings->dlq);
    } else if (setting_is(setting, "dlq_raw")) {
        dlq_raw_set(c, setting, settings);
    } else if (setting_is(setting, "parallelism")) {
        parallelism_set(c, setting, settings);
    } else if (setting_is(setting, "memory")) {
        memory_set(c, setting, settings);
    } else if (setting_is(setting, "checkpoint_interval")) {
        interval_set(c, setting, settings);
    } else if (setting_is(setting, "metrics")) {
        metrics_set(c, setting, settings);
    } else if (setting_is(setting, "stop_after_idle")) {
        idle_set(c, setting, settings);
    } else if (setting_is(setting, "late")) {
        late_set(c, setting);
    } else if (setting_is(setting, "dlq_limit")) {
        limit_set(c, setting, settings);
    } else if (setting_is(setting, "retry")) {
        retry_set(c, setting, settings);
    } else {
        setting_unknown(c, setting, "a pipeline", pipeline_settings, COUNT_OF(pipeline_settings));
    }
}

void pipeline_check(Checker *c) {
    GraphSettings *settings = &c->out->settings;
    settings->name = c->program->name;
    settings->memory_bytes = INT64_C(1) << 30;
    settings->checkpoint_interval_us = CHECKPOINT_INTERVAL_US;
    settings->dlq_raw_keep = true;
    renames_check(c);
    settings->retry_times = 8; // LANGUAGE 3, as the others
    settings->retry_backoff_us = 200000;
    settings->retry_max_us = 30000000;
    settings->retry_jitter = FLOW_RATIO_WHOLE / 5;
    const AstDecl *decl = c->program->pipeline;
    if (decl != NULL) {
        settings_repeated(c, &decl->settings);
    }
    for (uint32_t i = 0; decl != NULL && i < decl->settings.count; i++) {
        pipeline_setting(c, &decl->settings.items[i], settings);
    }
    if (c->options->has_trigger) {
        settings->trigger = c->options->trigger;
        settings->every_us = c->options->every_us;
    }
}

// --- what lives longer than an epoch -------------------------------------------------------------

void state_keep(Checker *c, Span span, KeptKind kind, const char *what) {
    *vec_push(c->arena, &c->kept) = (KeptState){span, what, kind, c->flow};
}

void state_bound(Checker *c, const AstStep *step) {
    const KeptState *last = c->kept.count == 0 ? NULL : &c->kept.items[c->kept.count - 1];
    if (last != NULL && last->kind == KEPT_UNBOUNDED && last->flow == c->flow) {
        c->kept.count--;
    }
    if (step->amount != NULL) {
        state_keep(c, step->span, KEPT_NOT_YET, "has a `state` that ends");
    }
}

typedef struct KeptText {
    DiagCode code;
    const char *text;
    const char *help;
} KeptText;

static const KeptText kept_texts[] = {
    [KEPT_OVERWRITE] = {DIAG_E244,
                        "each epoch would replace what the one before has written",
                        "`append into` or `merge into` the table, or run the program with `trigger "
                        "once`"},
    [KEPT_UNBOUNDED] = {DIAG_E245,
                        "this group keeps every key that was ever seen",
                        "write `state unbounded` below it if there are few enough of them"},
    [KEPT_APPEND] = {DIAG_E246,
                     "the results of the group change from epoch to epoch",
                     "`merge into` a table with the keys of the group"},
};

static void kept_report(Checker *c, const KeptState *kept) {
    if (kept->kind == KEPT_NOT_YET) {
        diag_unsupported(c->diags, kept->span, UNSUPPORTED_TRIGGER_STATE);
        return;
    }
    const KeptText *text = &kept_texts[kept->kind];
    Diag *diag = diag_add(c->diags, text->code, kept->span, "%s", text->text);
    diag_help(c->diags, diag, "%s", text->help);
}

void pipeline_state_check(Checker *c) {
    GraphSettings *settings = &c->out->settings;
    if (!c->is_stream && c->has_times) {
        settings->keeps = "was compiled for the trigger `once`, and has steps that go by time";
    }
    for (uint32_t i = 0; i < c->kept.count; i++) {
        const KeptState *kept = &c->kept.items[i];
        settings->keeps = settings->keeps == NULL ? kept->what : settings->keeps;
        if (settings->trigger != FLOW_TRIGGER_ONCE) {
            kept_report(c, kept);
        }
    }
}
