# The whole engine on a disk that crashes, and real runs that are killed.
add_executable(crash_test ${CMAKE_CURRENT_SOURCE_DIR}/crash/crash_test.c)
target_compile_options(crash_test PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
target_link_libraries(crash_test PRIVATE flowrt cmocka)
add_test(NAME crash/states COMMAND crash_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME crash/kills
         COMMAND ${FLOW_TEST_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/crash/kill.py --flowc ${FLOWC_PLAIN})
