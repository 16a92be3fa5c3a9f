//! The five functions as they are used: held against [`crate::reference`], and free to be faster.

pub use crate::reference::{convert, depth, greyscale, resize, rotate};
