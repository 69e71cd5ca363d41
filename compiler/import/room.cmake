# The standard library's modules as texts in the compiler.
set(STDLIB ${CMAKE_BINARY_DIR}/generated/import/stdlib.inc)
file(GLOB STDLIB_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/stdlib/*.flow)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/import)
add_custom_command(
  OUTPUT ${STDLIB}
  COMMAND ${CMAKE_COMMAND} -DMODULES=${CMAKE_SOURCE_DIR}/stdlib -DOUTPUT=${STDLIB}
          -P ${CMAKE_SOURCE_DIR}/compiler/import/stdlib.cmake
  DEPENDS ${STDLIB_FILES} ${CMAKE_SOURCE_DIR}/compiler/import/stdlib.cmake VERBATIM)
target_sources(flow_import PRIVATE ${STDLIB})
