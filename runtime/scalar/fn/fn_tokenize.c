// tokenize: a token that stands for a text: the same under the same key, and of no use without it.
// The first 128 bits of hmac_sha256, in lower-case hex.
//
// example: tokenize("ada@example.com", "k1") == substr(hmac_sha256("ada@example.com", "k1"), 1, 32)
// example: tokenize("a", "k1") != tokenize("a", "k2")
#include "scalar/fn/fn.h"

#include <nettle/hmac.h>

BUILTIN_FUNCTION(tokenize) {
    enum { TOKEN_BYTES = 16 };
    struct hmac_sha256_ctx state;
    uint8_t digest[SHA256_DIGEST_SIZE];
    FlowView key = args[1].view;
    hmac_sha256_set_key(&state, key.length, (const uint8_t *)flow_view_data(&key));
    hmac_sha256_update(&state, args[0].view.length, (const uint8_t *)flow_view_data(&args[0].view));
    hmac_sha256_digest(&state, sizeof(digest), digest);
    result->view = hex_text(ctx, digest, TOKEN_BYTES, false);
    return FLOW_VALUE_OK;
}
