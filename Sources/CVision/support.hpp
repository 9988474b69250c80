#pragma once

#include <opencv2/core.hpp>

#include <cstdio>
#include <exception>
#include <new>

#include "CVision.h"

/// An 8-bit RGB picture, always contiguous.
struct rc_image {
  cv::Mat rgb;
};

namespace rollcall {

/// Thrown inside this library with the status that the caller shall see.
struct failure {
  rc_status status;
  const char *message;
};

inline rc_status report(rc_error *error, rc_status status, const char *message) {
  std::snprintf(error->message, sizeof error->message, "%s", message);
  return status;
}

/// Runs `body` and turns whatever it throws into a status.
template <typename Body>
rc_status guarded(rc_error *error, Body body) noexcept {
  try {
    body();
    return RC_OK;
  } catch (const failure &problem) {
    return report(error, problem.status, problem.message);
  } catch (const std::bad_alloc &) {
    return report(error, RC_MEMORY, "not enough memory");
  } catch (const cv::Exception &problem) {
    return report(error, problem.code == cv::Error::StsNoMem ? RC_MEMORY : RC_FAILED, problem.err.c_str());
  } catch (const std::exception &problem) {
    return report(error, RC_FAILED, problem.what());
  } catch (...) {
    return report(error, RC_FAILED, "unknown C++ exception");
  }
}

}  // namespace rollcall
