//! What a caller hears while something long is under way.

/// Told what is being done; the command line draws it.
pub trait Progress {
    /// A new step begins.
    fn step(&self, text: &str);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _text: &str) {}
}
