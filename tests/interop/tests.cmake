# Judges: other people's readers and writers against ours. They run in the Python environment that
# ./test prepares; FLOW_TEST_PYTHON (cache or environment variable) names another interpreter.
if(DEFINED ENV{FLOW_TEST_PYTHON})
  set(FLOW_TEST_PYTHON_DEFAULT $ENV{FLOW_TEST_PYTHON})
else()
  set(FLOW_TEST_PYTHON_DEFAULT ${CMAKE_SOURCE_DIR}/build/venv/bin/python)
endif()
set(FLOW_TEST_PYTHON ${FLOW_TEST_PYTHON_DEFAULT} CACHE FILEPATH "Python with pyarrow, duckdb, polars, ...")

add_executable(parquet_tool ${CMAKE_CURRENT_LIST_DIR}/parquet_tool.c)
target_include_directories(parquet_tool PRIVATE ${CMAKE_SOURCE_DIR}/runtime)
target_compile_options(parquet_tool PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
target_link_libraries(parquet_tool PRIVATE flowrt)
add_test(NAME interop/parquet
         COMMAND ${FLOW_TEST_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/parquet_judge.py $<TARGET_FILE:parquet_tool>)

add_executable(delta_tool ${CMAKE_CURRENT_LIST_DIR}/delta_tool.c)
target_include_directories(delta_tool PRIVATE ${CMAKE_SOURCE_DIR}/runtime)
target_compile_options(delta_tool PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
target_link_libraries(delta_tool PRIVATE flowrt cmocka)
add_test(NAME interop/delta
         COMMAND ${FLOW_TEST_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/delta_judge.py $<TARGET_FILE:delta_tool> delta-rs chdb)
add_test(NAME interop/delta_spark
         COMMAND ${FLOW_TEST_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/delta_judge.py $<TARGET_FILE:delta_tool> spark)
add_test(NAME interop/changes
         COMMAND ${FLOW_TEST_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/changes_judge.py --flowc $<TARGET_FILE:flowc>)
add_test(NAME interop/programs
         COMMAND ${FLOW_TEST_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/programs_judge.py $<TARGET_FILE:flowc>)
