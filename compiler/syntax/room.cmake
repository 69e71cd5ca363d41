# The lexer and grammar are generated into the build directory. Warnings of generated code are the
# generators' business; conflicts of the grammar are ours, so they are errors.
find_program(FLOW_BISON bison REQUIRED)
find_program(FLOW_FLEX flex REQUIRED)
set(SYNTAX_GENERATED ${CMAKE_BINARY_DIR}/generated/syntax)
file(MAKE_DIRECTORY ${SYNTAX_GENERATED})
add_custom_command(
  OUTPUT ${SYNTAX_GENERATED}/grammar.c ${SYNTAX_GENERATED}/grammar.h
  COMMAND ${FLOW_BISON} -Wall -Wcounterexamples -Werror=conflicts-sr,conflicts-rr
          --no-lines -o ${SYNTAX_GENERATED}/grammar.c
          --header=${SYNTAX_GENERATED}/grammar.h ${CMAKE_SOURCE_DIR}/compiler/syntax/grammar.y
  DEPENDS ${CMAKE_SOURCE_DIR}/compiler/syntax/grammar.y VERBATIM)
add_custom_command(
  OUTPUT ${SYNTAX_GENERATED}/scan.c
  COMMAND ${FLOW_FLEX} --noline -o ${SYNTAX_GENERATED}/scan.c
          ${CMAKE_SOURCE_DIR}/compiler/syntax/scan.l
  DEPENDS ${CMAKE_SOURCE_DIR}/compiler/syntax/scan.l VERBATIM)
set_source_files_properties(${SYNTAX_GENERATED}/grammar.c ${SYNTAX_GENERATED}/scan.c
                            PROPERTIES COMPILE_OPTIONS -w)
target_sources(flow_syntax PRIVATE ${SYNTAX_GENERATED}/grammar.c ${SYNTAX_GENERATED}/scan.c
                                   ${SYNTAX_GENERATED}/grammar.h)
