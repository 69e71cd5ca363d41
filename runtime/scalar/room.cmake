# The time zones of the machine that builds, in one file that zone.c takes in.
add_executable(zone_pack ${CMAKE_SOURCE_DIR}/cmake/zone_pack.c)
set(FLOW_ZONES /usr/share/zoneinfo CACHE PATH "compiled time zones (Debian: tzdata)")
set(FLOW_ZONE_PACK ${CMAKE_BINARY_DIR}/generated/zones.bin)
add_custom_command(OUTPUT ${FLOW_ZONE_PACK}
                   COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/generated
                   COMMAND zone_pack ${FLOW_ZONES} ${FLOW_ZONE_PACK}
                   DEPENDS zone_pack VERBATIM)
target_sources(flow_scalar PRIVATE ${FLOW_ZONE_PACK})
set_source_files_properties(${CMAKE_SOURCE_DIR}/runtime/scalar/zone_data.c PROPERTIES
                            COMPILE_DEFINITIONS FLOW_ZONE_PACK="${FLOW_ZONE_PACK}"
                            OBJECT_DEPENDS ${FLOW_ZONE_PACK})
