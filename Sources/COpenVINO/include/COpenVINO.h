/// OpenVINO's C API for Swift. The functions that take variable arguments have non-variadic twins there, so nothing is wrapped.
#include <openvino/c/openvino.h>
