add_test(NAME run/programs
         COMMAND ${FLOW_TEST_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/run/run.py --flowc $<TARGET_FILE:flowc>)
add_test(NAME run/executables
         COMMAND ${FLOW_TEST_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/run/run.py --flowc ${FLOWC_PLAIN} --executable)
