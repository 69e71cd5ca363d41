// What the files of driver share: parsed options and the commands.
#ifndef FLOW_DRIVER_INTERNAL_H
#define FLOW_DRIVER_INTERNAL_H

#include "driver/driver.h"
#include "engine/engine.h"
#include "sys/sys_memory.h"

#define FLOW_VERSION "0.1.0"

typedef enum ExitStatus {
    EXIT_DONE = 0,
    EXIT_FINDINGS = 1,
    EXIT_USAGE = 2,
} ExitStatus;

typedef enum OptionId {
#define OPTION(id, name, value, commands, help) OPTION_##id,
#include "driver/option.def"
#undef OPTION
    OPTION_COUNT,
} OptionId;

typedef enum CommandId {
#define COMMAND(name, ...) COMMAND_##name,
#include "driver/command.def"
#undef COMMAND
    COMMAND_COUNT,
} CommandId;

typedef struct Options {
    Arena arena;
    Sys *sys; // the real machine, rooted at --root
    CommandId command;
    const char *values[OPTION_COUNT]; // NULL: not given; a switch's value is ""
    VEC(const char *) files;          // what stands without an option
    VEC(EngineParam) params;
    VEC(const char *) drops; // of --drop-state
} Options;

// False: wrong usage, already said.
bool options_parse(Options *options, int argc, char **argv);
int usage_error(const Options *options, const char *format, ...) PRINTF_LIKE(2, 3);
bool option_is(const Options *options, OptionId option, const char *value);
bool options_want_color(const Options *options);
void option_print_help(CommandId command, Buffer *out);
const char *command_name(CommandId command);
const char *option_name(OptionId option); // as it is written

// "… is not supported yet": usage, because no program is at fault.
int not_yet(const Options *options, const char *what);

void print(const Options *options, int stream, const Buffer *text);
// Reads and compiles a file up to `last`; prints diagnostics. `*status` is the exit status if
// false.
bool program_compile(
    const Options *options, const char *file, PassId last, Compile *compile, int *status);
// The same, with the program's tables on another machine.
bool program_compile_in(
    const Options *options, Sys *sys, const char *file, PassId last, Compile *compile, int *status);
void program_free(Compile *compile);
// explain_std.c: `std` or `std.NAME`; false: the word is neither.
bool std_explain(const Options *options, const char *word, Buffer *out);
int environment_failed(const Options *options, Outcome outcome); // says why; gives the status

#define COMMAND(name, ...) int command_##name(const Options *options);
#include "driver/command.def"
#undef COMMAND

#endif
