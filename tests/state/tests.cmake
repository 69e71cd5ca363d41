add_test(NAME state COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/state/run.py $<TARGET_FILE:flowc>)
