add_test(NAME functions/examples
         COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/functions/functions.py $<TARGET_FILE:flowc>)
