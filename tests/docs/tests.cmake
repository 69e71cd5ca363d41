add_test(NAME docs/blocks
         COMMAND ${FLOW_TEST_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/docs/run.py --flowc ${FLOWC_PLAIN})
add_test(NAME docs/reference
         COMMAND ${FLOW_TEST_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/docs/make_reference.py)
