/*
 * redact.h: makes credentials unreadable in text that someone else wrote: the secrets of this
 * process (the API key, a token), the credentials in the environment's proxy variables, and the
 * user-info of whatever looks like a URL or a proxy, well-formed or not.
 *
 * Messages of struct rcn_error are masked when they are set; whoever prints other text that may
 * quote an operand, a server or a library masks it.
 */
#ifndef RCN_BASE_REDACT_H
#define RCN_BASE_REDACT_H

/*
 * In place: `u:p` of `https://u:p@h/x` becomes three stars, or fewer where it is shorter. A user
 * name alone is kept where it is no credential: `git@host:path`, `ssh://me@host`.
 */
void rcn_redact(char *text);

/* Masks the secrets alone: for answers that are kept, in which names may look like URLs. */
void rcn_redact_secrets(char *text);

/*
 * From now on rcn_redact masks this too, except where it is shorter than six bytes. rcn_secret_init
 * calls it. Not thread-safe: call it before threads start.
 */
void rcn_redact_add_secret(const char *secret);

/* The same for what a login over HTTP looks like in a header: the base64 of `user:password`. */
void rcn_redact_add_login(const char *user, const char *password);

#endif
