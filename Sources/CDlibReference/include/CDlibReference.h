/// dlib's own networks behind plain C: the reference that the converted networks are compared with, and timed against.
///
/// Nothing in the program's work goes through here. Every function that can fail returns a status and fills `rd_error`; no C++
/// exception leaves this library. A network runs one call at a time, from any thread: the caller sees to it.
#ifndef ROLLCALL_CDLIBREFERENCE_H
#define ROLLCALL_CDLIBREFERENCE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

typedef enum rd_status {
  RD_OK = 0,
  RD_UNREADABLE = 1,  ///< the file is missing, or not the network that was asked for
  RD_INVALID = 2,     ///< an argument is out of range
  RD_MEMORY = 3,      ///< memory ran out
  RD_FAILED = 4,      ///< anything else; the message says what
} rd_status;

typedef struct rd_error {
  char message[256];  ///< one line of UTF-8, ends with a zero byte, cut where it is too long
} rd_error;

// ---- Encoder

#define RD_CHIP_SIDE 150  ///< pixels across and down a chip
#define RD_EMBEDDING 128  ///< numbers in an embedding

typedef struct rd_encoder rd_encoder;

/// Loads `dlib_face_recognition_resnet_model_v1.dat`.
rd_status rd_encoder_open(const char *path, rd_encoder *_Nullable *_Nonnull encoder, rd_error *error);
/// Encodes `count` chips as one batch: `count * RD_CHIP_SIDE * RD_CHIP_SIDE * 3` bytes of 8-bit RGB, rows top to bottom, without
/// gaps. `embeddings` takes `count * RD_EMBEDDING` numbers, in the order of the chips. Memory grows with the batch.
rd_status rd_encoder_encode(rd_encoder *encoder, const uint8_t *chips, size_t count, float *embeddings, rd_error *error);
void rd_encoder_close(rd_encoder *_Nullable encoder);

// ---- Detector

typedef struct rd_detector rd_detector;
typedef struct rd_boxes rd_boxes;

/// A face in the picture's pixels, as dlib reports it: whole pixels, the last row and column included in the height and width.
/// May reach past the picture's edge.
typedef struct rd_box {
  long left, top, width, height;
  double confidence;  ///< how far past dlib's default threshold of 0; a clear face has about 1
} rd_box;

/// Loads `mmod_human_face_detector.dat`.
rd_status rd_detector_open(const char *path, rd_detector *_Nullable *_Nonnull detector, rd_error *error);
/// Finds the faces whose confidence is above `threshold` (dlib's default: 0) in a picture of 8-bit RGB whose rows begin every
/// `stride` bytes, surest first. The picture is doubled in size `upsamplings` times before (0…4), and the boxes halved after, as
/// dlib's Python interface does. Free the boxes with `rd_boxes_free`.
rd_status rd_detector_detect(rd_detector *detector, const uint8_t *rgb, int width, int height, size_t stride, double threshold,
                             int upsamplings, rd_boxes *_Nullable *_Nonnull boxes, rd_error *error);
void rd_detector_close(rd_detector *_Nullable detector);

// ---- The detector that Python's face_recognition uses unless told otherwise

typedef struct rd_hog rd_hog;

rd_status rd_hog_open(rd_hog *_Nullable *_Nonnull detector, rd_error *error);
/// Finds faces as `rd_detector_detect` does.
rd_status rd_hog_detect(rd_hog *detector, const uint8_t *rgb, int width, int height, size_t stride, double threshold, int upsamplings,
                        rd_boxes *_Nullable *_Nonnull boxes, rd_error *error);
void rd_hog_close(rd_hog *_Nullable detector);

size_t rd_boxes_count(const rd_boxes *boxes);
/// The box at `index`, below `rd_boxes_count`.
rd_box rd_boxes_at(const rd_boxes *boxes, size_t index);
void rd_boxes_free(rd_boxes *_Nullable boxes);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
