/// The C++ side of Rollcall: OpenCV, dlib and Pango behind plain C.
///
/// Every function that can fail returns a status and fills `rc_error`. C++ exceptions are caught in this library,
/// because an exception that reached Swift would end the process. Pictures are 8-bit RGB with rows from top to bottom.
/// Coordinates are pixels, x to the right and y down.
#ifndef ROLLCALL_CVISION_H
#define ROLLCALL_CVISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

typedef enum rc_status {
  RC_OK = 0,
  RC_UNREADABLE = 1,  ///< the bytes are not a picture that can be decoded
  RC_INVALID = 2,     ///< an argument is out of range
  RC_MEMORY = 3,      ///< memory ran out
  RC_FAILED = 4,      ///< any other error; the message describes it
} rc_status;

typedef struct rc_error {
  char message[256];
} rc_error;

typedef struct rc_rect {
  double x, y, width, height;
} rc_rect;

typedef struct rc_point {
  double x, y;
} rc_point;

/// A rotation, scaling and translation: it maps (x, y) to (a x - b y + dx, b x + a y + dy).
typedef struct rc_similarity {
  double a, b, dx, dy;
} rc_similarity;

typedef struct rc_color {
  double red, green, blue;  ///< 0…1
} rc_color;

// ---- Pictures

typedef struct rc_image rc_image;

/// Decodes JPEG, PNG, WebP, BMP or TIFF bytes to RGB and turns the picture upright as EXIF specifies. `reduce` is 1, 2,
/// 4 or 8: the picture becomes that many times smaller, which for JPEG saves most of the work.
rc_status rc_image_decode(const uint8_t *bytes, size_t count, int reduce, rc_image *_Nullable *_Nonnull image, rc_error *error);
/// Creates a picture from a copy of `width * height` RGB pixels.
rc_status rc_image_create(const uint8_t *rgb, int width, int height, rc_image *_Nullable *_Nonnull image, rc_error *error);
/// Creates a picture without pixel values. The caller writes `pixels` before any other code uses the picture.
rc_status rc_image_allocate(int width, int height, rc_image *_Nullable *_Nonnull image, uint8_t *_Nullable *_Nonnull pixels,
                            rc_error *error);
/// Resizes a picture: by area if it becomes smaller, bilinear if it becomes larger.
rc_status rc_image_resize(const rc_image *image, int width, int height, rc_image *_Nullable *_Nonnull result, rc_error *error);
/// Cuts out a rectangle. Pixels outside the picture are black.
rc_status rc_image_crop(const rc_image *image, int x, int y, int width, int height, rc_image *_Nullable *_Nonnull result,
                        rc_error *error);
/// Copies `source` into `target` with its upper left corner at (x, y), clipped.
rc_status rc_image_paste(rc_image *target, const rc_image *source, int x, int y, rc_error *error);
/// Encodes a picture in the format of the file extension (".jpg", ".png"). `sink` receives all bytes in one call.
rc_status rc_image_encode(const rc_image *image, const char *extension, int quality,
                          void (*sink)(void *_Nullable context, const uint8_t *bytes, size_t count), void *_Nullable context,
                          rc_error *error);
/// Computes a perceptual hash of 64 bits, and that of the picture mirrored left to right. The hashes of two pictures
/// differ in few bits if the pictures differ only in size, in compression or a little in colour. It is the DCT hash of
/// Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), with scaling by area instead of
/// his mean filter.
rc_status rc_image_hash(const rc_image *image, uint64_t *hash, uint64_t *mirrored, rc_error *error);
int rc_image_width(const rc_image *image);
int rc_image_height(const rc_image *image);
/// The pixels, contiguous. The image owns them.
const uint8_t *rc_image_pixels(const rc_image *image);
void rc_image_free(rc_image *_Nullable image);

/// Reads the time of exposure and its UTC offset in the format of EXIF ("2026:11:21 08:15:30", "+01:00"). An unknown
/// value is empty. Both buffers hold `capacity` bytes.
void rc_exif_time(const uint8_t *bytes, size_t count, char *time, char *offset, size_t capacity);

// ---- Memory

/// Makes glibc return large blocks to the system as soon as they are freed.
void rc_memory_return_large_blocks(void);

// ---- Faces

typedef struct rc_landmarker rc_landmarker;

#define RC_LANDMARKS 5

/// Loads dlib's 5-point shape predictor.
rc_status rc_landmarker_open(const char *path, rc_landmarker *_Nullable *_Nonnull landmarker, rc_error *error);
/// Finds the eye corners and the base of the nose. `points` has dlib's order: the outer and inner corner of the left
/// eye (the person's own left), the outer and inner corner of the right eye, the nose. Several threads may call it at
/// once.
rc_status rc_landmarker_find(const rc_landmarker *landmarker, const rc_image *image, rc_rect box, rc_point *points,
                             rc_error *error);
void rc_landmarker_free(rc_landmarker *_Nullable landmarker);

/// Cuts out a square chip in dlib's frame: upright, with level eyes, `size` pixels on each side, and a margin of
/// `padding` times the size of the face. `chip` has room for size * size * 3 bytes.
rc_status rc_chip_extract(const rc_image *image, const rc_point *points, int size, double padding, uint8_t *chip,
                          rc_error *error);

/// Computes the similarity that maps the pixels of such a chip to the picture.
rc_status rc_chip_place(const rc_point *points, int size, double padding, rc_similarity *to_image, rc_error *error);

typedef struct rc_chip_quality {
  double sharpness;   ///< variance of the Laplacian of the grey face, 8-bit levels squared
  double brightness;  ///< mean grey level of the face, 0…255
  double contrast;    ///< standard deviation of the grey level, 0…255
  double blown;       ///< share of the face's pixels at 250 or above
} rc_chip_quality;

/// Measures light and sharpness of the face in a square RGB chip. The face is the inner two thirds of the chip.
rc_status rc_chip_measure(const uint8_t *chip, int size, rc_chip_quality *quality, rc_error *error);

// ---- Masks

typedef enum rc_mask_style {
  RC_MASK_SURGICAL = 0,
  RC_MASK_RESPIRATOR = 1,
  RC_MASK_CLOTH = 2,
  RC_MASK_PATTERNED = 3,
  RC_MASK_SCARF = 4,  ///< no mask: scarf, bandana, buff or veil
  RC_MASK_HAND = 5,   ///< no mask: a hand in front of the mouth
  RC_MASK_HOOD = 6,   ///< no mask: a balaclava, hood or niqab
} rc_mask_style;

typedef enum rc_mask_wear {
  RC_MASK_WELL = 0,        ///< over mouth and nose
  RC_MASK_UNDER_NOSE = 1,  ///< over the mouth, the nose free
  RC_MASK_CHIN = 2,        ///< under the mouth
} rc_mask_wear;

/// Draws a covering on the face with these landmarks (in dlib's order), in the light of the face. The same seed draws
/// the same covering.
rc_status rc_mask_render(rc_image *image, const rc_point *points, rc_mask_style style, rc_mask_wear wear, uint64_t seed,
                         rc_error *error);

// ---- Drawing

/// A rounded frame with a label and a badge. The label is above the frame, or below or inside it if there is no room.
/// The badge is on the lower edge; an empty one is not drawn. Texts are UTF-8. Pango draws them, in any script for
/// which the machine has a font.
typedef struct rc_label {
  rc_rect box;
  rc_color color;
  const char *title;
  const char *subtitle;
  rc_color badge_color;
  const char *badge;
} rc_label;

rc_status rc_image_annotate(rc_image *image, const rc_label *labels, size_t count, rc_error *error);

/// Draws `side * side` numbers, 0…1, over the picture in the colours of viridis. Higher numbers cover more, and the
/// edges fade out. `to_image` maps the column and row of a number to the picture.
rc_status rc_image_overlay(rc_image *image, const float *heat, int side, rc_similarity to_image, rc_error *error);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
