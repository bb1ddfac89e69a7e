/*
 * measure: runs a command and prints what it took: `WALL_US CPU_US PEAK_KIB CODE`.
 *
 *     measure COMMAND [ARGUMENT]...
 *
 * The output of the command is thrown away. A program of its own and this small, because the peak
 * that Linux reports of a child begins with that of the process that started it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void become(char *command[])
{
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execv(command[0], command);
    _exit(127);
}

int main(int argc, char *argv[])
{
    int status;
    struct rusage used;
    if (argc < 2)
        return 64;
    long long start_us = now_us();
    pid_t child = fork();
    if (child == 0)
        become(argv + 1);
    if (child < 0 || wait4(child, &status, 0, &used) != child)
        return 1;
    long long wall_us = now_us() - start_us;
    long long cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000LL +
                       used.ru_utime.tv_usec + used.ru_stime.tv_usec;
    printf("%lld %lld %ld %d\n", wall_us, cpu_us, used.ru_maxrss,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    return 0;
}
