/* Compiles a script to the bytecode of QuickJS-ng, as the text of a C header. Part of build/front.mjs. */
#include <stdio.h>
#include <stdlib.h>
#include "quickjs.h"

int main(int argc, char **argv) {
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (!file) return 1;
  fseek(file, 0, SEEK_END);
  long length = ftell(file);
  rewind(file);
  char *script = malloc(length + 1);
  if (!script || fread(script, 1, length, file) != (size_t)length) return 1;
  script[length] = 0;
  JSContext *ctx = JS_NewContext(JS_NewRuntime());
  JSValue program = JS_Eval(ctx, script, length, "front.js", JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
  if (JS_IsException(program)) {
    fprintf(stderr, "%s\n", JS_ToCString(ctx, JS_GetException(ctx)));
    return 1;
  }
  size_t size;
  const int flags = JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE | JS_WRITE_OBJ_STRIP_DEBUG;
  uint8_t *bytes = JS_WriteObject(ctx, &size, program, flags);
  if (!bytes) return 1;
  printf("static const uint8_t bytecode[%zu] = {", size);
  for (size_t i = 0; i < size; i++) printf("%s%u,", i % 32 ? "" : "\n", bytes[i]);
  printf("\n};\n");
  return 0;
}
