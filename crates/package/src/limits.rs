//! What Lambda takes: sizes, the number of layers, names.

use crate::error::Error;
use crate::package::Package;

const MEBI: u64 = 1024 * 1024;
/// The most bytes of a zip in a request; more goes by way of S3.
const DIRECT: u64 = 50 * MEBI;
/// The most bytes unzipped, layers included.
const UNZIPPED: u64 = 250 * MEBI;
/// The most bytes of an image, unpacked.
pub(crate) const IMAGE: u64 = 10 * 1024 * MEBI;
const LAYERS: usize = 5;
const NAME: usize = 64;
const SHRINK: &str = "leave out what the functions do not import";
const SHRINK_OR_IMAGE: &str =
    "leave out what the functions do not import, or write package = \"image\" in the target";

/// Whether a function with these layers is within Lambda's limits.
pub fn check_function(code: &Package, layers: &[&Package]) -> Result<(), Error> {
    if layers.len() > LAYERS {
        return Err(Error::TooMuch {
            what: "the number of layers".to_owned(),
            is: layers.len() as u64,
            limit: LAYERS as u64,
            unit: "layers",
            mend: "put what belongs together into one layer",
        });
    }
    let unzipped =
        code.unzipped_size() + layers.iter().map(|layer| layer.unzipped_size()).sum::<u64>();
    fits("the function with its layers, unzipped,", unzipped, UNZIPPED, SHRINK_OR_IMAGE)
}

/// Whether Lambda takes an image of so many bytes, unpacked.
pub(crate) fn check_image(unpacked: u64) -> Result<(), Error> {
    fits("the image, unpacked,", unpacked, IMAGE, SHRINK)
}

/// Whether a layer by itself is within Lambda's limits, where it is handed over as a zip.
pub fn check_layer(layer: &Package) -> Result<(), Error> {
    fits("the layer, unzipped,", layer.unzipped_size(), UNZIPPED, SHRINK_OR_IMAGE)
}

/// Whether a package may be sent in a request; a larger one has to go by way of S3.
pub fn check_direct_upload(package: &Package) -> Result<(), Error> {
    fits("the zip", package.bytes.len() as u64, DIRECT, "upload it by way of S3")
}

fn fits(what: &str, is: u64, limit: u64, mend: &'static str) -> Result<(), Error> {
    if is <= limit {
        return Ok(());
    }
    Err(Error::TooMuch { what: what.to_owned(), is, limit, unit: "bytes", mend })
}

/// Whether Lambda takes this name for a function.
pub fn check_function_name(name: &str) -> Result<(), Error> {
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || !name.bytes().all(fit) {
        return Err(Error::FunctionName(name.to_owned()));
    }
    if name.len() > NAME {
        return Err(Error::TooMuch {
            what: format!("the name `{name}`"),
            is: name.len() as u64,
            limit: NAME as u64,
            unit: "characters",
            mend: "",
        });
    }
    Ok(())
}
