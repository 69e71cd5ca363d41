# cmake -DINPUT=… -DOUTPUT=… -DNAME=… -P embed.cmake: a file's bytes as a C array.
file(READ ${INPUT} BYTES HEX)
string(REGEX REPLACE "(..)" "0x\\1," BYTES "${BYTES}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" BYTES "${BYTES}")
file(WRITE ${OUTPUT}
"#include <stddef.h>
extern const unsigned char ${NAME}[];
extern const size_t ${NAME}_bytes;
const unsigned char ${NAME}[] = {
${BYTES}};
const size_t ${NAME}_bytes = sizeof(${NAME});
")
