/*
 * The front executable: the bundle of src/front/main.ts as bytecode in QuickJS-ng, and the functions of the Node built-ins
 * that it uses, over those of the operating system (platform.h). A function here returns the result, or a negative error
 * number; the TypeScript beside it makes Node's results and errors of them. There is no eval: only the bytecode in this file
 * runs.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "platform.h"
#include "quickjs.h"
#include "bytecode.h"

/* A run needs 3 MiB, and 40 for the largest config file. */
#define MEMORY_LIMIT ((size_t)512 << 20)
#define STACK_LIMIT ((size_t)1 << 20)
#define MAX_LINK 4096

/* The next code point of UTF-8, or -1 after the bytes of an invalid sequence: each longest prefix of a valid one counts as
 * one (https://encoding.spec.whatwg.org/#utf-8-decoder). */
static int32_t next_code_point(const uint8_t *bytes, size_t length, size_t *position) {
  uint8_t first = bytes[(*position)++];
  if (first < 0x80) return first;
  int more = first >= 0xc2 && first <= 0xdf ? 1 : (first & 0xf0) == 0xe0 ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 0;
  if (more == 0) return -1;
  uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  int32_t code = first & (0x3f >> more);
  for (; more > 0; more--) {
    if (*position >= length || bytes[*position] < low || bytes[*position] > high) return -1;
    code = code << 6 | (bytes[(*position)++] & 0x3f);
    low = 0x80;
    high = 0xbf;
  }
  return code;
}

/* @returns undefined for invalid UTF-8 if it is fatal; else it is replaced by U+FFFD */
static JSValue decode_utf8(JSContext *ctx, const uint8_t *bytes, size_t length, int is_fatal) {
  size_t position = 0;
  while (position < length && bytes[position] < 0x80) position++;
  if (position == length) return JS_NewStringLen(ctx, (const char *)bytes, length);
  uint16_t *units = js_malloc(ctx, length * sizeof(uint16_t));
  if (!units) return JS_EXCEPTION;
  size_t count = 0;
  for (position = 0; position < length;) {
    int32_t code = next_code_point(bytes, length, &position);
    if (code < 0 && is_fatal) {
      js_free(ctx, units);
      return JS_UNDEFINED;
    }
    if (code < 0) code = 0xfffd;
    if (code >= 0x10000) {
      units[count++] = 0xd800 + ((code - 0x10000) >> 10);
      code = 0xdc00 + ((code - 0x10000) & 0x3ff);
    }
    units[count++] = code;
  }
  JSValue text = JS_NewStringUTF16(ctx, units, count);
  js_free(ctx, units);
  return text;
}

static JSValue new_text(JSContext *ctx, const char *text) {
  return decode_utf8(ctx, (const uint8_t *)text, strlen(text), 0);
}

static JSValue f_decode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  size_t length;
  uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
  if (!bytes && length == 0) return JS_EXCEPTION;
  return decode_utf8(ctx, bytes, length, JS_ToBool(ctx, argv[1]));
}

/* The argument is well-formed. */
static JSValue f_encode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  size_t length;
  const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
  if (!text) return JS_EXCEPTION;
  JSValue bytes = JS_NewArrayBufferCopy(ctx, (const uint8_t *)text, length);
  JS_FreeCString(ctx, text);
  return bytes;
}

static JSValue f_base64(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  static const char alphabets[2][65] = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
  };
  size_t length;
  uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
  if (!bytes && length == 0) return JS_EXCEPTION;
  int is_url = JS_ToBool(ctx, argv[1]);
  const char *alphabet = alphabets[is_url];
  char *text = js_malloc(ctx, length / 3 * 4 + 5);
  if (!text) return JS_EXCEPTION;
  size_t size = 0;
  for (size_t i = 0; i < length; i += 3) {
    int rest = length - i > 2 ? 3 : (int)(length - i);
    uint32_t group = bytes[i] << 16 | (rest > 1 ? bytes[i + 1] << 8 : 0) | (rest > 2 ? bytes[i + 2] : 0);
    for (int j = 0; j < 4; j++) {
      if (j <= rest) text[size++] = alphabet[group >> (18 - 6 * j) & 0x3f];
      else if (!is_url) text[size++] = '=';
    }
  }
  JSValue encoded = JS_NewStringLen(ctx, text, size);
  js_free(ctx, text);
  return encoded;
}

/* https://doi.org/10.6028/NIST.FIPS.180-4 */
static const uint32_t sha256_constants[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t sha256_initial[8] = {
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

#define ROTATE(word, bits) ((word) >> (bits) | (word) << (32 - (bits)))

static void sha256_block(uint32_t state[8], const uint8_t block[64]) {
  uint32_t words[64], s[8];
  for (int i = 0; i < 16; i++) {
    words[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
  }
  for (int i = 16; i < 64; i++) {
    uint32_t a = words[i - 15], b = words[i - 2];
    words[i] = words[i - 16] + (ROTATE(a, 7) ^ ROTATE(a, 18) ^ a >> 3) + words[i - 7] + (ROTATE(b, 17) ^ ROTATE(b, 19) ^ b >> 10);
  }
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]), majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    uint32_t first = s[7] + (ROTATE(s[4], 6) ^ ROTATE(s[4], 11) ^ ROTATE(s[4], 25)) + choice + sha256_constants[i] + words[i];
    uint32_t second = (ROTATE(s[0], 2) ^ ROTATE(s[0], 13) ^ ROTATE(s[0], 22)) + majority;
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += first;
    s[0] = first + second;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

static JSValue f_sha256(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  size_t length;
  uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
  if (!bytes && length == 0) return JS_EXCEPTION;
  uint32_t state[8];
  memcpy(state, sha256_initial, sizeof state);
  size_t rest = length % 64, whole = length - rest;
  for (size_t i = 0; i < whole; i += 64) sha256_block(state, bytes + i);
  /* The last block or two: a bit that is set, zeros, and the length in bits. */
  uint8_t last[128] = { 0 }, digest[32];
  size_t size = rest < 56 ? 64 : 128;
  if (rest > 0) memcpy(last, bytes + whole, rest);
  last[rest] = 0x80;
  for (int i = 0; i < 8; i++) last[size - 1 - i] = (uint8_t)((uint64_t)length * 8 >> (8 * i));
  for (size_t i = 0; i < size; i += 64) sha256_block(state, last + i);
  for (int i = 0; i < 32; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
  return JS_NewArrayBufferCopy(ctx, digest, sizeof digest);
}

static JSValue f_open(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  int flags;
  if (JS_ToInt32(ctx, &flags, argv[1])) return JS_EXCEPTION;
  const char *path = JS_ToCString(ctx, argv[0]);
  if (!path) return JS_EXCEPTION;
  int64_t descriptor = platform_open(path, flags);
  JS_FreeCString(ctx, path);
  return JS_NewInt64(ctx, descriptor);
}

static JSValue f_close(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  int descriptor;
  if (JS_ToInt32(ctx, &descriptor, argv[0])) return JS_EXCEPTION;
  return JS_NewInt64(ctx, platform_close(descriptor));
}

static JSValue transfer(JSContext *ctx, JSValueConst *argv, int is_write) {
  int descriptor;
  size_t length;
  if (JS_ToInt32(ctx, &descriptor, argv[0])) return JS_EXCEPTION;
  uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[1]);
  if (!bytes && length > 0) return JS_EXCEPTION;
  return JS_NewInt64(ctx, is_write ? platform_write(descriptor, bytes, length) : platform_read(descriptor, bytes, length));
}

static JSValue f_read(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  return transfer(ctx, argv, 0);
}

static JSValue f_write(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  return transfer(ctx, argv, 1);
}

enum { STAT, LSTAT, FSTAT };

/* The fields in the order of platform.h. */
static JSValue f_stat(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  double fields[STAT_FIELDS];
  int kind, descriptor = -1;
  int64_t status;
  if (JS_ToInt32(ctx, &kind, argv[1])) return JS_EXCEPTION;
  if (kind == FSTAT) {
    if (JS_ToInt32(ctx, &descriptor, argv[0])) return JS_EXCEPTION;
    status = platform_fstat(descriptor, fields);
  } else {
    const char *path = JS_ToCString(ctx, argv[0]);
    if (!path) return JS_EXCEPTION;
    status = platform_stat(path, kind == STAT, fields);
    JS_FreeCString(ctx, path);
  }
  if (status < 0) return JS_NewInt64(ctx, status);
  JSValue array = JS_NewArray(ctx);
  for (unsigned i = 0; i < STAT_FIELDS; i++) {
    JS_DefinePropertyValueUint32(ctx, array, i, JS_NewFloat64(ctx, fields[i]), JS_PROP_C_W_E);
  }
  return array;
}

static JSValue f_readlink(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  char target[MAX_LINK];
  const char *path = JS_ToCString(ctx, argv[0]);
  if (!path) return JS_EXCEPTION;
  int64_t length = platform_readlink(path, target, sizeof target);
  JS_FreeCString(ctx, path);
  return length < 0 ? JS_NewInt64(ctx, length) : decode_utf8(ctx, (uint8_t *)target, length, 0);
}

static JSValue f_environment(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  JSValue object = JS_NewObjectProto(ctx, JS_NULL);
  for (char **variable = platform_environment(); *variable; variable++) {
    const char *equals = strchr(*variable, '=');
    if (!equals || equals == *variable) continue;
    JSValue name = decode_utf8(ctx, (const uint8_t *)*variable, equals - *variable, 0);
    JSAtom atom = JS_ValueToAtom(ctx, name);
    JS_FreeValue(ctx, name);
    /* The first of several counts, as for getenv. */
    if (JS_HasProperty(ctx, object, atom) == 0) JS_DefinePropertyValue(ctx, object, atom, new_text(ctx, equals + 1), JS_PROP_C_W_E);
    JS_FreeAtom(ctx, atom);
  }
  return object;
}

static JSValue f_arguments(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  int count;
  char **arguments = platform_arguments(&count);
  JSValue array = JS_NewArray(ctx);
  for (int i = 0; i < count; i++) {
    JS_DefinePropertyValueUint32(ctx, array, i, new_text(ctx, arguments[i]), JS_PROP_C_W_E);
  }
  return array;
}

static JSValue text_or_undefined(JSContext *ctx, const char *text) {
  return text ? new_text(ctx, text) : JS_UNDEFINED;
}

static JSValue f_executable(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  return text_or_undefined(ctx, platform_executable());
}

static JSValue f_passwd_home(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  return text_or_undefined(ctx, platform_home());
}

static JSValue f_host_name(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  return new_text(ctx, platform_host_name());
}

static JSValue f_process_id(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  return JS_NewInt32(ctx, platform_process_id());
}

static JSValue f_user_id(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  return JS_NewInt64(ctx, platform_user_id());
}

static JSValue f_is_terminal(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  int descriptor;
  if (JS_ToInt32(ctx, &descriptor, argv[0])) return JS_EXCEPTION;
  return JS_NewBool(ctx, platform_is_terminal(descriptor));
}

static JSValue f_clock(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  return JS_NewFloat64(ctx, platform_clock());
}

static JSValue f_sleep(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  double milliseconds;
  if (JS_ToFloat64(ctx, &milliseconds, argv[0])) return JS_EXCEPTION;
  platform_sleep(milliseconds);
  return JS_UNDEFINED;
}

#ifdef _WIN32
static JSValue f_timezone_offset(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  double time;
  if (JS_ToFloat64(ctx, &time, argv[0])) return JS_EXCEPTION;
  return JS_NewInt32(ctx, platform_timezone_offset(time));
}
#endif

/* Whether Ctrl-C ends the process with the exit code 130, or by the signal. */
static JSValue f_handle_interrupt(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  platform_handle_interrupt(JS_ToBool(ctx, argv[0]));
  return JS_UNDEFINED;
}

static JSValue f_exit(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  int code;
  if (JS_ToInt32(ctx, &code, argv[0])) return JS_EXCEPTION;
  platform_exit(code);
}

static JSValue f_become(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  const char *program = JS_ToCString(ctx, argv[0]);
  const char *word = JS_IsUndefined(argv[1]) ? NULL : JS_ToCString(ctx, argv[1]);
  if (!program) return JS_EXCEPTION;
  return JS_NewInt64(ctx, platform_become(program, word));
}

/* [code, message] as in Node. */
static JSValue f_error_name(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv) {
  int number;
  if (JS_ToInt32(ctx, &number, argv[0])) return JS_EXCEPTION;
  char unknown[32];
  const char *message, *code = platform_error(number, &message);
  if (!code) {
    snprintf(unknown, sizeof unknown, "Unknown system error %d", -number);
    code = message = unknown;
  }
  JSValue array = JS_NewArray(ctx);
  JS_DefinePropertyValueUint32(ctx, array, 0, JS_NewString(ctx, code), JS_PROP_C_W_E);
  JS_DefinePropertyValueUint32(ctx, array, 1, JS_NewString(ctx, message), JS_PROP_C_W_E);
  return array;
}

static const JSCFunctionListEntry natives[] = {
  JS_CFUNC_DEF("decode", 2, f_decode),
  JS_CFUNC_DEF("encode", 1, f_encode),
  JS_CFUNC_DEF("base64", 2, f_base64),
  JS_CFUNC_DEF("sha256", 1, f_sha256),
  JS_CFUNC_DEF("open", 2, f_open),
  JS_CFUNC_DEF("close", 1, f_close),
  JS_CFUNC_DEF("read", 2, f_read),
  JS_CFUNC_DEF("write", 2, f_write),
  JS_CFUNC_DEF("stat", 2, f_stat),
  JS_CFUNC_DEF("readlink", 1, f_readlink),
  JS_CFUNC_DEF("executable", 0, f_executable),
  JS_CFUNC_DEF("environment", 0, f_environment),
  JS_CFUNC_DEF("arguments", 0, f_arguments),
  JS_CFUNC_DEF("passwdHome", 0, f_passwd_home),
  JS_CFUNC_DEF("hostName", 0, f_host_name),
  JS_CFUNC_DEF("processId", 0, f_process_id),
  JS_CFUNC_DEF("userId", 0, f_user_id),
  JS_CFUNC_DEF("isTerminal", 1, f_is_terminal),
  JS_CFUNC_DEF("clock", 0, f_clock),
  JS_CFUNC_DEF("sleep", 1, f_sleep),
#ifdef _WIN32
  JS_CFUNC_DEF("timezoneOffset", 1, f_timezone_offset),
#endif
  JS_CFUNC_DEF("handleInterrupt", 1, f_handle_interrupt),
  JS_CFUNC_DEF("exit", 1, f_exit),
  JS_CFUNC_DEF("become", 2, f_become),
  JS_CFUNC_DEF("errorName", 1, f_error_name),
  JS_PROP_INT32_DEF("O_RDONLY", O_RDONLY, JS_PROP_ENUMERABLE),
  JS_PROP_INT32_DEF("O_WRONLY", O_WRONLY, JS_PROP_ENUMERABLE),
  JS_PROP_INT32_DEF("O_RDWR", O_RDWR, JS_PROP_ENUMERABLE),
  JS_PROP_INT32_DEF("O_CREAT", O_CREAT, JS_PROP_ENUMERABLE),
  JS_PROP_INT32_DEF("O_EXCL", O_EXCL, JS_PROP_ENUMERABLE),
#ifdef O_NONBLOCK
  JS_PROP_INT32_DEF("O_NONBLOCK", O_NONBLOCK, JS_PROP_ENUMERABLE),
  JS_PROP_INT32_DEF("O_NOFOLLOW", O_NOFOLLOW, JS_PROP_ENUMERABLE),
#endif
  JS_PROP_STRING_DEF("platform", platform_name, JS_PROP_ENUMERABLE),
};

static _Noreturn void fail(const char *why) {
  char message[512];
  int length = snprintf(message, sizeof message, "eks-get-token: %s (ERR_INTERNAL)\n", why);
  platform_write(2, (const uint8_t *)message, length < (int)sizeof message ? length : (int)sizeof message - 1);
  platform_exit(255);
}

static _Noreturn void fail_with_exception(JSContext *ctx) {
  JSValue error = JS_GetException(ctx);
  const char *text = JS_ToCString(ctx, error);
  fail(text ? text : "unknown error");
}

int main(int argc, char **argv) {
  platform_start(argc, argv);
  JSRuntime *runtime = JS_NewRuntime();
  if (!runtime) fail("out of memory");
  JS_SetMemoryLimit(runtime, MEMORY_LIMIT);
  JS_SetMaxStackSize(runtime, STACK_LIMIT);
  /* A run ends before collecting cycles would pay. */
  JS_SetGCThreshold(runtime, (size_t)-1);
  JSContext *ctx = JS_NewContextRaw(runtime);
  if (!ctx || JS_AddIntrinsicBaseObjects(ctx) || JS_AddIntrinsicDate(ctx) || JS_AddIntrinsicRegExp(ctx) ||
      JS_AddIntrinsicJSON(ctx) || JS_AddIntrinsicProxy(ctx) || JS_AddIntrinsicMapSet(ctx) ||
      JS_AddIntrinsicTypedArrays(ctx) || JS_AddIntrinsicPromise(ctx) || JS_AddIntrinsicBigInt(ctx)) {
    fail("out of memory");
  }
  JS_AddIntrinsicRegExpCompiler(ctx);
  JSValue global = JS_GetGlobalObject(ctx);
  JSValue native = JS_NewObject(ctx);
  JS_SetPropertyFunctionList(ctx, native, natives, sizeof natives / sizeof *natives);
  JS_SetPropertyStr(ctx, global, "frontNative", native);

  JSValue program = JS_ReadObject(ctx, bytecode, sizeof bytecode, JS_READ_OBJ_BYTECODE);
  if (JS_IsException(program) || JS_IsException(JS_EvalFunction(ctx, program))) fail_with_exception(ctx);
  JSContext *job;
  int status;
  while ((status = JS_ExecutePendingJob(runtime, &job)) > 0) {}
  if (status < 0) fail_with_exception(job);
  /* The program has neither exited nor anything left to do: it waits for something that only the full program has. */
  JSValue idle = JS_GetPropertyStr(ctx, global, "frontIdle");
  if (JS_IsException(JS_Call(ctx, idle, JS_UNDEFINED, 0, NULL))) fail_with_exception(ctx);
  fail("the program did not end");
}
