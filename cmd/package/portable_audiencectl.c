/*
 * Linked into the portable audiencectl in place of libgit2's network transports, so that neither
 * they nor the TLS, SSH and Kerberos libraries that they need are in it. The program reads objects
 * with libgit2 and leaves the network to git(1); a transport that is asked for all the same fails.
 */
#include <stdbool.h>

/* libgit2's own declarations are not public. What is here is called with other parameters, which
 * are not looked at. */
int git_mbedtls_stream_global_init(void);
int git_mbedtls_stream_new(void);
int git_mbedtls_stream_wrap(void);
int git_mbedtls__set_cert_location(void);
int git_mbedtls__set_cert_buf(void);
int git_transport_ssh_global_init(void);
int git_transport_ssh_libssh2_global_init(void);
int git_smart_subtransport_git(void);
int git_smart_subtransport_http(void);
int git_smart_subtransport_ssh(void);

extern bool git_http__expect_continue;
bool git_http__expect_continue = false;

int git_mbedtls_stream_global_init(void)
{
    return 0;
}

int git_transport_ssh_global_init(void)
{
    return 0;
}

int git_transport_ssh_libssh2_global_init(void)
{
    return 0;
}

int git_mbedtls_stream_new(void)
{
    return -1;
}

int git_mbedtls_stream_wrap(void)
{
    return -1;
}

int git_mbedtls__set_cert_location(void)
{
    return -1;
}

int git_mbedtls__set_cert_buf(void)
{
    return -1;
}

int git_smart_subtransport_git(void)
{
    return -1;
}

int git_smart_subtransport_http(void)
{
    return -1;
}

int git_smart_subtransport_ssh(void)
{
    return -1;
}
