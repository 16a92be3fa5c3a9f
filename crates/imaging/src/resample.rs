//! Antialiased resampling in floating point: small enough to be read, exact enough to judge by.

use crate::plane::Plane;

/// How neighbours are weighed; each is widened by the reduction, which is what antialiases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Every pixel under the new one, equally; one whose centre is on a border counts before it.
    Box,
    /// The same, but one on a border counts after it: libraries differ.
    BoxAfter,
    /// Every pixel by how much of it lies under the new one, which is less than one when enlarging.
    Area,
    /// The same, but a new pixel that begins on a border is taken for one of the pixel before, as
    /// OpenCV's rounding has it in some columns and rows when enlarging.
    AreaBefore,
    /// A tent.
    Triangle,
    /// Catmull-Rom, a = −0.5.
    Cubic,
    /// A windowed sinc of one lobe.
    Hamming,
    /// A windowed sinc of three lobes.
    Lanczos3,
}

impl Filter {
    /// The four that an implementation is compared with, the box in each way that libraries have;
    /// what [`Filter::suited`] gives unless a picture is enlarged.
    pub const ALL: [Self; 6] =
        [Self::Lanczos3, Self::Cubic, Self::Triangle, Self::Box, Self::BoxAfter, Self::Area];

    /// Those that an enlarged picture is compared with: without anything to average, libraries
    /// differ by more.
    const ENLARGING: [Self; 8] = [
        Self::Lanczos3,
        Self::Cubic,
        Self::Triangle,
        Self::Box,
        Self::BoxAfter,
        Self::Area,
        Self::AreaBefore,
        Self::Hamming,
    ];

    /// What a picture at another size is compared with.
    #[must_use]
    pub fn suited<T: Copy>(plane: &Plane<T>, width: usize, height: usize) -> &'static [Self] {
        let enlarged = plane.width < width && plane.height < height;
        if enlarged { &Self::ENLARGING } else { &Self::ALL }
    }

    fn support(self) -> f64 {
        match self {
            Self::Box | Self::BoxAfter => 0.5,
            Self::Triangle | Self::Area | Self::AreaBefore | Self::Hamming => 1.0,
            Self::Cubic => 2.0,
            Self::Lanczos3 => 3.0,
        }
    }

    /// Of a pixel so far from the new one's centre, where one new pixel is `scale` old ones wide.
    fn weight(self, distance: f64, scale: f64) -> f64 {
        // What is a border must not hang on the last bit of a quotient.
        const BORDER: f64 = 1e-9;
        let side = distance / scale.max(1.0);
        let x = side.abs();
        match self {
            Self::Box => f64::from(side > -0.5 + BORDER && side <= 0.5 + BORDER),
            Self::BoxAfter => f64::from((-0.5 - BORDER..0.5 - BORDER).contains(&side)),
            Self::Area => {
                let common = (scale + 1.0) / 2.0 - distance.abs();
                common.clamp(0.0, scale.min(1.0))
            }
            Self::AreaBefore if scale >= 1.0 => Self::Area.weight(distance, scale),
            Self::AreaBefore if (distance + (1.0 + scale) / 2.0).abs() < BORDER => scale,
            // The first has none before it.
            Self::AreaBefore if (distance - (1.0 - scale) / 2.0).abs() < BORDER => BORDER,
            Self::AreaBefore => Self::Area.weight(distance, scale),
            Self::Triangle => (1.0 - x).max(0.0),
            Self::Cubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Self::Cubic if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Self::Cubic => 0.0,
            Self::Hamming if x < 1.0 => sinc(x) * (0.54 + 0.46 * (std::f64::consts::PI * x).cos()),
            Self::Hamming => 0.0,
            Self::Lanczos3 if x < 3.0 => sinc(x) * sinc(x / 3.0),
            Self::Lanczos3 => 0.0,
        }
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let angle = std::f64::consts::PI * x;
    angle.sin() / angle
}

/// For each new pixel: where its neighbours begin, and their weights.
pub(crate) fn weights(from: usize, to: usize, filter: Filter) -> Vec<(usize, Vec<f32>)> {
    weights_within(from as f64, from, to, filter)
}

/// The same of samples the last of which may lie in part beyond the picture's end.
pub(crate) fn weights_within(
    extent: f64,
    from: usize,
    to: usize,
    filter: Filter,
) -> Vec<(usize, Vec<f32>)> {
    let scale = extent / to as f64;
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    (0..to)
        .map(|pixel| {
            let centre = (pixel as f64 + 0.5) * scale;
            let first = (centre - support).floor().max(0.0) as usize;
            let last = ((centre + support).ceil() as usize).min(from);
            let raw: Vec<f64> = (first..last)
                .map(|place| filter.weight(place as f64 + 0.5 - centre, scale))
                .collect();
            let sum: f64 = raw.iter().sum();
            (first, raw.iter().map(|weight| (weight / sum) as f32).collect())
        })
        .collect()
}

/// The plane at another size, stretched, at the precision of `f32`.
#[must_use]
pub fn resample_float(
    plane: &Plane<f32>,
    width: usize,
    height: usize,
    filter: Filter,
) -> Plane<f32> {
    let columns = weights(plane.width, width, filter);
    let mut narrow = Vec::with_capacity(width * plane.height);
    for row in plane.samples.chunks_exact(plane.width) {
        for (first, weights) in &columns {
            let neighbours = &row[*first..*first + weights.len()];
            narrow.push(neighbours.iter().zip(weights).map(|(a, b)| a * b).sum::<f32>());
        }
    }
    let rows = weights(plane.height, height, filter);
    let mut samples = vec![0.0_f32; width * height];
    for ((first, weights), out) in rows.iter().zip(samples.chunks_exact_mut(width)) {
        for (offset, weight) in weights.iter().enumerate() {
            let start = (first + offset) * width;
            for (sum, sample) in out.iter_mut().zip(&narrow[start..start + width]) {
                *sum += sample * weight;
            }
        }
    }
    Plane { width, height, samples }
}

/// The same from 8-bit samples.
#[must_use]
pub fn resample(plane: &Plane<u8>, width: usize, height: usize, filter: Filter) -> Plane<f32> {
    resample_float(&plane.map(f32::from), width, height, filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_picture_stays_flat_and_a_ramp_stays_a_ramp() {
        for filter in Filter::ENLARGING {
            let flat = Plane::new(37, 23, vec![77_u8; 37 * 23]);
            let small = resample(&flat, 10, 7, filter);
            assert!(small.samples.iter().all(|sample| (sample - 77.0).abs() < 1e-3), "{filter:?}");
            let ramp = Plane::new(100, 1, (0..100).collect());
            let small = resample(&ramp, 30, 1, filter);
            let middle = small.samples[15] - small.samples[14];
            // A box takes whole pixels, so its steps are whole too.
            let whole = matches!(filter, Filter::Box | Filter::BoxAfter);
            let near = if whole { 0.7 } else { 0.2 };
            assert!((middle - 100.0 / 30.0).abs() < near, "{filter:?}: {middle}");
        }
    }

    #[test]
    fn a_box_over_whole_pixels_is_their_mean() {
        let plane = Plane::new(4, 2, vec![0, 10, 20, 30, 40, 50, 60, 70]);
        for filter in [Filter::Box, Filter::BoxAfter, Filter::Area] {
            assert_eq!(resample(&plane, 2, 1, filter).samples, [25.0, 45.0], "{filter:?}");
        }
    }

    #[test]
    fn an_area_is_shared_by_the_pixels_that_it_lies_in() {
        let plane = Plane::new(3, 1, vec![0, 90, 210]);
        // Each new pixel is one and a half old ones wide.
        assert_eq!(resample(&plane, 2, 1, Filter::Area).samples, [30.0, 170.0]);
        // Each is three quarters wide: a third of the second lies beyond the border.
        let wider = resample(&plane, 4, 1, Filter::Area).samples;
        for (found, exact) in wider.iter().zip([0.0, 60.0, 130.0, 210.0]) {
            assert!((found - exact).abs() < 1e-3, "{wider:?}");
        }
    }

    #[test]
    fn a_new_pixel_that_begins_on_a_border_may_be_taken_for_one_of_the_pixel_before() {
        let plane = Plane::new(2, 1, vec![10, 20]);
        assert_eq!(resample(&plane, 4, 1, Filter::Area).samples, [10.0, 10.0, 20.0, 20.0]);
        assert_eq!(resample(&plane, 4, 1, Filter::AreaBefore).samples, [10.0, 10.0, 10.0, 20.0]);
    }

    #[test]
    fn only_what_grows_both_ways_is_compared_with_the_filters_for_that() {
        let plane = Plane::new(20, 10, vec![0_u8; 200]);
        assert_eq!(Filter::suited(&plane, 21, 11).len(), Filter::ALL.len() + 2);
        for (width, height) in [(20, 11), (21, 10), (19, 11), (5, 5)] {
            assert_eq!(Filter::suited(&plane, width, height), Filter::ALL, "{width}x{height}");
        }
    }
}
