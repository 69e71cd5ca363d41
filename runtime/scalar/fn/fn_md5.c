// md5: the digest of bytes or of a text's UTF-8, in lower-case hex.
//
// example: md5("") == "d41d8cd98f00b204e9800998ecf8427e"
// example: md5("Flow") == md5(unbase64("Rmxvdw=="))
#include "scalar/fn/fn.h"

#include <nettle/md5.h>

BUILTIN_FUNCTION(md5) {
    struct md5_ctx state;
    uint8_t digest[MD5_DIGEST_SIZE];
    md5_init(&state);
    md5_update(&state, args[0].view.length, (const uint8_t *)flow_view_data(&args[0].view));
    md5_digest(&state, sizeof(digest), digest);
    result->view = hex_text(ctx, digest, sizeof(digest), false);
    return FLOW_VALUE_OK;
}
