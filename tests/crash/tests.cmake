# The whole engine on a disk that crashes, and real runs that are killed.
foreach(NAME crash_test epochs_crash_test replay_crash_test)
  add_executable(${NAME} ${CMAKE_CURRENT_SOURCE_DIR}/crash/${NAME}.c ${CMAKE_CURRENT_SOURCE_DIR}/crash/shop.c)
  target_compile_options(${NAME} PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
  target_link_libraries(${NAME} PRIVATE flowrt cmocka)
endforeach()
add_test(NAME crash/states COMMAND crash_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME crash/epochs COMMAND epochs_crash_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME crash/replays COMMAND replay_crash_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME crash/kills
         COMMAND ${FLOW_TEST_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/crash/kill.py --flowc ${FLOWC_PLAIN})
