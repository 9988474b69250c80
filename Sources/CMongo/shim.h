#ifndef ROLLCALL_CMONGO_SHIM_H
#define ROLLCALL_CMONGO_SHIM_H

#include <mongoc/mongoc.h>

// bson_t is aligned to 128 bytes, which Swift cannot import, so Swift holds pointers to it and asks here how
// much memory a reply needs.
static inline size_t rollcall_bson_size(void) { return sizeof(bson_t); }

// libmongoc writes replies over whatever memory it is given, so the memory must come from here and not from
// bson_new(), whose allocation bson_destroy() would no longer know about.
static inline size_t rollcall_bson_alignment(void) { return _Alignof(bson_t); }

// How the private mongod learns that its owners have gone, which glibc declares for GNU programs only; Swift does not count as one.
enum { ROLLCALL_F_SETSIG = 10 };

#endif
