/*
 * git_fetch.h: brings one commit of a remote repository into the cache, and nothing more than it
 * needs. The refs of the remote are listed first; when the cache has what the wanted one names,
 * nothing is fetched.
 *
 * Credentials: for HTTPS the token, offered once, to the host of the URL (a redirect to another
 * host is refused); for SSH the agent or a key file, after the host key was found in
 * ~/.ssh/known_hosts. None of them gets into the cache.
 */
#ifndef RCN_SOURCE_GIT_FETCH_H
#define RCN_SOURCE_GIT_FETCH_H

#include "source/git_cache.h"
#include "source/git_child.h"
#include "source/git_url.h"
#include "source/source.h"

struct rcn_git_fetch {
    const struct rcn_git_options *options;
    const struct rcn_git_url *url;
    const struct rcn_git_cache *cache;
};

/* An rcn_git_work; context is a struct rcn_git_fetch. */
void rcn_git_fetch_run(void *context, struct rcn_git_line *line, struct rcn_git_outcome *ret);

#endif
