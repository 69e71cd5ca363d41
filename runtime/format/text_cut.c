// Where the text formats may be cut, so that each piece begins with a record.
#include "format/csv/csv.h"

bool text_is_cut(FlowFormat format) {
    return format != FLOW_FORMAT_JSON && format != FLOW_FORMAT_PARQUET &&
           format != FLOW_FORMAT_AVRO && format != FLOW_FORMAT_DELTA;
}

static size_t mark_length(const char *bytes, size_t length) {
    return length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static char delimiter_of(const FlowSource *source) {
    return (char)(source->csv_delimiter == 0 ? ',' : source->csv_delimiter);
}

size_t text_cut(
    const FlowSource *source, FlowFormat format, bool is_first, const char *bytes, size_t length) {
    size_t mark = is_first ? mark_length(bytes, length) : 0;
    if (format == FLOW_FORMAT_CSV) {
        size_t records = csv_cut(bytes + mark, length - mark, delimiter_of(source));
        return records == 0 ? 0 : mark + records;
    }
    const char *last = memrchr(bytes, '\n', length);
    return last == NULL ? 0 : (size_t)(last + 1 - bytes);
}

size_t text_header(
    const FlowSource *source, FlowFormat format, const char *bytes, size_t length, size_t *begin) {
    if (format != FLOW_FORMAT_CSV || !source->csv_header) {
        return 0;
    }
    size_t mark = mark_length(bytes, length);
    size_t found = csv_header_length(bytes + mark, length - mark, delimiter_of(source), begin);
    *begin += mark;
    return found;
}
