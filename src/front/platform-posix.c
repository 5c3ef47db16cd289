/* The front on Linux and macOS. */
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#define st_mtim st_mtimespec
#endif

extern char **environ;

#ifdef __APPLE__
const char platform_name[] = "darwin";
#else
const char platform_name[] = "linux";
#endif

static int argument_count;
static char **arguments;

static int64_t result(int64_t value) {
  return value < 0 ? -errno : value;
}

void platform_start(int argc, char **argv) {
  /* A file that is opened must not become stdout. As in Node, a closed stream is /dev/null. */
  for (int descriptor = 0; descriptor <= 2; descriptor++) {
    if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", O_RDWR) != descriptor) _exit(255);
  }
  argument_count = argc;
  arguments = argv;
  /* A closed pipe is an error of write, as in Node. */
  signal(SIGPIPE, SIG_IGN);
}

_Noreturn void platform_exit(int code) {
  _exit(code);
}

const char *platform_executable(void) {
  static char path[PATH_MAX];
#ifdef __APPLE__
  char name[PATH_MAX];
  uint32_t size = sizeof name;
  return _NSGetExecutablePath(name, &size) == 0 ? realpath(name, path) : NULL;
#else
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  /* Without /proc. */
  if (length < 0) return argument_count > 0 && arguments[0][0] == '/' ? arguments[0] : NULL;
  path[length] = 0;
  return path;
#endif
}

char **platform_arguments(int *count) {
  *count = argument_count;
  return arguments;
}

char **platform_environment(void) {
  return environ;
}

#ifdef __APPLE__
const char *platform_home(void) {
  struct passwd *entry = getpwuid(getuid());
  return entry ? entry->pw_dir : NULL;
}
#else
const char *platform_home(void) {
  /* Not getpwuid: in a static executable glibc would load its modules for other user databases. */
  FILE *users = fopen("/etc/passwd", "re");
  struct passwd *entry = NULL;
  while (users && (entry = fgetpwent(users)) && entry->pw_uid != getuid()) {}
  const char *home = entry ? strdup(entry->pw_dir) : NULL;
  if (users) fclose(users);
  return home;
}
#endif

const char *platform_host_name(void) {
  static char name[256];
  gethostname(name, sizeof name - 1);
  return name;
}

int platform_process_id(void) {
  return getpid();
}

int64_t platform_user_id(void) {
  return getuid();
}

int64_t platform_open(const char *path, int flags) {
  /* Nothing is created: what writes is the full program. */
  return result(open(path, (flags & ~(O_CREAT | O_TRUNC)) | O_CLOEXEC));
}

int64_t platform_close(int descriptor) {
  return result(close(descriptor));
}

int64_t platform_read(int descriptor, uint8_t *bytes, size_t length) {
  ssize_t count;
  do count = read(descriptor, bytes, length);
  while (count < 0 && errno == EINTR);
  return result(count);
}

int64_t platform_write(int descriptor, const uint8_t *bytes, size_t length) {
  ssize_t count;
  do count = write(descriptor, bytes, length);
  while (count < 0 && errno == EINTR);
  return result(count);
}

int platform_is_terminal(int descriptor) {
  return isatty(descriptor);
}

static int64_t stat_result(int status, const struct stat *stats, double fields[STAT_FIELDS]) {
  if (status < 0) return result(status);
  fields[STAT_INO] = stats->st_ino;
  fields[STAT_MODE] = stats->st_mode;
  fields[STAT_UID] = stats->st_uid;
  fields[STAT_GID] = stats->st_gid;
  fields[STAT_SIZE] = stats->st_size;
  fields[STAT_MTIME_MS] = stats->st_mtim.tv_sec * 1000.0 + stats->st_mtim.tv_nsec / 1e6;
  fields[STAT_DEV] = stats->st_dev;
  return 0;
}

int64_t platform_stat(const char *path, int follows_links, double fields[STAT_FIELDS]) {
  struct stat stats;
  int status = follows_links ? stat(path, &stats) : lstat(path, &stats);
  return stat_result(status, &stats, fields);
}

int64_t platform_fstat(int descriptor, double fields[STAT_FIELDS]) {
  struct stat stats;
  int status = fstat(descriptor, &stats);
  return stat_result(status, &stats, fields);
}

int64_t platform_readlink(const char *path, char *target, size_t size) {
  return result(readlink(path, target, size));
}

double platform_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000.0 + now.tv_nsec / 1e6;
}

void platform_sleep(double milliseconds) {
  struct timespec time = { (time_t)(milliseconds / 1000), (long)(milliseconds * 1e6) % 1000000000L };
  nanosleep(&time, NULL);
}

static void interrupted(int signal) {
  (void)signal;
  _exit(130);
}

void platform_handle_interrupt(int is_handled) {
  struct sigaction action = { .sa_handler = is_handled ? interrupted : SIG_DFL };
  sigaction(SIGINT, &action, NULL);
}

/* Replaces this process. */
int64_t platform_become(const char *program, const char *word) {
  char **words = calloc(argument_count + 3, sizeof *words);
  if (!words) return -ENOMEM;
  int count = 0;
  /* The full program has the name by which this one was started. */
  words[count++] = word || argument_count == 0 ? (char *)program : arguments[0];
  if (word) words[count++] = (char *)word;
  for (int i = 1; i < argument_count; i++) words[count++] = arguments[i];
  execve(program, words, environ);
  int64_t error = -errno;
  free(words);
  return error;
}

const char *platform_error(int number, const char **message) {
#define ERROR(name, text) { name, #name, text }
  static const struct { int number; const char *code, *message; } errors[] = {
    ERROR(E2BIG, "argument list too long"), ERROR(EACCES, "permission denied"),
    ERROR(EAGAIN, "resource temporarily unavailable"), ERROR(EBADF, "bad file descriptor"),
    ERROR(EBUSY, "resource busy or locked"), ERROR(EFAULT, "bad address in system call argument"),
    ERROR(EFBIG, "file too large"), ERROR(EINTR, "interrupted system call"), ERROR(EINVAL, "invalid argument"),
    ERROR(EIO, "i/o error"), ERROR(EISDIR, "illegal operation on a directory"),
    ERROR(ELOOP, "too many symbolic links encountered"), ERROR(EMFILE, "too many open files"),
    ERROR(ENAMETOOLONG, "name too long"), ERROR(ENFILE, "file table overflow"), ERROR(ENODEV, "no such device"),
    ERROR(ENOENT, "no such file or directory"), ERROR(ENOEXEC, "exec format error"), ERROR(ENOMEM, "not enough memory"),
    ERROR(ENOSPC, "no space left on device"), ERROR(ENOTDIR, "not a directory"),
    ERROR(ENXIO, "no such device or address"), ERROR(EOVERFLOW, "value too large for defined data type"),
    ERROR(EPERM, "operation not permitted"), ERROR(EPIPE, "broken pipe"), ERROR(EROFS, "read-only file system"),
    ERROR(ESTALE, "stale file handle"), ERROR(ETIMEDOUT, "connection timed out"), ERROR(ETXTBSY, "text file is busy"),
  };
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
    if (errors[i].number != number) continue;
    *message = errors[i].message;
    return errors[i].code;
  }
  return NULL;
}
