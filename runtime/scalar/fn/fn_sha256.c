// sha256: the digest of bytes or of a text's UTF-8, in lower-case hex.
//
// example: sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
// example: sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#include "scalar/fn/fn.h"

#include <nettle/sha2.h>

BUILTIN_FUNCTION(sha256) {
    struct sha256_ctx state;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&state);
    sha256_update(&state, args[0].view.length, (const uint8_t *)flow_view_data(&args[0].view));
    sha256_digest(&state, sizeof(digest), digest);
    result->view = hex_text(ctx, digest, sizeof(digest), false);
    return FLOW_VALUE_OK;
}
