// What `format csv { … }` says of the text, of sources and of sinks.
#include "check/check_internal.h"

static SettingPlace place_of(const CsvPlace *csv, FlowSettingForm form, size_t offset) {
    return (SettingPlace){.form = form,
                          .kind = form == FLOW_SETTING_SWITCH ? AST_BOOL : AST_STRING,
                          .owner = csv->owner,
                          .index = csv->index,
                          .offset = (int64_t)offset,
                          .most = 1};
}

static void
delimiter_set(Checker *c, const AstSetting *setting, const CsvPlace *csv, GraphCsv *out) {
    SettingPlace place = place_of(csv, FLOW_SETTING_CHARACTER, csv->delimiter);
    place.takes = "one character, such as \";\"";
    const char *text = NULL;
    if (setting_string(c, setting, &place, &text)) {
        out->delimiter = text[0];
    }
}

static void header_set(Checker *c, const AstSetting *setting, const CsvPlace *csv, GraphCsv *out) {
    SettingPlace place = place_of(csv, FLOW_SETTING_SWITCH, csv->header);
    place.takes = "true or false";
    int64_t is_on = out->has_header;
    setting_number(c, setting, &place, &is_on);
    out->has_header = is_on != 0;
}

static void null_set(Checker *c, const AstSetting *setting, const CsvPlace *csv, GraphCsv *out) {
    SettingPlace place = place_of(csv, FLOW_SETTING_TEXT, csv->null_text);
    place.takes = "a text in quotes";
    out->null_text = setting_string(c, setting, &place, &out->null_text) ? out->null_text : NULL;
}

// `null "…"`: the word is a literal there.
static bool is_null_setting(const AstSetting *setting) {
    const AstItem *first = &setting->items[0];
    return setting_is(setting, "null") ||
           (first->kind == AST_ITEM_LITERAL && first->literal.kind == AST_NULL);
}

void csv_settings(Checker *c, const AstItem *block, const CsvPlace *place, GraphCsv *csv) {
    static const char *const names[] = {"delimiter", "header", "null"};
    for (uint32_t i = 0; i < block->setting_count; i++) {
        const AstSetting *setting = &block->settings[i];
        if (setting_is(setting, "delimiter")) {
            delimiter_set(c, setting, place, csv);
        } else if (setting_is(setting, "header")) {
            header_set(c, setting, place, csv);
        } else if (is_null_setting(setting)) {
            null_set(c, setting, place, csv);
        } else {
            setting_unknown(c, setting, "csv", names, COUNT_OF(names));
        }
    }
}
