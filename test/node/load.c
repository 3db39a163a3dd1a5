/*
 * What the pods of the tests do, one known cause at a time. One static program: `load <what> <arguments>`.
 *
 *   wait                          nothing, for ever; ends with code 0 when told to
 *   burn [processes]              CPU, for ever
 *   hold <MiB>                    touches so much memory and keeps it
 *   exhaust [children]            touches memory until it is killed; or its children do, and their end is waited for
 *   read <file> <times>           reads a file to its end, then waits
 *   write <file> <KiB>            writes a file and syncs it, then waits
 *   send <address> <port> <n>     n UDP datagrams of 64 bytes
 *   receive <port>                counts datagrams and prints the count each second
 *   exit <code>
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MiB = 1 << 20, PAGE = 4096 };

static int argument(char **arguments, int at, int otherwise)
{
	return arguments[at] ? atoi(arguments[at]) : otherwise;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void end(int signal)
{
	(void)signal;
	_exit(0);
}

/* The first process of a container is sent no signal that it does not handle, and gets the orphans of all others. */
static void wait_for_ever(void)
{
	printf("done\n");
	fflush(stdout);
	signal(SIGTERM, end);
	signal(SIGINT, end);
	signal(SIGCHLD, SIG_IGN);
	for (;;)
		pause();
}

static void burn(int processes)
{
	signal(SIGTERM, end);
	while (--processes > 0 && fork() != 0)
		;
	for (volatile unsigned long i = 0;; i++)
		;
}

/* Every page gets content of its own. */
static void touch(int mebibytes)
{
	for (int i = 0; i < mebibytes; i++) {
		char *block = malloc(MiB);
		if (!block)
			fail("malloc");
		for (int at = 0; at < MiB; at += PAGE)
			block[at] = (char)(i + at + 1);
	}
}

static void exhaust(int children)
{
	if (children == 0)
		for (;;)
			touch(1);
	for (int i = 0; i < children; i++)
		if (fork() == 0)
			for (;;)
				touch(1);
	for (int status; wait(&status) > 0;) {
		printf("killed by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
		fflush(stdout);
	}
	wait_for_ever();
}

static void read_file(const char *path, int times)
{
	static char buffer[64 * 1024];
	for (int i = 0; i < times; i++) {
		int file = open(path, O_RDONLY);
		if (file < 0)
			fail(path);
		while (read(file, buffer, sizeof buffer) > 0)
			;
		close(file);
	}
}

static void write_file(const char *path, int kibibytes)
{
	static char buffer[1024];
	memset(buffer, 'x', sizeof buffer);
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (file < 0)
		fail(path);
	for (int i = 0; i < kibibytes; i++)
		if (write(file, buffer, sizeof buffer) != sizeof buffer)
			fail(path);
	if (fsync(file) != 0)
		fail(path);
	close(file);
}

static struct sockaddr_in at_port(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	return address;
}

static void send_datagrams(const char *host, int port, int count)
{
	static const char content[64];
	struct sockaddr_in to = at_port(port);
	int sender = socket(AF_INET, SOCK_DGRAM, 0);
	if (sender < 0 || inet_pton(AF_INET, host, &to.sin_addr) != 1)
		fail(host);
	for (int i = 0; i < count; i++) {
		if (sendto(sender, content, sizeof content, 0, (struct sockaddr *)&to, sizeof to) < 0)
			fail("sendto");
		/* On one processor the receiver's buffer is full after some thousand. */
		sched_yield();
	}
}

static void receive(int port)
{
	static char content[2048];
	struct sockaddr_in own = at_port(port);
	struct timeval second = { .tv_sec = 1 };
	int receiver = socket(AF_INET, SOCK_DGRAM, 0);
	if (receiver < 0 || bind(receiver, (struct sockaddr *)&own, sizeof own) != 0)
		fail("bind");
	setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
	signal(SIGTERM, end);
	for (long count = 0, told = -1;;) {
		if (recv(receiver, content, sizeof content, 0) >= 0) {
			count++;
		} else if (count != told) {
			printf("%ld\n", count);
			fflush(stdout);
			told = count;
		}
	}
}

int main(int count, char **arguments)
{
	const char *what = count > 1 ? arguments[1] : "";
	char **rest = arguments + 2;
	if (strcmp(what, "wait") == 0)
		wait_for_ever();
	if (strcmp(what, "burn") == 0)
		burn(argument(rest, 0, 1));
	if (strcmp(what, "hold") == 0 && count > 2) {
		touch(atoi(rest[0]));
		wait_for_ever();
	}
	if (strcmp(what, "exhaust") == 0)
		exhaust(argument(rest, 0, 0));
	if (strcmp(what, "read") == 0 && count > 2) {
		read_file(rest[0], argument(rest, 1, 1));
		wait_for_ever();
	}
	if (strcmp(what, "write") == 0 && count > 3) {
		write_file(rest[0], atoi(rest[1]));
		wait_for_ever();
	}
	if (strcmp(what, "send") == 0 && count > 4) {
		send_datagrams(rest[0], atoi(rest[1]), atoi(rest[2]));
		return 0;
	}
	if (strcmp(what, "receive") == 0 && count > 2)
		receive(atoi(rest[0]));
	if (strcmp(what, "exit") == 0)
		return argument(rest, 0, 0);
	fprintf(stderr, "load: not known: %s\n", what);
	return 2;
}
