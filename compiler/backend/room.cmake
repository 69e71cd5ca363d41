# The helpers of generated code as bitcode, embedded. No -march: code for the least processor is what
# may be inlined everywhere; backend lifts it to the one it compiles for.
set(HELPERS ${CMAKE_SOURCE_DIR}/runtime/abi/helpers.c)
set(HELPERS_BITCODE ${CMAKE_BINARY_DIR}/generated/helpers.bc)
set(HELPERS_SOURCE ${CMAKE_BINARY_DIR}/generated/backend_helpers.c)
file(GLOB ABI_FILES ${CMAKE_SOURCE_DIR}/runtime/abi/*.def ${CMAKE_SOURCE_DIR}/runtime/abi/*.h)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated)
add_custom_command(
  OUTPUT ${HELPERS_BITCODE}
  COMMAND ${CMAKE_C_COMPILER} -std=c17 -O2 -fPIC -fno-stack-protector -fno-strict-aliasing
          -fno-asynchronous-unwind-tables -fno-ident -D_GNU_SOURCE -I${CMAKE_SOURCE_DIR}/runtime
          -emit-llvm -c ${HELPERS} -o ${HELPERS_BITCODE}
  DEPENDS ${HELPERS} ${ABI_FILES} VERBATIM)
add_custom_command(
  OUTPUT ${HELPERS_SOURCE}
  COMMAND ${CMAKE_COMMAND} -DINPUT=${HELPERS_BITCODE} -DOUTPUT=${HELPERS_SOURCE}
          -DNAME=backend_helpers -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
  DEPENDS ${HELPERS_BITCODE} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake VERBATIM)
target_sources(flow_backend PRIVATE ${HELPERS_SOURCE})
if(FLOW_SANITIZE)
  target_compile_definitions(flow_backend PRIVATE FLOW_LINK_SANITIZE="-fsanitize=${FLOW_SANITIZE}")
endif()
