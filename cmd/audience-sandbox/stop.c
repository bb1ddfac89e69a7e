#include "stop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#ifndef POLLRDHUP
#define POLLRDHUP POLLHUP
#endif

int sbx_stop_init(struct sbx_stop *stop, struct rcn_error *err)
{
    int ends[2];
    if (pipe(ends))
        return rcn_error_set(err, RCN_ERROR_FAILED, "cannot make a pipe: %s", strerror(errno));
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    *stop = (struct sbx_stop){.read_fd = ends[0], .write_fd = ends[1]};
    return 0;
}

void sbx_stop_now(struct sbx_stop *stop)
{
    if (stop->write_fd >= 0)
        close(stop->write_fd);
    stop->write_fd = -1;
}

void sbx_stop_release(struct sbx_stop *stop)
{
    sbx_stop_now(stop);
    close(stop->read_fd);
}

static int poll_timeout(int64_t left_ms)
{
    if (left_ms < 0)
        return 0;
    return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

bool sbx_stop_wait(const struct sbx_stop *stop, int64_t wait_ms, int fd)
{
    int64_t end_ms = rcn_clock_steady_ms() + wait_ms;
    for (;;) {
        int64_t left_ms = end_ms - rcn_clock_steady_ms();
        struct pollfd fds[2] = {{.fd = stop->read_fd, .events = POLLIN},
                                {.fd = fd, .events = POLLRDHUP}};
        int ready = poll(fds, 2, poll_timeout(left_ms));
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return false;
        if (ready == 0 && left_ms <= INT_MAX)
            return true;
    }
}
