/*
 * redact.h: makes credentials unreadable in text that someone else wrote: a server, a library, the
 * environment, a mistyped operand.
 *
 * What is masked: the user-info of whatever looks like a URL or a proxy, well-formed or not, and
 * the credentials in the environment's proxy variables wherever they occur. Known secrets (the API
 * key, a token) are for rcn_secret_redact.
 */
#ifndef RCN_BASE_REDACT_H
#define RCN_BASE_REDACT_H

/*
 * In place: `u:p` of `https://u:p@h/x` becomes three stars, or fewer where it is shorter. A user
 * name alone is kept where it is no credential: `git@host:path`, `ssh://me@host`.
 */
void rcn_redact(char *text);

#endif
