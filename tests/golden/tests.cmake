add_test(NAME golden COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/golden/run.py $<TARGET_FILE:flowc>)
set_tests_properties(golden PROPERTIES LABELS quick)
