add_test(NAME tidy/rules
         COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/tidy/tidy.py $<TARGET_FILE:flowrt>)
