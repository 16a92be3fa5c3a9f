//! Functions and layers as zips and images that Lambda takes: the same bytes for the same
//! content, within Lambda's limits, and every binary file in them right for the machine that will
//! load it.
//!
//! It neither deploys nor unpacks packages: that is `cloud`'s and the emulator's.

mod archive;
mod audit;
mod base;
mod error;
mod image;
mod layer;
mod limits;
mod package;
mod tags;
mod tree;

pub use archive::{zip_adapted, zip_directory};
pub use audit::{GlibcVersion, LAMBDA_GLIBC, audit_elf};
pub use base::{Base, BaseLayer};
pub use error::Error;
pub use image::{
    Blob, Image, ImageLayer, Start, bare_layer, base_layer, code_layer, library_layer, write_layout,
};
pub use layer::{layer_from_files, layer_from_wheels};
pub use limits::{check_direct_upload, check_function, check_function_name, check_layer};
pub use package::{FileRecord, Manifest, Package, WheelRecord};
