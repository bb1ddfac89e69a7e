/*
 * Linked into the portable audience-sandbox, which serves no TLS, in place of GnuTLS: libmicrohttpd
 * initialises it at the start, and calls the rest only for a server with TLS.
 */
#include <stdlib.h>

int portable_tls_init(void);
_Noreturn void portable_tls_call(void);

int portable_tls_init(void)
{
    return 0;
}

_Noreturn void portable_tls_call(void)
{
    abort();
}
