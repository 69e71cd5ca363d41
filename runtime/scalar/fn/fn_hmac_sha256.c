// hmac_sha256: the authentication code of the first argument under the key that is the second, in
// lower-case hex (RFC 2104).
//
// example: hmac_sha256("what do ya want for nothing?", "Jefe") == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
#include "scalar/fn/fn.h"

#include <nettle/hmac.h>

BUILTIN_FUNCTION(hmac_sha256) {
    struct hmac_sha256_ctx state;
    uint8_t digest[SHA256_DIGEST_SIZE];
    FlowView key = args[1].view;
    hmac_sha256_set_key(&state, key.length, (const uint8_t *)flow_view_data(&key));
    hmac_sha256_update(&state, args[0].view.length, (const uint8_t *)flow_view_data(&args[0].view));
    hmac_sha256_digest(&state, sizeof(digest), digest);
    result->view = hex_text(ctx, digest, sizeof(digest), false);
    return FLOW_VALUE_OK;
}
