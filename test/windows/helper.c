/*
 * For front.test.ts: in the place of the full program, and what starts the front on a console of its own.
 *
 *   helper.exe doctor print              prints its command line
 *   helper.exe doctor copy               prints its stdin
 *   helper.exe doctor exit CODE
 *   helper.exe doctor wait FILE          writes "started" to the file; after 4 seconds "late", or "interrupted" at Ctrl-C, and
 *                                        exits with 7
 *   helper.exe doctor leave FILE         starts a process that does so after this one has ended
 *   helper.exe interrupt PROGRAM FILE    starts PROGRAM doctor wait FILE, presses Ctrl-C, and exits with its exit code
 *   helper.exe kill PROGRAM FILE         terminates it instead
 */
#include <stdio.h>
#include <windows.h>

static const wchar_t *file;

static void print(const wchar_t *text) {
  static char bytes[1 << 16];
  int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, NULL, NULL);
  DWORD written;
  WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), bytes, size - 1, &written, NULL);
}

static void note(const char *text) {
  FILE *stream = _wfopen(file, L"wb");
  fputs(text, stream);
  fclose(stream);
}

static BOOL WINAPI on_interrupt(DWORD event) {
  note("interrupted");
  ExitProcess(7);
}

static BOOL WINAPI ignore(DWORD event) {
  return TRUE;
}

static HANDLE start(wchar_t *line) {
  STARTUPINFOW own = { .cb = sizeof own };
  PROCESS_INFORMATION process;
  if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &own, &process)) ExitProcess(251);
  return process.hProcess;
}

static DWORD exit_code(HANDLE process) {
  DWORD code = 250;
  if (WaitForSingleObject(process, 20000) == WAIT_OBJECT_0) GetExitCodeProcess(process, &code);
  return code;
}

static int full_program(wchar_t **words) {
  if (wcscmp(words[0], L"exit") == 0) return (int)wcstoul(words[1], NULL, 10);
  file = words[1];
  if (wcscmp(words[0], L"wait") == 0) {
    SetConsoleCtrlHandler(on_interrupt, TRUE);
    note("started");
    Sleep(4000);
    note("late");
    return 7;
  }
  if (wcscmp(words[0], L"leave") == 0) {
    static wchar_t line[1024], path[512];
    GetModuleFileNameW(NULL, path, 512);
    _snwprintf(line, 1024, L"\"%ls\" doctor wait \"%ls\"", path, file);
    start(line);
    return 0;
  }
  if (wcscmp(words[0], L"copy") == 0) {
    char bytes[4096];
    DWORD count, written;
    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), bytes, sizeof bytes, &count, NULL) && count > 0) {
      WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), bytes, count, &written, NULL);
    }
    return 0;
  }
  print(GetCommandLineW());
  return 0;
}

static int stop(wchar_t **words, int is_killed) {
  static wchar_t line[1024];
  file = words[1];
  FreeConsole();
  if (!AllocConsole()) ExitProcess(252);
  SetConsoleCtrlHandler(ignore, TRUE);
  _snwprintf(line, 1024, L"\"%ls\" doctor wait \"%ls\"", words[0], file);
  HANDLE process = start(line);
  for (int i = 0; i < 200 && GetFileAttributesW(file) == INVALID_FILE_ATTRIBUTES; i++) Sleep(100);
  Sleep(300);
  if (is_killed) TerminateProcess(process, 99);
  else GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0);
  return exit_code(process);
}

int wmain(int count, wchar_t **words) {
  if (count > 2 && wcscmp(words[1], L"doctor") == 0) return full_program(words + 2);
  if (count > 3 && wcscmp(words[1], L"interrupt") == 0) return stop(words + 2, 0);
  if (count > 3 && wcscmp(words[1], L"kill") == 0) return stop(words + 2, 1);
  return 253;
}
