# Generated code against the reference interpreter, and what backend promises of objects.
set(GEN_TESTS ${CMAKE_CURRENT_SOURCE_DIR}/gen)
file(GLOB GEN_COMMON CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/oracle/*.c)
list(APPEND GEN_COMMON ${GEN_TESTS}/fixture.c ${GEN_TESTS}/cases.c)
foreach(NAME gen_test nested_gen_test)
  add_executable(${NAME} ${GEN_TESTS}/${NAME}.c ${GEN_COMMON})
  target_include_directories(${NAME} PRIVATE ${GEN_TESTS} ${CMAKE_CURRENT_SOURCE_DIR}/oracle
                             ${CMAKE_SOURCE_DIR}/runtime ${CMAKE_SOURCE_DIR}/compiler)
  target_compile_options(${NAME} PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
  target_link_libraries(${NAME} PRIVATE flowcompiler flowrt cmocka)
endforeach()
add_test(NAME gen/code COMMAND gen_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME gen/nested COMMAND nested_gen_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
