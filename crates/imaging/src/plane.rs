//! Pixels in memory.

/// One component, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plane<T> {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// `width * height` samples.
    pub samples: Vec<T>,
}

/// Three components of 8 bits, interleaved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rgb {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// `3 * width * height` samples.
    pub samples: Vec<u8>,
}

impl<T: Copy> Plane<T> {
    /// A plane of these samples.
    ///
    /// # Panics
    /// If there are not `width * height` of them.
    #[must_use]
    pub fn new(width: usize, height: usize, samples: Vec<T>) -> Self {
        assert_eq!(samples.len(), width * height, "a plane has a sample for each pixel");
        Self { width, height, samples }
    }

    /// The sample at column `x` of row `y`.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> T {
        self.samples[y * self.width + x]
    }

    /// The same with every sample changed by itself.
    #[must_use]
    pub fn map<U: Copy>(&self, change: impl Fn(T) -> U) -> Plane<U> {
        let samples = self.samples.iter().map(|&sample| change(sample)).collect();
        Plane { width: self.width, height: self.height, samples }
    }

    /// A plane of another shape, each pixel taken from the place that `from` says.
    #[must_use]
    pub fn rearranged(
        &self,
        width: usize,
        height: usize,
        from: impl Fn(usize, usize) -> (usize, usize),
    ) -> Self {
        let mut samples = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (from_x, from_y) = from(x, y);
                samples.push(self.at(from_x, from_y));
            }
        }
        Self { width, height, samples }
    }

    /// Turned by 90 degrees clockwise.
    #[must_use]
    pub fn clockwise(&self) -> Self {
        self.turned(|row| row, |row| self.height - 1 - row)
    }

    /// Turned by a quarter: each row becomes a column. `across` says which old row a new column
    /// holds, and `down` which place of it comes into a new row.
    ///
    /// In strips of a few old rows, so that what is written together lies together.
    fn turned(&self, down: impl Fn(usize) -> usize, across: impl Fn(usize) -> usize) -> Self {
        const STRIP: usize = 16;
        let (width, height) = (self.height, self.width);
        if self.samples.is_empty() {
            return Self { width, height, samples: Vec::new() };
        }
        let mut samples = vec![self.samples[0]; width * height];
        for left in (0..width).step_by(STRIP) {
            let strip = STRIP.min(width - left);
            let rows: [&[T]; STRIP] = std::array::from_fn(|column| {
                let row = across(left + column.min(strip - 1));
                &self.samples[row * height..][..height]
            });
            for (y, out) in samples.chunks_exact_mut(width).enumerate() {
                let from = down(y);
                for (out, row) in out[left..left + strip].iter_mut().zip(&rows) {
                    *out = row[from];
                }
            }
        }
        Self { width, height, samples }
    }

    /// Turned by 180 degrees.
    #[must_use]
    pub fn upside_down(&self) -> Self {
        let (width, height) = (self.width, self.height);
        self.rearranged(width, height, |x, y| (width - 1 - x, height - 1 - y))
    }

    /// Turned by 90 degrees counter-clockwise.
    #[must_use]
    pub fn counter_clockwise(&self) -> Self {
        self.turned(|row| self.width - 1 - row, |row| row)
    }

    /// Left and right exchanged.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        self.rearranged(self.width, self.height, |x, y| (self.width - 1 - x, y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_quarter_turns_are_none_and_the_corner_goes_where_a_clock_says() {
        let plane = Plane::new(3, 2, vec![1, 2, 3, 4, 5, 6]);
        let turned = plane.clockwise();
        assert_eq!((turned.width, turned.height), (2, 3));
        assert_eq!(turned.samples, [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned.clockwise(), plane.upside_down());
        assert_eq!(turned.counter_clockwise(), plane);
        assert_eq!(plane.mirrored().samples, [3, 2, 1, 6, 5, 4]);
    }

    #[test]
    fn a_quarter_turn_puts_every_sample_where_its_definition_does() {
        for (width, height) in [(1, 1), (1, 40), (40, 1), (16, 16), (17, 33), (50, 15)] {
            let plane = Plane::new(width, height, (0..width * height).collect());
            let clockwise = plane.rearranged(height, width, |x, y| (y, height - 1 - x));
            assert_eq!(plane.clockwise(), clockwise, "{width}x{height}");
            let back = plane.rearranged(height, width, |x, y| (width - 1 - y, x));
            assert_eq!(plane.counter_clockwise(), back, "{width}x{height}");
        }
        let nothing = Plane::<u8>::new(0, 3, vec![]).clockwise();
        assert_eq!((nothing.width, nothing.height), (3, 0));
    }
}
