add_test(NAME command COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/command/run.py $<TARGET_FILE:flowc>)
