# flow_room(PART NAME NEEDS ...): the room PART/NAME, its sources globbed, and what it may include.
# The NEEDS are read by tests/tidy; the compiler sees all headers below its part's root.
find_package(PkgConfig REQUIRED)
pkg_check_modules(JANSSON REQUIRED jansson)

set(FLOW_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror
    -Wno-gnu-statement-expression -Wno-gnu-zero-variadic-macro-arguments)
set(FLOW_SAFETY -fno-strict-aliasing -ffp-contract=off -fstack-protector-strong -fvisibility=hidden
    -ffunction-sections -fdata-sections)
if(FLOW_SANITIZE)
  add_compile_options(-fsanitize=${FLOW_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FLOW_SANITIZE})
endif()
add_compile_definitions(_GNU_SOURCE)
add_link_options(-fuse-ld=lld-19)

set(LLVM_CONFIG llvm-config-19)
execute_process(COMMAND ${LLVM_CONFIG} --includedir OUTPUT_VARIABLE LLVM_INCLUDE
                OUTPUT_STRIP_TRAILING_WHITESPACE)

set(FLOW_RUNTIME_ROOMS "")
set(FLOW_COMPILER_ROOMS "")

function(flow_room PART NAME)
  cmake_parse_arguments(ROOM "" "" "NEEDS" ${ARGN})
  file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${PART}/${NAME}/*.c)
  list(FILTER SOURCES EXCLUDE REGEX "/${PART}/${NAME}/main/")
  if(SOURCES)
    add_library(flow_${NAME} OBJECT ${SOURCES})
    target_include_directories(flow_${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/${PART}
                               ${CMAKE_SOURCE_DIR}/runtime ${CMAKE_BINARY_DIR}/generated)
    target_compile_options(flow_${NAME} PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
    if(NAME STREQUAL "gen" OR NAME STREQUAL "backend")
      target_include_directories(flow_${NAME} SYSTEM PRIVATE ${LLVM_INCLUDE})
    endif()
    if(EXISTS ${CMAKE_SOURCE_DIR}/${PART}/${NAME}/room.cmake)
      include(${CMAKE_SOURCE_DIR}/${PART}/${NAME}/room.cmake)
    endif()
    if(PART STREQUAL "runtime")
      set(FLOW_RUNTIME_ROOMS ${FLOW_RUNTIME_ROOMS} flow_${NAME} PARENT_SCOPE)
    else()
      set(FLOW_COMPILER_ROOMS ${FLOW_COMPILER_ROOMS} flow_${NAME} PARENT_SCOPE)
    endif()
  endif()
endfunction()

# Libraries an executable of Flow links: statically, so that it needs only libc and libm.
set(FLOW_RUNTIME_LIBS libzstd.a libz.a libxxhash.a libjansson.a libpcre2-8.a libutf8proc.a libnettle.a
    libbrotlidec.a libbrotlicommon.a)

function(flow_llvm_link TARGET)
  if(FLOW_STATIC_LLVM)
    execute_process(COMMAND ${LLVM_CONFIG} --link-static --libs orcjit orcdebugging orctargetprocess
                            passes bitreader linker x86codegen x86desc x86info
                    OUTPUT_VARIABLE LIBS OUTPUT_STRIP_TRAILING_WHITESPACE)
    execute_process(COMMAND ${LLVM_CONFIG} --link-static --system-libs
                    OUTPUT_VARIABLE SYSTEM_LIBS OUTPUT_STRIP_TRAILING_WHITESPACE)
    # The loader's thousands of look-ups of C++ symbols are a tenth of a short run's time.
    set(CXX_LIB libstdc++.a)
    target_link_options(${TARGET} PUBLIC -static-libgcc)
  else()
    execute_process(COMMAND ${LLVM_CONFIG} --libs OUTPUT_VARIABLE LIBS
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    set(SYSTEM_LIBS "")
    set(CXX_LIB stdc++)
  endif()
  execute_process(COMMAND ${LLVM_CONFIG} --libdir OUTPUT_VARIABLE LIBDIR
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  separate_arguments(LIBS)
  separate_arguments(SYSTEM_LIBS)
  list(REMOVE_ITEM SYSTEM_LIBS -lxml2 -lz3)
  target_link_directories(${TARGET} PUBLIC ${LIBDIR})
  target_link_libraries(${TARGET} PUBLIC ${LIBS} ${SYSTEM_LIBS} ${CXX_LIB})
endfunction()

# libflowrt.a, libflowc.a (the compiler, for flowc and its tests) and flowc itself.
function(flow_programs)
  set(OBJECTS "")
  foreach(ROOM ${FLOW_RUNTIME_ROOMS})
    list(APPEND OBJECTS $<TARGET_OBJECTS:${ROOM}>)
  endforeach()
  # main of executables: a member of its own, taken only where no other main is.
  if(EXISTS ${CMAKE_SOURCE_DIR}/runtime/engine/main/main.c)
    list(APPEND OBJECTS ${CMAKE_SOURCE_DIR}/runtime/engine/main/main.c)
  endif()
  add_library(flowrt STATIC ${OBJECTS})
  target_include_directories(flowrt PRIVATE ${CMAKE_SOURCE_DIR}/runtime)
  target_compile_options(flowrt PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
  target_include_directories(flowrt INTERFACE ${CMAKE_SOURCE_DIR}/runtime)
  target_link_libraries(flowrt INTERFACE ${FLOW_RUNTIME_LIBS} m)

  set(OBJECTS "")
  foreach(ROOM ${FLOW_COMPILER_ROOMS})
    list(APPEND OBJECTS $<TARGET_OBJECTS:${ROOM}>)
  endforeach()
  if(OBJECTS)
    add_library(flowcompiler STATIC ${OBJECTS})
    target_include_directories(flowcompiler INTERFACE ${CMAKE_SOURCE_DIR}/compiler
                               ${CMAKE_BINARY_DIR}/generated)
    target_link_libraries(flowcompiler INTERFACE flowrt)
    if(TARGET flow_backend)
      flow_llvm_link(flowcompiler)
    endif()
  endif()
  if(EXISTS ${CMAKE_SOURCE_DIR}/compiler/driver/main/main.c)
    add_executable(flowc ${CMAKE_SOURCE_DIR}/compiler/driver/main/main.c)
    target_link_libraries(flowc PRIVATE flowcompiler flowrt)
    # Without relocations the 50 MB of a static LLVM need not be touched at every start: 3 ms of 13.
    target_link_options(flowc PRIVATE -Wl,--gc-sections -Wl,--as-needed -no-pie)
    target_compile_options(flowc PRIVATE ${FLOW_WARNINGS} ${FLOW_SAFETY})
    install(TARGETS flowc flowrt)
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/runtime/ DESTINATION include/flow
            FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/stdlib DESTINATION share/flow)
  endif()
endfunction()
