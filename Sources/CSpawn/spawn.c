#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(char *const words[], int errors, bool is_silent, pid_t parent, int failure) {
  setpgid(0, 0);
  struct sigaction usual = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &usual, NULL);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  // The parent may have ended before it could be told.
  if (getppid() != parent) _exit(128 + SIGTERM);
  // Where our own standard descriptors are closed, these may be among them.
  errors = fcntl(errors, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  failure = fcntl(failure, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  int nothing = open("/dev/null", O_RDWR);
  if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  if (nothing >= 0 && is_silent) dup2(nothing, STDOUT_FILENO);
  if (nothing > STDERR_FILENO) close(nothing);
  if (dup2(errors, STDERR_FILENO) >= 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(words[0], words);
  }
  int code = errno;
  ssize_t written = write(failure, &code, sizeof code);
  _exit(written == sizeof code ? 127 : 126);
}

pid_t CSpawn_start(char *const words[], int errors, bool is_silent) {
  // Closed by the program's start; a number comes where it fails.
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) != 0) return -1;
  pid_t parent = getpid();
  // No handler of ours may run in the child, which shares our descriptors.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t child = fork();
  if (child == 0) become(words, errors, is_silent, parent, failure[1]);
  int code = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(failure[1]);
  if (child > 0) {
    ssize_t count;
    do count = read(failure[0], &code, sizeof code);
    while (count < 0 && errno == EINTR);
    if (count == sizeof code) {
      waitpid(child, NULL, 0);
      child = -1;
    }
  }
  close(failure[0]);
  errno = code;
  return child;
}
