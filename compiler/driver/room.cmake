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
