#ifndef ROLLCALL_CSCENES_H
#define ROLLCALL_CSCENES_H

// Test films: people cut out of portraits, moved over a drawn hall, and seen through a sensor.

#include "CVision.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

typedef struct rc_figure rc_figure;

/// Cuts a person out of a portrait in which `face` is the detector's box, and draws a body below what the portrait shows.
rc_status rc_figure_create(const rc_image *portrait, rc_rect face, rc_figure *_Nullable *_Nonnull figure, rc_error *error);
/// Adds another look of the figure: the same portrait, with something drawn on it. The portrait itself is look 0. Not while the figure
/// is used elsewhere.
rc_status rc_figure_add(rc_figure *figure, const rc_image *portrait, rc_error *error);
void rc_figure_free(rc_figure *_Nullable figure);

typedef struct rc_placement {
  const rc_figure *figure;
  int look;
  /// From faces to the picture: the origin is the middle of the face's box, the unit its width.
  rc_similarity place;
  /// Is written: the share of the face's upright box that is inside the picture and not behind a later figure, 0…1.
  double visible;
} rc_placement;

/// Draws figures, later ones in front of earlier ones.
rc_status rc_figures_draw(rc_image *picture, rc_placement *placements, size_t count, rc_error *error);

typedef struct rc_light {
  double gain;      ///< what every level is multiplied with
  double vignette;  ///< the share of light that is missing in the corners, 0…1
  double blur;      ///< standard deviation in pixels
  double noise;     ///< standard deviation in 8-bit levels
} rc_light;

/// Makes of a clean picture what a sensor sees. The same seed gives the same noise.
rc_status rc_image_light(rc_image *image, rc_light light, uint64_t seed, rc_error *error);

/// Draws an empty entrance hall over the whole picture; the seed chooses its colours.
rc_status rc_image_hall(rc_image *image, uint64_t seed, rc_error *error);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
