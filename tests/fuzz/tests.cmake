set(FUZZ ${CMAKE_CURRENT_SOURCE_DIR}/fuzz)
add_executable(fuzz_judge ${FUZZ}/judge.c ${FUZZ}/recognise.c)
target_include_directories(fuzz_judge PRIVATE ${FUZZ} ${CMAKE_SOURCE_DIR}/runtime ${CMAKE_SOURCE_DIR}/compiler)
target_compile_options(fuzz_judge PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
target_link_libraries(fuzz_judge PRIVATE flowcompiler flowrt)

add_test(NAME fuzz/grammar COMMAND python3 ${FUZZ}/fuzz.py $<TARGET_FILE:fuzz_judge> --seconds 25)
