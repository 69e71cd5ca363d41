# The functions' examples, from the files that have them.
set(EXAMPLES ${CMAKE_BINARY_DIR}/generated/driver/example.h)
file(GLOB FUNCTION_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/runtime/scalar/fn/fn_*.c)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/driver)
add_custom_command(
  OUTPUT ${EXAMPLES}
  COMMAND ${CMAKE_COMMAND} -DFUNCTIONS=${CMAKE_SOURCE_DIR}/runtime/scalar/fn -DOUTPUT=${EXAMPLES}
          -P ${CMAKE_SOURCE_DIR}/compiler/driver/examples.cmake
  DEPENDS ${FUNCTION_FILES} ${CMAKE_SOURCE_DIR}/compiler/driver/examples.cmake VERBATIM)
target_sources(flow_driver PRIVATE ${EXAMPLES})

# The files of a new project, which `flowc init` writes.
set(PROJECT ${CMAKE_BINARY_DIR}/generated/driver/project.h)
set(PROJECT_FILES README.md orders.flow data/orders/2026-01-01.ndjson .github/workflows/flow.yml .gitignore)
list(JOIN PROJECT_FILES "," PROJECT_LIST)
list(TRANSFORM PROJECT_FILES PREPEND ${CMAKE_SOURCE_DIR}/compiler/driver/project/ OUTPUT_VARIABLE PROJECT_SOURCES)
add_custom_command(
  OUTPUT ${PROJECT}
  COMMAND ${CMAKE_COMMAND} -DPROJECT=${CMAKE_SOURCE_DIR}/compiler/driver/project -DFILES=${PROJECT_LIST}
          -DOUTPUT=${PROJECT} -P ${CMAKE_SOURCE_DIR}/compiler/driver/project.cmake
  DEPENDS ${PROJECT_SOURCES} ${CMAKE_SOURCE_DIR}/compiler/driver/project.cmake VERBATIM)
target_sources(flow_driver PRIVATE ${PROJECT})
