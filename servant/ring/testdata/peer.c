/* One side of a ring as plain C with glibc's own semaphores plays it: commands
 * on standard input, one answer each on standard output. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { METADATA_SIZE = 0x08, METADATA_FREE = 0x10, PAYLOAD_SIZE = 0x20, FREE = 0x28,
       WRITE_POS = 0x30, READ_POS = 0x38, WRITTEN = 0x40, READ = 0x48, WRITER_PID = 0x50,
       READER_PID = 0x58, OIEB = 128 };

static uint8_t *mem;
static sem_t *sem_w, *sem_r;
static uint64_t sequence;

static uint64_t *field(int at) { return (uint64_t *)(mem + at); }
static uint64_t get(int at) { return __atomic_load_n(field(at), __ATOMIC_SEQ_CST); }
static void set(int at, uint64_t v) { __atomic_store_n(field(at), v, __ATOMIC_SEQ_CST); }
static uint8_t *ring(void) { return mem + OIEB + get(METADATA_SIZE); }

static void answer(const char *what)
{
	puts(what);
	fflush(stdout);
}

static void fail(const char *what)
{
	printf("failed %s: %s\n", what, strerror(errno));
	exit(1);
}

static sem_t *semaphore(const char *letter, const char *name, int create)
{
	char path[400];
	snprintf(path, sizeof path, "/sem-%s-%s", letter, name);
	sem_t *s = create ? sem_open(path, O_CREAT | O_EXCL, 0600, 0) : sem_open(path, 0);
	if (s == SEM_FAILED)
		fail(path);
	return s;
}

static void map(const char *name, int create, uint64_t metadata, uint64_t payload)
{
	char path[400];
	snprintf(path, sizeof path, "/%s", name);
	int fd = shm_open(path, O_RDWR | (create ? O_CREAT | O_EXCL : 0), 0600);
	struct stat st;
	if (fd < 0 || (create && ftruncate(fd, OIEB + metadata + payload)) || fstat(fd, &st))
		fail(path);
	mem = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mem == MAP_FAILED)
		fail("mmap");
	close(fd);
}

static void create(const char *name, uint64_t metadata, uint64_t payload)
{
	char path[400];
	mkdir("/tmp/zerobuffer", 01777);
	snprintf(path, sizeof path, "/tmp/zerobuffer/%s.lock", name);
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
		fail(path);
	sem_w = semaphore("w", name, 1);
	sem_r = semaphore("r", name, 1);
	map(name, 1, metadata, payload);
	*(uint32_t *)mem = OIEB;
	mem[4] = 1;
	set(METADATA_SIZE, metadata);
	set(METADATA_FREE, metadata);
	set(PAYLOAD_SIZE, payload);
	set(FREE, payload);
	set(READER_PID, getpid());
}

static void destroy(const char *name)
{
	char path[400];
	set(READER_PID, 0);
	sem_post(sem_r);
	snprintf(path, sizeof path, "/%s", name);
	shm_unlink(path);
	snprintf(path, sizeof path, "/sem-w-%s", name);
	sem_unlink(path);
	snprintf(path, sizeof path, "/sem-r-%s", name);
	sem_unlink(path);
	snprintf(path, sizeof path, "/tmp/zerobuffer/%s.lock", name);
	unlink(path);
}

/* Whether the wait ended with a token; otherwise it timed out. */
static int wait_for(sem_t *s, long ms)
{
	struct timespec until;
	int r;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	while ((r = ms < 0 ? sem_wait(s) : sem_timedwait(s, &until)) && errno == EINTR)
		;
	if (r && errno != ETIMEDOUT)
		fail("sem_wait");
	return !r;
}

static void write_frame(uint64_t n)
{
	uint64_t t = n + 16, size = get(PAYLOAD_SIZE), pos = get(WRITE_POS), tail = size - pos;
	while (get(FREE) < (tail >= t ? t : tail + t))
		wait_for(sem_r, -1);
	if (tail < t) {
		if (tail >= 16) {
			memset(ring() + pos, 0, 16);
			__atomic_fetch_add(field(WRITTEN), 1, __ATOMIC_SEQ_CST);
		}
		__atomic_fetch_sub(field(FREE), tail, __ATOMIC_SEQ_CST);
		pos = 0;
	}
	sequence++;
	memcpy(ring() + pos, &n, 8);
	memcpy(ring() + pos + 8, &sequence, 8);
	for (uint64_t i = 0; i < n; i++)
		ring()[pos + 16 + i] = (uint8_t)(i + sequence);
	set(WRITE_POS, pos + t);
	__atomic_fetch_add(field(WRITTEN), 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_sub(field(FREE), t, __ATOMIC_SEQ_CST);
	sem_post(sem_w);
}

static void read_frame(long ms)
{
	uint64_t n, s, t, size = get(PAYLOAD_SIZE), pos = get(READ_POS), wasted = 0;
	if (!wait_for(sem_w, ms)) {
		answer("timeout");
		return;
	}
	if (size - pos >= 16) {
		memcpy(&n, ring() + pos, 8);
		memcpy(&s, ring() + pos + 8, 8);
	}
	if (size - pos < 16 || (n == 0 && s == 0)) {
		wasted = size - pos;
		if (wasted >= 16)
			set(READ, get(READ) + 1);
		pos = 0;
		memcpy(&n, ring(), 8);
		memcpy(&s, ring() + 8, 8);
	}
	for (uint64_t i = 0; i < n; i++)
		if (ring()[pos + 16 + i] != (uint8_t)(i + s)) {
			printf("failed byte %lu of frame %lu\n", (unsigned long)i, (unsigned long)s);
			exit(1);
		}
	t = n + 16;
	set(READ_POS, pos + t == size ? 0 : pos + t);
	set(READ, get(READ) + 1);
	__atomic_fetch_add(field(FREE), t + wasted, __ATOMIC_SEQ_CST);
	sem_post(sem_r);
	printf("ok %lu %lu\n", (unsigned long)s, (unsigned long)n);
	fflush(stdout);
}

int main(void)
{
	char verb[32], name[300] = "";
	long a, b;
	while (scanf("%31s", verb) == 1) {
		int v;
		if (!strcmp(verb, "create") && scanf("%299s %ld %ld", name, &a, &b) == 3) {
			create(name, a, b);
			answer("ok");
		} else if (!strcmp(verb, "connect") && scanf("%299s", name) == 1) {
			sem_w = semaphore("w", name, 0);
			sem_r = semaphore("r", name, 0);
			map(name, 0, 0, 0);
			set(WRITER_PID, getpid());
			answer("ok");
		} else if (!strcmp(verb, "write") && scanf("%ld", &a) == 1) {
			write_frame(a);
			answer("ok");
		} else if (!strcmp(verb, "read") && scanf("%ld", &a) == 1) {
			read_frame(a);
		} else if (!strcmp(verb, "wait") && scanf(" %31s %ld", verb, &a) == 2) {
			answer(wait_for(*verb == 'w' ? sem_w : sem_r, a) ? "ok" : "timeout");
		} else if (!strcmp(verb, "post") && scanf(" %31s", verb) == 1) {
			sem_post(*verb == 'w' ? sem_w : sem_r);
			answer("ok");
		} else if (!strcmp(verb, "value") && scanf(" %31s", verb) == 1) {
			sem_getvalue(*verb == 'w' ? sem_w : sem_r, &v);
			printf("ok %d\n", v);
			fflush(stdout);
		} else if (!strcmp(verb, "close")) {
			if (get(WRITER_PID) == (uint64_t)getpid())
				set(WRITER_PID, 0);
			else
				destroy(name);
			answer("ok");
		} else {
			answer("failed: unknown command");
		}
	}
	return 0;
}
