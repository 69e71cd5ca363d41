// The main of executables that `flowc build` makes. It is a member of libflowrt.a of its own, so
// that only those who have no main take it.
#include "engine/engine.h"

extern const FlowProgram flow_program;

int main(int argc, char **argv) {
    return engine_main(argc, argv, &flow_program);
}
