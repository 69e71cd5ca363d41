# cmake -DMODULES=… -DOUTPUT=… -P stdlib.cmake: the modules of the standard library as rows
# MODULE(name, text) of C.
file(GLOB FILES ${MODULES}/*.flow)
list(SORT FILES)
set(ROWS "// Made from stdlib.\n")
foreach(FILE ${FILES})
  get_filename_component(NAME ${FILE} NAME_WE)
  file(READ ${FILE} TEXT)
  string(REPLACE "\\" "\\\\" TEXT "${TEXT}")
  string(REPLACE "\"" "\\\"" TEXT "${TEXT}")
  string(REPLACE "\n" "\\n\"\n\"" TEXT "${TEXT}")
  string(APPEND ROWS "MODULE(\"${NAME}\",\n\"${TEXT}\")\n")
endforeach()
file(WRITE ${OUTPUT} "${ROWS}")
