/*
 * The floor under a cycle: reads the files that the agent reads, under the same descriptor policy, and does nothing with them.
 *
 *   floor PERIOD_MS CYCLES RARE_EVERY < list
 *
 * Each line of the list is one file: "K path" is opened once and read at position 0 every cycle, "O path" is opened, read and
 * closed every cycle, "R path" is opened, read and closed every RARE_EVERY cycles. Prints the CPU nanoseconds of each cycle, a line each.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_FILES 262144

struct file {
    char how;
    int fd;
    char *path;
};

static struct file files[MAX_FILES];
static char buffer[1 << 16];

static void read_whole(int fd, int single) {
    off_t at = 0;
    for (;;) {
        ssize_t n = pread(fd, buffer, sizeof buffer, at);
        if (n <= 0 || single) return;
        at += n;
    }
}

static long long cpu_nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: floor PERIOD_MS CYCLES RARE_EVERY < list\n");
        return 2;
    }
    long period = atol(argv[1]), cycles = atol(argv[2]), rare_every = atol(argv[3]);
    int count = 0;
    char *line = NULL;
    size_t size = 0;
    while (count < MAX_FILES && getline(&line, &size, stdin) > 2) {
        line[strcspn(line, "\n")] = 0;
        struct file *f = &files[count];
        f->how = line[0];
        f->path = strdup(line + 2);
        f->fd = f->how == 'K' ? open(f->path, O_RDONLY | O_CLOEXEC) : -1;
        if (f->how == 'K' && f->fd < 0) {
            perror(f->path);
            return 1;
        }
        count++;
    }
    struct timespec due;
    clock_gettime(CLOCK_MONOTONIC, &due);
    for (long cycle = 0; cycle < cycles; cycle++) {
        long long before = cpu_nanoseconds();
        for (int i = 0; i < count; i++) {
            struct file *f = &files[i];
            if (f->how == 'K') {
                read_whole(f->fd, 1);
                continue;
            }
            if (f->how == 'R' && (cycle + i) % rare_every != 0) continue;
            int fd = open(f->path, O_RDONLY | O_CLOEXEC);
            if (fd < 0) continue;
            read_whole(fd, strncmp(f->path, "/proc/", 6) != 0);
            close(fd);
        }
        printf("%lld\n", cpu_nanoseconds() - before);
        due.tv_nsec += period % 1000 * 1000000;
        due.tv_sec += period / 1000 + due.tv_nsec / 1000000000;
        due.tv_nsec %= 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    }
    return 0;
}
