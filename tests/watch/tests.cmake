add_test(NAME watch COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/watch/run.py $<TARGET_FILE:flowc>)
