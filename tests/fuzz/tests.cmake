set(FUZZ ${CMAKE_CURRENT_SOURCE_DIR}/fuzz)
add_executable(fuzz_judge ${FUZZ}/judge.c ${FUZZ}/recognise.c)
target_include_directories(fuzz_judge PRIVATE ${FUZZ} ${CMAKE_SOURCE_DIR}/runtime ${CMAKE_SOURCE_DIR}/compiler)
target_compile_options(fuzz_judge PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
target_link_libraries(fuzz_judge PRIVATE flowcompiler flowrt)

# Counts and not seconds: a faster machine must not judge other programs.
add_test(NAME fuzz/grammar COMMAND python3 ${FUZZ}/fuzz.py $<TARGET_FILE:fuzz_judge> --seeds 16)

# A target is a file bytes_<name>.c; its seeds are the files given to it. By hand with libFuzzer instead of bytes.c:
# compile the rooms with -fsanitize=fuzzer-no-link and link with -fsanitize=fuzzer.
function(flow_fuzz_bytes NAME COUNT)
  add_executable(bytes_${NAME} ${FUZZ}/bytes.c ${FUZZ}/bytes_${NAME}.c)
  target_include_directories(bytes_${NAME} PRIVATE ${FUZZ} ${CMAKE_SOURCE_DIR}/runtime ${CMAKE_SOURCE_DIR}/compiler)
  target_compile_options(bytes_${NAME} PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
  target_link_libraries(bytes_${NAME} PRIVATE flowcompiler flowrt)
  add_test(NAME fuzz/${NAME} COMMAND bytes_${NAME} --count ${COUNT} ${ARGN})
endfunction()

file(GLOB_RECURSE FUZZ_PROGRAMS CONFIGURE_DEPENDS
     ${CMAKE_SOURCE_DIR}/tests/*.flow ${CMAKE_SOURCE_DIR}/examples/*.flow ${CMAKE_SOURCE_DIR}/stdlib/*.flow)
flow_fuzz_bytes(program 8000 ${FUZZ_PROGRAMS})

file(GLOB FUZZ_LOGS CONFIGURE_DEPENDS ${FUZZ}/seeds/*.log)
flow_fuzz_bytes(delta 50000 ${FUZZ_LOGS})

# The names are those that parquet_seeds.py gives.
set(FUZZ_PARQUET ${CMAKE_CURRENT_BINARY_DIR}/fuzz-parquet)
set(FUZZ_FILES)
foreach(NAME none-0 none-1 snappy-0 snappy-1 gzip-0 gzip-1 zstd-0 zstd-1 lz4-0 lz4-1 brotli-0 brotli-1
             encoding-0 encoding-1 encoding-2)
  list(APPEND FUZZ_FILES ${FUZZ_PARQUET}/${NAME}.parquet)
endforeach()
add_test(NAME fuzz/parquet_seeds COMMAND ${FLOW_TEST_PYTHON} ${FUZZ}/parquet_seeds.py ${FUZZ_PARQUET})
flow_fuzz_bytes(parquet 15000 ${FUZZ_FILES})
set_tests_properties(fuzz/parquet_seeds PROPERTIES FIXTURES_SETUP parquet_seeds)
set_tests_properties(fuzz/parquet PROPERTIES FIXTURES_REQUIRED parquet_seeds)

set(FUZZ_AVRO ${CMAKE_CURRENT_BINARY_DIR}/fuzz-avro)
set(FUZZ_FILES)
foreach(NAME null deflate snappy zstandard)
  list(APPEND FUZZ_FILES ${FUZZ_AVRO}/${NAME}.avro)
endforeach()
add_test(NAME fuzz/avro_seeds COMMAND ${FLOW_TEST_PYTHON} ${FUZZ}/avro_seeds.py ${FUZZ_AVRO})
flow_fuzz_bytes(avro 15000 ${FUZZ_FILES})
set_tests_properties(fuzz/avro_seeds PROPERTIES FIXTURES_SETUP avro_seeds)
set_tests_properties(fuzz/avro PROPERTIES FIXTURES_REQUIRED avro_seeds)
