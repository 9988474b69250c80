#ifndef ROLLCALL_CSCENES_H
#define ROLLCALL_CSCENES_H

// Test films: people who are cut out of portraits move through a drawn hall, in front of a simulated camera sensor.

#include "CVision.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

typedef struct rc_figure rc_figure;

/// Cuts a person out of a portrait and draws a body below the portrait. `face` is the detector's box in the portrait.
rc_status rc_figure_create(const rc_image *portrait, rc_rect face, rc_figure *_Nullable *_Nonnull figure, rc_error *error);
/// Adds a look to the figure: the same portrait with a covering drawn on it. The portrait itself is look 0. The figure
/// must not be in use elsewhere during the call.
rc_status rc_figure_add(rc_figure *figure, const rc_image *portrait, rc_error *error);
void rc_figure_free(rc_figure *_Nullable figure);

typedef struct rc_placement {
  const rc_figure *figure;
  int look;
  /// Maps the coordinates of the face to the picture. Their origin is the middle of the face's box, their unit its
  /// width.
  rc_similarity place;
  /// Output: the share of the face's upright box that is inside the picture and not behind a later figure, 0…1.
  double visible;
} rc_placement;

/// Draws figures into the picture. Later figures are in front of earlier ones.
rc_status rc_figures_draw(rc_image *picture, rc_placement *placements, size_t count, rc_error *error);

typedef struct rc_light {
  double gain;      ///< the factor for every level
  double vignette;  ///< the share of light that is missing in the corners, 0…1
  double blur;      ///< standard deviation of the blur in pixels
  double noise;     ///< standard deviation of the noise in 8-bit levels
} rc_light;

/// Applies the light, the blur and the noise of a camera to a clean picture. The same seed gives the same noise.
rc_status rc_image_light(rc_image *image, rc_light light, uint64_t seed, rc_error *error);

/// Draws an empty entrance hall over the whole picture. The seed chooses its colours.
rc_status rc_image_hall(rc_image *image, uint64_t seed, rc_error *error);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
