# Generated code against the reference interpreter, and what backend promises of objects.
set(GEN_TESTS ${CMAKE_CURRENT_SOURCE_DIR}/gen)
add_executable(gen_test ${GEN_TESTS}/gen_test.c ${GEN_TESTS}/fixture.c
               ${CMAKE_CURRENT_SOURCE_DIR}/oracle/oracle.c
               ${CMAKE_CURRENT_SOURCE_DIR}/oracle/oracle_expr.c
               ${CMAKE_CURRENT_SOURCE_DIR}/oracle/oracle_nested.c)
target_include_directories(gen_test PRIVATE ${GEN_TESTS} ${CMAKE_CURRENT_SOURCE_DIR}/oracle
                           ${CMAKE_SOURCE_DIR}/runtime ${CMAKE_SOURCE_DIR}/compiler)
target_compile_options(gen_test PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
target_link_libraries(gen_test PRIVATE flowcompiler flowrt cmocka)
add_test(NAME gen/code COMMAND gen_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
