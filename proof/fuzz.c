/*
 * The front as a target of libFuzzer (proof/fuzz.ts): its main function runs again and again in one process, with files in
 * memory. What it would write is dropped, and what it would become is missing.
 *
 * An input has sections, separated by the byte 0xff, which UTF-8 does not have: the arguments and the environment, each of its
 * entries followed by NUL, and the contents of the config file, of the credentials file, and of every cache file.
 */
#include <setjmp.h>
#include <stdlib.h>
#include <sys/types.h>

struct stat;
static int fuzz_open(const char *path);
static int fuzz_close(int descriptor);
static ssize_t fuzz_read(int descriptor, void *bytes, size_t length);
static ssize_t fuzz_write(int descriptor, const void *bytes, size_t length);
static int fuzz_stat(const char *path, struct stat *stats);
static int fuzz_fstat(int descriptor, struct stat *stats);
static ssize_t fuzz_readlink(void);
static int fuzz_execve(void);
static _Noreturn void fuzz_exit(void);

/* The headers first: they declare what is replaced. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "quickjs.h"

#define main front_main
#define open(path, flags) fuzz_open(path)
#define close(descriptor) fuzz_close(descriptor)
#define read(descriptor, bytes, length) fuzz_read(descriptor, bytes, length)
#define write(descriptor, bytes, length) fuzz_write(descriptor, bytes, length)
#define stat(path, stats) fuzz_stat(path, stats)
#define lstat(path, stats) fuzz_stat(path, stats)
#define fstat(descriptor, stats) fuzz_fstat(descriptor, stats)
#define readlink(path, target, size) fuzz_readlink()
#define execve(path, words, variables) fuzz_execve()
#define _exit(code) fuzz_exit()
#define JS_NewRuntime() JS_NewRuntime2(&fuzz_allocator, NULL)
static const JSMallocFunctions fuzz_allocator;
#include "platform-posix.c"
#include "front.c"

enum { ARGUMENTS, ENVIRONMENT, CONFIG, CREDENTIALS, CACHE, SECTIONS };
#define FIRST_DESCRIPTOR 1000
#define MAX_DESCRIPTORS 64
#define MAX_WORDS 64

static const uint8_t *section_bytes[SECTIONS];
static size_t section_length[SECTIONS];
static struct { int section; size_t position; } descriptors[MAX_DESCRIPTORS];
static int descriptor_count;
static jmp_buf end_of_run;

/* All memory of a run, so that its end can free it: a run ends in the middle of its script. */
struct block { struct block *previous, *next; size_t size; size_t padding; };
static struct block blocks = { &blocks, &blocks, 0, 0 };

static void *fuzz_allocate(size_t size) {
  struct block *block = malloc(sizeof *block + size);
  if (!block) return NULL;
  *block = (struct block){ &blocks, blocks.next, size, 0 };
  blocks.next->previous = block;
  blocks.next = block;
  return block + 1;
}

static void fuzz_free(void *opaque, void *pointer) {
  if (!pointer) return;
  struct block *block = (struct block *)pointer - 1;
  block->previous->next = block->next;
  block->next->previous = block->previous;
  free(block);
}

static void *fuzz_malloc(void *opaque, size_t size) {
  return fuzz_allocate(size);
}

static void *fuzz_calloc(void *opaque, size_t count, size_t size) {
  void *pointer = fuzz_allocate(count * size);
  if (pointer) memset(pointer, 0, count * size);
  return pointer;
}

static void *fuzz_realloc(void *opaque, void *pointer, size_t size) {
  void *moved = size > 0 ? fuzz_allocate(size) : NULL;
  if (pointer && moved) {
    size_t before = ((struct block *)pointer - 1)->size;
    memcpy(moved, pointer, before < size ? before : size);
  }
  if (pointer && (moved || size == 0)) fuzz_free(opaque, pointer);
  return moved;
}

static size_t fuzz_usable_size(const void *pointer) {
  return pointer ? ((const struct block *)pointer - 1)->size : 0;
}

static const JSMallocFunctions fuzz_allocator = { fuzz_calloc, fuzz_malloc, fuzz_free, fuzz_realloc, fuzz_usable_size };

static int section_of(const char *path) {
  if (strstr(path, "/cache/") || strstr(path, "/roles/")) return CACHE;
  if (strstr(path, "/config")) return CONFIG;
  return strstr(path, "/credentials") ? CREDENTIALS : -1;
}

static int fuzz_open(const char *path) {
  int section = section_of(path);
  errno = section < 0 ? ENOENT : EMFILE;
  if (section < 0 || descriptor_count == MAX_DESCRIPTORS) return -1;
  descriptors[descriptor_count].section = section;
  descriptors[descriptor_count].position = 0;
  return FIRST_DESCRIPTOR + descriptor_count++;
}

static int fuzz_close(int descriptor) {
  return 0;
}

static ssize_t fuzz_read(int descriptor, void *bytes, size_t length) {
  int index = descriptor - FIRST_DESCRIPTOR;
  errno = EBADF;
  if (index < 0 || index >= descriptor_count) return -1;
  size_t *position = &descriptors[index].position, rest = section_length[descriptors[index].section] - *position;
  if (length > rest) length = rest;
  memcpy(bytes, section_bytes[descriptors[index].section] + *position, length);
  *position += length;
  return length;
}

/* An error that the program did not expect is a finding. */
static ssize_t fuzz_write(int descriptor, const void *bytes, size_t length) {
  static const char unexpected[] = "(ERR_INTERNAL)\n";
  if (descriptor == 2 && memmem(bytes, length, unexpected, sizeof unexpected - 1)) abort();
  return length;
}

static int fill_stat(int section, struct stat *stats) {
  memset(stats, 0, sizeof *stats);
  stats->st_mode = S_IFREG | 0600;
  stats->st_uid = getuid();
  stats->st_size = section_length[section];
  return 0;
}

static int fuzz_stat(const char *path, struct stat *stats) {
  int section = section_of(path);
  errno = ENOENT;
  if (strcmp(path, "/home/.aws/cli/cache") == 0 || strcmp(path, "/home/.aws/sso/cache") == 0) section = CACHE;
  return section < 0 ? -1 : fill_stat(section, stats);
}

static int fuzz_fstat(int descriptor, struct stat *stats) {
  int index = descriptor - FIRST_DESCRIPTOR;
  errno = EBADF;
  return index < 0 || index >= descriptor_count ? -1 : fill_stat(descriptors[index].section, stats);
}

static ssize_t fuzz_readlink(void) {
  errno = ENOENT;
  return -1;
}

static int fuzz_execve(void) {
  errno = ENOENT;
  return -1;
}

static _Noreturn void fuzz_exit(void) {
  longjmp(end_of_run, 1);
}

static int split_words(int section, char *storage, char **words, int count) {
  memcpy(storage, section_bytes[section], section_length[section]);
  storage[section_length[section]] = 0;
  for (size_t start = 0; start < section_length[section] && count < MAX_WORDS - 1; start += strlen(storage + start) + 1) {
    words[count++] = storage + start;
  }
  words[count] = NULL;
  return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char *words[MAX_WORDS], *variables[MAX_WORDS];
  size_t start = 0;
  for (int section = 0; section < SECTIONS; section++) {
    const uint8_t *end = start < size ? memchr(data + start, 0xff, size - start) : NULL;
    size_t length = section == SECTIONS - 1 || !end ? size - start : (size_t)(end - data) - start;
    section_bytes[section] = data + start;
    section_length[section] = length;
    start += length < size - start ? length + 1 : length;
  }
  descriptor_count = 0;
  char *word_storage = malloc(section_length[ARGUMENTS] + 1), *variable_storage = malloc(section_length[ENVIRONMENT] + 1);
  words[0] = "eks-get-token";
  variables[0] = "HOME=/home";
  variables[1] = "AWS_EC2_METADATA_DISABLED=true";
  int word_count = split_words(ARGUMENTS, word_storage, words, 1);
  split_words(ENVIRONMENT, variable_storage, variables, 2);
  environ = variables;
  if (setjmp(end_of_run) == 0) front_main(word_count, words);
  while (blocks.next != &blocks) fuzz_free(NULL, blocks.next + 1);
  free(word_storage);
  free(variable_storage);
  return 0;
}
