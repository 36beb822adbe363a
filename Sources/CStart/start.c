#define _GNU_SOURCE
#include "CStart.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

static int argument_count;
static char **arguments;
static sigset_t mask_before;
static int is_blocking;

int CStart_argument_count(void) { return argument_count; }

const char *CStart_argument(int index) { return arguments[index]; }

void CStart_unblock_stop_requests(void) {
  if (is_blocking) sigprocmask(SIG_SETMASK, &mask_before, NULL);
  is_blocking = 0;
}

#if defined(__GLIBC__)

/* Whether somebody is going to wait for the requests. Tests link the command too, and end by Ctrl-C like any program. */
static int waits_for_requests(void) {
  return argument_count > 1 && (strcmp(arguments[1], "train") == 0 || strcmp(arguments[1], "launch") == 0);
}

static void block_stop_requests(void) {
  sigset_t requests;
  sigemptyset(&requests);
  sigaddset(&requests, SIGTERM);
  sigaddset(&requests, SIGINT);
  sigaddset(&requests, SIGUSR1);
  struct sigaction action;
  int is_ignored = sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
  if (!is_ignored) sigaddset(&requests, SIGHUP);
  is_blocking = sigprocmask(SIG_BLOCK, &requests, &mask_before) == 0;
}

static void start(int count, char **values, char **environment) {
  (void)environment;
  argument_count = count;
  arguments = values;
  if (waits_for_requests()) block_stop_requests();
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

/* glibc calls both kinds with the arguments of main. Sanitizers have to be first themselves. */
#if defined(SANITIZED)
__attribute__((constructor)) static void start_late(int count, char **values, char **environment) {
  start(count, values, environment);
}
#else
__attribute__((section(".preinit_array"), used)) static void (*const start_first)(int, char **, char **) = start;
#endif

#endif
