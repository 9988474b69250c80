#pragma once

#include <dlib/serialize.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include "CDlibReference.h"

// Not the namespace of CVision, whose failure and report are others: both libraries are linked into one program.
namespace rollcall_reference {

/// Thrown inside this library with the status that the caller shall see.
struct failure {
  rd_status status;
  const char *message;
};

/// dlib's messages have several lines; callers get one.
inline rd_status report(rd_error *error, rd_status status, const char *message) {
  std::snprintf(error->message, sizeof error->message, "%s", message);
  char *end = error->message + std::strlen(error->message);
  while (end != error->message && end[-1] == '\n') *--end = '\0';
  std::replace(error->message, end, '\n', ' ');
  return status;
}

/// Runs `body` and turns whatever it throws into a status.
template <typename Body>
rd_status guarded(rd_error *error, Body body) noexcept {
  try {
    body();
    return RD_OK;
  } catch (const failure &problem) {
    return report(error, problem.status, problem.message);
  } catch (const dlib::serialization_error &problem) {
    return report(error, RD_UNREADABLE, problem.what());
  } catch (const std::bad_alloc &) {
    return report(error, RD_MEMORY, "not enough memory");
  } catch (const std::exception &problem) {
    return report(error, RD_FAILED, problem.what());
  } catch (...) {
    return report(error, RD_FAILED, "unknown C++ exception");
  }
}

}  // namespace rollcall_reference
