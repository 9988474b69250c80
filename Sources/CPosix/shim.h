#ifndef ROLLCALL_CPOSIX_SHIM_H
#define ROLLCALL_CPOSIX_SHIM_H

#include <spawn.h>

// What starting a process needs from glibc, which declares it for GNU programs only; Swift does not count as one. The
// value is that of glibc.
int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *actions, int descriptor);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);
enum { ROLLCALL_SPAWN_SETSID = 0x80 };

#endif
