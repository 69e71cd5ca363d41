set(DIFFERENTIAL ${CMAKE_CURRENT_SOURCE_DIR}/differential)
add_executable(differential ${DIFFERENTIAL}/differential.c ${DIFFERENTIAL}/generate.c
               ${DIFFERENTIAL}/generate_step.c ${DIFFERENTIAL}/generate_state.c
               ${DIFFERENTIAL}/generate_expr.c ${DIFFERENTIAL}/generate_nested.c ${CMAKE_CURRENT_SOURCE_DIR}/oracle/oracle.c
               ${CMAKE_CURRENT_SOURCE_DIR}/oracle/oracle_expr.c
               ${CMAKE_CURRENT_SOURCE_DIR}/oracle/oracle_nested.c)
target_include_directories(differential PRIVATE ${DIFFERENTIAL} ${CMAKE_CURRENT_SOURCE_DIR}/oracle
                           ${CMAKE_SOURCE_DIR}/runtime ${CMAKE_SOURCE_DIR}/compiler)
target_compile_options(differential PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
target_link_libraries(differential PRIVATE flowcompiler flowrt)

set(CASES ${CMAKE_CURRENT_BINARY_DIR}/sql-cases)
add_test(NAME differential/clean COMMAND ${CMAKE_COMMAND} -E rm -rf ${CASES})
add_test(NAME differential/programs COMMAND differential --seed 1 --count 1500 --sql ${CASES})
add_test(NAME differential/duckdb COMMAND ${FLOW_TEST_PYTHON} ${DIFFERENTIAL}/judge.py ${CASES})
set_tests_properties(differential/clean PROPERTIES FIXTURES_SETUP sql_clean)
set_tests_properties(differential/programs PROPERTIES FIXTURES_REQUIRED sql_clean FIXTURES_SETUP sql_cases
                     TIMEOUT 900)
set_tests_properties(differential/duckdb PROPERTIES FIXTURES_REQUIRED sql_cases)
add_test(NAME differential/merge COMMAND ${FLOW_TEST_PYTHON} ${DIFFERENTIAL}/merge.py --flowc ${FLOWC_PLAIN})
