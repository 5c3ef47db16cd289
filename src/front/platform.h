/*
 * What the front needs from the operating system; platform-posix.c and platform-windows.c have it. Strings are UTF-8. A negative
 * result is an error number, which platform_error explains.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stddef.h>
#include <stdint.h>

/* As process.platform. */
extern const char platform_name[];

/* Sees to the standard streams, and keeps what the process has been started with. */
void platform_start(int argc, char **argv);
_Noreturn void platform_exit(int code);

/* The path of this executable, behind links; NULL if it is unknown. */
const char *platform_executable(void);
char **platform_arguments(int *count);
/* Entries NAME=VALUE, and NULL. */
char **platform_environment(void);
/* The home directory of the user database; NULL without an entry. */
const char *platform_home(void);
const char *platform_host_name(void);
int platform_process_id(void);
/* -1 where users have no numbers. */
int64_t platform_user_id(void);

/* For reading; flags as in fcntl.h. */
int64_t platform_open(const char *path, int flags);
int64_t platform_close(int descriptor);
int64_t platform_read(int descriptor, uint8_t *bytes, size_t length);
int64_t platform_write(int descriptor, const uint8_t *bytes, size_t length);
int platform_is_terminal(int descriptor);

enum { STAT_INO, STAT_MODE, STAT_UID, STAT_GID, STAT_SIZE, STAT_MTIME_MS, STAT_DEV, STAT_FIELDS };

int64_t platform_stat(const char *path, int follows_links, double fields[STAT_FIELDS]);
int64_t platform_fstat(int descriptor, double fields[STAT_FIELDS]);
/* @returns the length of the target, which is not terminated */
int64_t platform_readlink(const char *path, char *target, size_t size);

/* Milliseconds of a clock that never jumps. */
double platform_clock(void);
void platform_sleep(double milliseconds);
#ifdef _WIN32
/* Minutes from local time to UTC, at a time in milliseconds since 1970: the engine's function knows that of today only. */
int platform_timezone_offset(double time);
#endif

/* Whether Ctrl-C ends the process with the exit code 130, or as it does by default. */
void platform_handle_interrupt(int is_handled);

/*
 * Leaves the rest of the run to a program: with the arguments of this process as they are, after `word` if it is not NULL, and
 * with its environment and streams. Returns on failure only.
 */
int64_t platform_become(const char *program, const char *word);

/* The code and the message of Node for an error number; NULL if it has none. */
const char *platform_error(int number, const char **message);

#endif
