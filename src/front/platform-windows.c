/* The front on Windows. Text is converted between UTF-8 and UTF-16; Windows itself never sees bytes in a code page. */
#include "platform.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

const char platform_name[] = "win32";

/* winerror.h of mingw-w64 lacks it. */
#ifndef ERROR_ELEVATION_REQUIRED
#define ERROR_ELEVATION_REQUIRED 740L
#endif

/* The arguments are those of the command line as it is: the C library must not replace `*` and `?`. */
int _dowildcard = 0;

/*
 * What -fstack-protector and _FORTIFY_SOURCE need. GCC's own opens a cryptographic provider at every start, which takes longer
 * than a token; this one is unpredictable as Visual C++'s is.
 * https://learn.microsoft.com/cpp/c-runtime-library/reference/security-init-cookie
 */
uintptr_t __stack_chk_guard;

__attribute__((constructor, no_stack_protector)) static void choose_stack_guard(void) {
  FILETIME now;
  LARGE_INTEGER counter;
  GetSystemTimeAsFileTime(&now);
  QueryPerformanceCounter(&counter);
  uint64_t guard = ((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime) ^ (uint64_t)counter.QuadPart << 24;
  guard ^= (uint64_t)GetCurrentProcessId() << 40 ^ (uint64_t)GetCurrentThreadId() << 8;
  /* Where the stack and the program are is random. */
  guard ^= (uintptr_t)&counter ^ (uintptr_t)choose_stack_guard << 16;
  __stack_chk_guard = guard * 0x9e3779b97f4a7c15;
}

_Noreturn void __stack_chk_fail(void) {
  TerminateProcess(GetCurrentProcess(), STATUS_STACK_BUFFER_OVERRUN);
  __builtin_trap();
}

_Noreturn void __chk_fail(void) {
  __stack_chk_fail();
}

/* A mode of files, as in sys/stat.h of other systems. */
#define MODE_FILE 0100000
#define MODE_DIRECTORY 0040000
#define MODE_LINK 0120000
#define MODE_PIPE 0010000
#define MODE_DEVICE 0020000

/* Between 1601, where the times of Windows begin, and 1970. */
#define EPOCH_MS 11644473600000.0

/* A prefix for paths of any length. https://learn.microsoft.com/windows/win32/fileio/naming-a-file#win32-file-namespaces */
#define LONG_PREFIX L"\\\\?\\"
#define LONG_UNC_PREFIX L"\\\\?\\UNC\\"

/* What libuv makes of the errors of Windows: its numbers, and the names and messages that Node shows.
 * https://github.com/libuv/libuv/blob/v1.46.0/src/win/error.c, include/uv/errno.h and include/uv.h */
static const struct { int number; const char *code, *message; DWORD windows[12]; } errors[] = {
  { 4093, "E2BIG", "argument list too long", { 0 } },
  { 4092, "EACCES", "permission denied", { ERROR_NOACCESS, ERROR_ELEVATION_REQUIRED, ERROR_CANT_ACCESS_FILE } },
  { 4088, "EAGAIN", "resource temporarily unavailable", { 0 } },
  { 4083, "EBADF", "bad file descriptor", { ERROR_INVALID_FLAGS, ERROR_INVALID_HANDLE } },
  { 4082, "EBUSY", "resource busy or locked", { ERROR_LOCK_VIOLATION, ERROR_PIPE_BUSY, ERROR_SHARING_VIOLATION } },
  { 4071, "EINVAL", "invalid argument", { ERROR_INVALID_PARAMETER, ERROR_INVALID_DATA, ERROR_INSUFFICIENT_BUFFER } },
  { 4070, "EIO", "i/o error",
    { ERROR_CRC, ERROR_GEN_FAILURE, ERROR_IO_DEVICE, ERROR_READ_FAULT, ERROR_WRITE_FAULT, ERROR_OPEN_FAILED } },
  { 4068, "EISDIR", "illegal operation on a directory", { ERROR_INVALID_FUNCTION } },
  { 4067, "ELOOP", "too many symbolic links encountered", { ERROR_CANT_RESOLVE_FILENAME } },
  { 4066, "EMFILE", "too many open files", { ERROR_TOO_MANY_OPEN_FILES } },
  { 4064, "ENAMETOOLONG", "name too long", { ERROR_FILENAME_EXCED_RANGE } },
  { 4058, "ENOENT", "no such file or directory",
    { ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, ERROR_BAD_PATHNAME, ERROR_DIRECTORY, ERROR_INVALID_NAME,
      ERROR_INVALID_DRIVE, ERROR_INVALID_REPARSE_DATA, ERROR_BAD_NETPATH, ERROR_BAD_NET_NAME, ERROR_MOD_NOT_FOUND } },
  { 4057, "ENOMEM", "not enough memory", { ERROR_NOT_ENOUGH_MEMORY, ERROR_OUTOFMEMORY } },
  { 4055, "ENOSPC", "no space left on device", { ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL, ERROR_CANNOT_MAKE } },
  { 4049, "ENOTSUP", "operation not supported on socket", { ERROR_NOT_SUPPORTED } },
  { 4048, "EPERM", "operation not permitted", { ERROR_ACCESS_DENIED, ERROR_PRIVILEGE_NOT_HELD } },
  { 4047, "EPIPE", "broken pipe", { ERROR_BROKEN_PIPE, ERROR_BAD_PIPE, ERROR_NO_DATA, ERROR_PIPE_NOT_CONNECTED } },
  { 4043, "EROFS", "read-only file system", { ERROR_WRITE_PROTECT } },
  { 4039, "ETIMEDOUT", "connection timed out", { ERROR_SEM_TIMEOUT } },
  { 4028, "EFTYPE", "inappropriate file type or format", { ERROR_BAD_EXE_FORMAT } },
  { 4094, "UNKNOWN", "unknown error", { 0 } },
};
#define ERROR_COUNT (sizeof errors / sizeof *errors)
#define E2BIG_NUMBER 4093
#define EAGAIN_NUMBER 4088
#define EBADF_NUMBER 4083
#define UNKNOWN_NUMBER 4094

static int64_t failure(DWORD error) {
  for (size_t i = 0; i < ERROR_COUNT; i++) {
    for (const DWORD *each = errors[i].windows; *each; each++) {
      if (*each == error) return -errors[i].number;
    }
  }
  return -UNKNOWN_NUMBER;
}

const char *platform_error(int number, const char **message) {
  for (size_t i = 0; i < ERROR_COUNT; i++) {
    if (errors[i].number != number) continue;
    *message = errors[i].message;
    return errors[i].code;
  }
  return NULL;
}

/* Without memory a run cannot even report an error. */
static void *allocate(size_t size) {
  void *memory = malloc(size);
  if (!memory) ExitProcess(255);
  return memory;
}

/* @param length in units, or -1 for a terminated text */
static char *to_utf8(const wchar_t *text, int length) {
  int size = length == 0 ? 0 : WideCharToMultiByte(CP_UTF8, 0, text, length, NULL, 0, NULL, NULL);
  char *bytes = allocate(size + 1);
  if (size > 0) WideCharToMultiByte(CP_UTF8, 0, text, length, bytes, size, NULL, NULL);
  bytes[size] = 0;
  return bytes;
}

static wchar_t *to_utf16(const char *text) {
  int size = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
  wchar_t *units = allocate((size + 1) * sizeof *units);
  units[0] = 0;
  MultiByteToWideChar(CP_UTF8, 0, text, -1, units, size);
  return units;
}

/* wine takes a slash at the start for a path of its host. */
static wchar_t *path_to_utf16(const char *path) {
  wchar_t *units = to_utf16(path);
  for (wchar_t *unit = units; *unit; unit++) {
    if (*unit == L'/') *unit = L'\\';
  }
  return units;
}

static char **arguments;
static int argument_count;
/* The command line after the name of the program. */
static const wchar_t *argument_line;
static char **variables;

static int is_blank(wchar_t unit) {
  return unit == L' ' || unit == L'\t';
}

/*
 * As the C library that Node is linked with: backslashes are literal unless a quote follows, and within quotes two of them are
 * one. https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
static void split_command_line(const wchar_t *line) {
  size_t length = wcslen(line);
  wchar_t *word = allocate((length + 1) * sizeof *word);
  arguments = allocate((length + 2) * sizeof *arguments);
  size_t size = 0;
  int is_quoted = 0;
  /* The name of the program has quotes, but no escapes. */
  for (; *line && (is_quoted || !is_blank(*line)); line++) {
    if (*line == L'"') is_quoted = !is_quoted;
    else word[size++] = *line;
  }
  arguments[argument_count++] = to_utf8(word, (int)size);
  argument_line = line;
  for (;;) {
    while (is_blank(*line)) line++;
    if (!*line) break;
    size = 0;
    is_quoted = 0;
    for (;;) {
      size_t backslashes = 0;
      while (*line == L'\\') {
        backslashes++;
        line++;
      }
      int is_literal = 1;
      if (*line == L'"') {
        if (backslashes % 2 == 0) {
          if (is_quoted && line[1] == L'"') {
            line++;
          } else {
            is_literal = 0;
            is_quoted = !is_quoted;
          }
        }
        backslashes /= 2;
      }
      for (; backslashes > 0; backslashes--) word[size++] = L'\\';
      if (!*line || (!is_quoted && is_blank(*line))) break;
      if (is_literal) word[size++] = *line;
      line++;
    }
    arguments[argument_count++] = to_utf8(word, (int)size);
  }
  free(word);
}

static void copy_environment(void) {
  wchar_t *block = GetEnvironmentStringsW();
  size_t count = 0;
  for (const wchar_t *entry = block; entry && *entry; entry += wcslen(entry) + 1) count++;
  variables = allocate((count + 1) * sizeof *variables);
  count = 0;
  for (const wchar_t *entry = block; entry && *entry; entry += wcslen(entry) + 1) variables[count++] = to_utf8(entry, -1);
  variables[count] = NULL;
  if (block) FreeEnvironmentStringsW(block);
}

void platform_start(int argc, char **argv) {
  /* The arguments of the C library are in a code page. */
  (void)argc, (void)argv;
  split_command_line(GetCommandLineW());
  copy_environment();
}

_Noreturn void platform_exit(int code) {
  ExitProcess((UINT)code);
}

/* The path of an open file, behind links, without the prefix for long paths. */
static char *final_path(HANDLE file) {
  DWORD size = GetFinalPathNameByHandleW(file, NULL, 0, FILE_NAME_NORMALIZED);
  if (size == 0) return NULL;
  wchar_t *path = allocate((size + 1) * sizeof *path);
  DWORD length = GetFinalPathNameByHandleW(file, path, size + 1, FILE_NAME_NORMALIZED);
  const size_t unc = wcslen(LONG_UNC_PREFIX), prefix = wcslen(LONG_PREFIX);
  const wchar_t *start = path;
  if (length == 0 || length > size) start = NULL;
  else if (wcsncmp(path, LONG_UNC_PREFIX, unc) == 0) {
    /* Of \\?\UNC\server the two backslashes before the name stay. */
    path[unc - 2] = L'\\';
    start = path + unc - 2;
  } else if (wcsncmp(path, LONG_PREFIX, prefix) == 0) start = path + prefix;
  char *text = start ? to_utf8(start, -1) : NULL;
  free(path);
  return text;
}

static HANDLE open_path(const wchar_t *path, DWORD access, DWORD flags) {
  const DWORD sharing = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  /* Without the flag, directories cannot be opened. */
  return CreateFileW(path, access, sharing, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | flags, NULL);
}

const char *platform_executable(void) {
  for (DWORD size = MAX_PATH; size <= 1 << 16; size *= 2) {
    wchar_t *name = allocate(size * sizeof *name);
    DWORD length = GetModuleFileNameW(NULL, name, size);
    if (length > 0 && length < size) {
      HANDLE file = open_path(name, FILE_READ_ATTRIBUTES, 0);
      char *path = file == INVALID_HANDLE_VALUE ? NULL : final_path(file);
      if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
      /* Some file systems do not tell it. */
      return path ? path : to_utf8(name, (int)length);
    }
    free(name);
  }
  return NULL;
}

char **platform_arguments(int *count) {
  *count = argument_count;
  return arguments;
}

char **platform_environment(void) {
  return variables;
}

const char *platform_home(void) {
  return NULL;
}

const char *platform_host_name(void) {
  wchar_t name[256];
  DWORD size = sizeof name / sizeof *name;
  return GetComputerNameExW(ComputerNamePhysicalDnsHostname, name, &size) ? to_utf8(name, (int)size) : "";
}

int platform_process_id(void) {
  return (int)GetCurrentProcessId();
}

int64_t platform_user_id(void) {
  return -1;
}

/* Descriptors as in Node: the three standard streams, then files. */
#define FIRST_FILE 3
static HANDLE files[64];

static HANDLE handle_of(int descriptor) {
  static const DWORD standard[FIRST_FILE] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE };
  if (descriptor < 0 || descriptor >= (int)(sizeof files / sizeof *files)) return NULL;
  HANDLE handle = descriptor < FIRST_FILE ? GetStdHandle(standard[descriptor]) : files[descriptor];
  return handle == INVALID_HANDLE_VALUE ? NULL : handle;
}

int64_t platform_open(const char *path, int flags) {
  (void)flags;
  int descriptor = FIRST_FILE;
  while (descriptor < (int)(sizeof files / sizeof *files) && files[descriptor]) descriptor++;
  if (descriptor == sizeof files / sizeof *files) return failure(ERROR_TOO_MANY_OPEN_FILES);
  wchar_t *name = path_to_utf16(path);
  HANDLE file = open_path(name, FILE_GENERIC_READ, FILE_ATTRIBUTE_NORMAL);
  DWORD error = GetLastError();
  free(name);
  if (file == INVALID_HANDLE_VALUE) return failure(error);
  files[descriptor] = file;
  return descriptor;
}

int64_t platform_close(int descriptor) {
  HANDLE handle = handle_of(descriptor);
  if (!handle) return -EBADF_NUMBER;
  if (descriptor >= FIRST_FILE) files[descriptor] = NULL;
  return CloseHandle(handle) ? 0 : failure(GetLastError());
}

/* The access that a handle has is an error of the descriptor, as in other systems. */
static int64_t transfer_failure(DWORD error) {
  return error == ERROR_ACCESS_DENIED ? -EBADF_NUMBER : failure(error);
}

int64_t platform_read(int descriptor, uint8_t *bytes, size_t length) {
  HANDLE handle = handle_of(descriptor);
  DWORD count = 0;
  if (!handle) return -EBADF_NUMBER;
  if (ReadFile(handle, bytes, length > MAXLONG ? MAXLONG : (DWORD)length, &count, NULL)) return count;
  DWORD error = GetLastError();
  return error == ERROR_HANDLE_EOF || error == ERROR_BROKEN_PIPE ? 0 : transfer_failure(error);
}

int platform_is_terminal(int descriptor) {
  DWORD mode;
  HANDLE handle = handle_of(descriptor);
  return handle && GetConsoleMode(handle, &mode);
}

/* Bytes on a console would be text in its code page. */
static int64_t write_to_console(HANDLE console, const uint8_t *bytes, size_t length) {
  char *text = allocate(length + 1);
  memcpy(text, bytes, length);
  text[length] = 0;
  wchar_t *units = to_utf16(text);
  free(text);
  /* The buffer of a console was 64 KiB once. */
  const size_t most = 8192;
  for (size_t start = 0, total = wcslen(units); start < total;) {
    size_t size = total - start > most ? most : total - start;
    /* Both halves of a surrogate pair at once. */
    if (start + size < total && IS_HIGH_SURROGATE(units[start + size - 1])) size--;
    DWORD count = 0;
    if (!WriteConsoleW(console, units + start, (DWORD)size, &count, NULL) || count == 0) {
      DWORD error = GetLastError();
      free(units);
      return transfer_failure(error);
    }
    start += count;
  }
  free(units);
  return (int64_t)length;
}

int64_t platform_write(int descriptor, const uint8_t *bytes, size_t length) {
  HANDLE handle = handle_of(descriptor);
  DWORD count = 0;
  if (!handle) return -EBADF_NUMBER;
  if (platform_is_terminal(descriptor)) return write_to_console(handle, bytes, length);
  if (!WriteFile(handle, bytes, length > MAXLONG ? MAXLONG : (DWORD)length, &count, NULL)) return transfer_failure(GetLastError());
  /* A full pipe that does not wait. */
  return count == 0 && length > 0 ? -EAGAIN_NUMBER : (int64_t)count;
}

static double milliseconds_of(FILETIME time) {
  return (((uint64_t)time.dwHighDateTime << 32) | time.dwLowDateTime) / 10000.0 - EPOCH_MS;
}

/* Junctions are links also, as in Node. */
static int is_link(HANDLE file) {
  FILE_ATTRIBUTE_TAG_INFO tag;
  if (!GetFileInformationByHandleEx(file, FileAttributeTagInfo, &tag, sizeof tag)) return 0;
  if (!(tag.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)) return 0;
  return tag.ReparseTag == IO_REPARSE_TAG_SYMLINK || tag.ReparseTag == IO_REPARSE_TAG_MOUNT_POINT;
}

/* https://github.com/libuv/libuv/blob/v1.46.0/src/win/fs.c (fs__stat_handle) */
static int64_t stat_handle(HANDLE file, int follows_links, double fields[STAT_FIELDS]) {
  for (int i = 0; i < STAT_FIELDS; i++) fields[i] = 0;
  DWORD type = GetFileType(file);
  if (type == FILE_TYPE_PIPE || type == FILE_TYPE_CHAR) {
    fields[STAT_MODE] = type == FILE_TYPE_PIPE ? MODE_PIPE : MODE_DEVICE;
    return 0;
  }
  BY_HANDLE_FILE_INFORMATION info;
  if (!GetFileInformationByHandle(file, &info)) return failure(GetLastError());
  int mode = info.dwFileAttributes & FILE_ATTRIBUTE_READONLY ? 0444 : 0666;
  if (!follows_links && is_link(file)) mode |= MODE_LINK;
  else if (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) mode |= MODE_DIRECTORY;
  else mode |= MODE_FILE;
  fields[STAT_MODE] = mode;
  fields[STAT_INO] = (double)(((uint64_t)info.nFileIndexHigh << 32) | info.nFileIndexLow);
  if ((mode & MODE_FILE) && !(mode & MODE_DIRECTORY)) fields[STAT_SIZE] = (double)(((uint64_t)info.nFileSizeHigh << 32) | info.nFileSizeLow);
  fields[STAT_MTIME_MS] = milliseconds_of(info.ftLastWriteTime);
  fields[STAT_DEV] = info.dwVolumeSerialNumber;
  return 0;
}

int64_t platform_stat(const char *path, int follows_links, double fields[STAT_FIELDS]) {
  wchar_t *name = path_to_utf16(path);
  HANDLE file = open_path(name, FILE_READ_ATTRIBUTES, follows_links ? 0 : FILE_FLAG_OPEN_REPARSE_POINT);
  int64_t status = file == INVALID_HANDLE_VALUE ? failure(GetLastError()) : stat_handle(file, follows_links, fields);
  free(name);
  if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
  return status;
}

int64_t platform_fstat(int descriptor, double fields[STAT_FIELDS]) {
  HANDLE handle = handle_of(descriptor);
  return handle ? stat_handle(handle, 1, fields) : -EBADF_NUMBER;
}

/* A run reads links of /proc only. */
int64_t platform_readlink(const char *path, char *target, size_t size) {
  (void)path, (void)target, (void)size;
  return failure(ERROR_FILE_NOT_FOUND);
}

double platform_clock(void) {
  LARGE_INTEGER counter, frequency;
  QueryPerformanceCounter(&counter);
  QueryPerformanceFrequency(&frequency);
  return counter.QuadPart * 1000.0 / frequency.QuadPart;
}

void platform_sleep(double milliseconds) {
  Sleep((DWORD)milliseconds);
}

int platform_timezone_offset(double time) {
  if (!(time > -EPOCH_MS && time < 1e15)) return 0;
  uint64_t ticks = (uint64_t)((time + EPOCH_MS) * 10000);
  FILETIME utc = { (DWORD)ticks, (DWORD)(ticks >> 32) }, local;
  SYSTEMTIME fields, local_fields;
  if (!FileTimeToSystemTime(&utc, &fields) || !SystemTimeToTzSpecificLocalTime(NULL, &fields, &local_fields)) return 0;
  if (!SystemTimeToFileTime(&fields, &utc) || !SystemTimeToFileTime(&local_fields, &local)) return 0;
  return (int)((milliseconds_of(utc) - milliseconds_of(local)) / 60000);
}

static BOOL WINAPI end_on_interrupt(DWORD event) {
  if (event != CTRL_C_EVENT) return FALSE;
  ExitProcess(130);
}

void platform_handle_interrupt(int is_handled) {
  SetConsoleCtrlHandler(end_on_interrupt, FALSE);
  if (is_handled) SetConsoleCtrlHandler(end_on_interrupt, TRUE);
}

static volatile LONG is_interrupted;

/*
 * The child has the same console, gets the same events and decides; this process ends with it. To ignore Ctrl-C by
 * SetConsoleCtrlHandler(NULL, TRUE) would be inherited by the child.
 */
static BOOL WINAPI leave_to_child(DWORD event) {
  InterlockedExchange(&is_interrupted, 1);
  /* After these, this process is terminated when the handler returns, and the child with it: it gets its time. */
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) Sleep(INFINITE);
  return TRUE;
}

/* A process in it is terminated when this one is. What it has started itself stays, e.g. the browser of a login. */
static HANDLE create_job(void) {
  HANDLE job = CreateJobObjectW(NULL, NULL);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = { 0 };
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
  if (job) SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  return job;
}

/* "program" "word" and the arguments of this process as they are. */
static wchar_t *command_line(const wchar_t *program, const wchar_t *word) {
  size_t size = wcslen(program) + (word ? wcslen(word) : 0) + wcslen(argument_line) + 8;
  wchar_t *line = allocate(size * sizeof *line);
  wcscpy(line, L"\"");
  wcscat(line, program);
  wcscat(line, L"\"");
  if (word) {
    wcscat(line, L" \"");
    wcscat(line, word);
    wcscat(line, L"\"");
  }
  return wcscat(line, argument_line);
}

static BOOL start_suspended(const wchar_t *program, wchar_t *line, PROCESS_INFORMATION *process) {
  STARTUPINFOW own, start = { .cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES };
  GetStartupInfoW(&own);
  start.dwFlags |= own.dwFlags & STARTF_USESHOWWINDOW;
  start.wShowWindow = own.wShowWindow;
  /* The descriptors of the C library: a parent may have passed on more than three. */
  start.cbReserved2 = own.cbReserved2;
  start.lpReserved2 = own.lpReserved2;
  HANDLE *streams[FIRST_FILE] = { &start.hStdInput, &start.hStdOutput, &start.hStdError };
  for (int descriptor = 0; descriptor < FIRST_FILE; descriptor++) {
    *streams[descriptor] = handle_of(descriptor);
    if (*streams[descriptor]) SetHandleInformation(*streams[descriptor], HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
  }
  /* Without a console, as started by a program with windows, a child would open a window for its own. */
  DWORD attached, flags = CREATE_SUSPENDED | (GetConsoleProcessList(&attached, 1) == 0 ? CREATE_NO_WINDOW : 0);
  return CreateProcessW(program, line, NULL, NULL, TRUE, flags, NULL, NULL, &start, process);
}

/* There is no exec: this process stays as the parent, and ends as the child does. */
int64_t platform_become(const char *program, const char *word) {
  PROCESS_INFORMATION process;
  wchar_t *path = to_utf16(program), *script = word ? to_utf16(word) : NULL;
  wchar_t *line = command_line(path, script);
  /* https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessw */
  if (wcslen(line) >= 32767) return -E2BIG_NUMBER;
  HANDLE job = create_job();
  SetConsoleCtrlHandler(leave_to_child, TRUE);
  if (!start_suspended(path, line, &process)) {
    DWORD error = GetLastError();
    SetConsoleCtrlHandler(leave_to_child, FALSE);
    if (job) CloseHandle(job);
    return failure(error);
  }
  if (job) AssignProcessToJobObject(job, process.hProcess);
  /* The event came before the child existed, or to a child that cannot handle it yet. */
  if (is_interrupted) TerminateProcess(process.hProcess, 130);
  ResumeThread(process.hThread);
  WaitForSingleObject(process.hProcess, INFINITE);
  DWORD code = 255;
  GetExitCodeProcess(process.hProcess, &code);
  ExitProcess(code);
}
