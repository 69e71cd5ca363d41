add_test(NAME diag COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/diag/run.py $<TARGET_FILE:flowc>)
set_tests_properties(diag PROPERTIES LABELS quick)
