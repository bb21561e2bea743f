/* A program of a wheel. Its code is in MODULE, in the folder above its own: the function DOOR. Nothing
   of Python is there then, and nothing of Python is called. */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Takes the last part of a path away; 0 where there is none. */
static int go_up(char* path) {
  char* const slash = strrchr(path, '/');
  if (slash == NULL) return 0;
  *slash = '\0';
  return 1;
}

int main(int argc, char** argv) {
  char path[PATH_MAX + sizeof "/" MODULE];
  const ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
  if (length < 0) {
    perror(DOOR ": /proc/self/exe");
    return 2;
  }
  path[length] = '\0';
  if (!go_up(path) || !go_up(path)) return 2;
  strcat(path, "/" MODULE);
  void* const module = dlopen(path, RTLD_NOW);
  int (*program)(int, char**) = NULL;
  if (module != NULL) *(void**)&program = dlsym(module, DOOR);
  if (program == NULL) {
    fprintf(stderr, "%s: its code cannot be loaded: %s\n", argv[0], dlerror());
    return 2;
  }
  return program(argc, argv);
}
