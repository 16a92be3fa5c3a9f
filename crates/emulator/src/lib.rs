//! The AWS APIs on loopback: Lambda's control plane and Invoke, its logs, and S3,
//! served to any client that signs its requests, every function in its own sandbox.
//!
//! It is for running other people's functions on this machine as Lambda would
//! run them: cold starts, warm sandboxes, limits, log lines and errors included.
//! It is not a client of anything, and knows nothing of studies, variants or
//! timings beyond what Lambda itself reports.
//!
//! One port serves all of them, and STS as far as it tells who has the keys. A
//! guest sees none: it has a Runtime API and an S3 of its own, on two sockets
//! that only its network namespace can reach.
//! One deviation from Lambda follows from that: a guest's environment carries
//! `AWS_ENDPOINT_URL`, since its S3 is not at S3's address.
//!
//! A runtime of another architecture than this machine's comes with an
//! [`Emulation`]: its functions are run for what they answer, with wider limits,
//! and each of their invocations is marked as emulated.
//!
//! The data folder:
//! ```text
//! functions/NAME/function.json, code/SHA256/…   functions and their code, unpacked
//! layers/NAME/VERSION/layer.json, content/…     layer versions
//! images/DIGEST/…                               container images, unpacked
//! opt/HASH/…                                    layers merged, by hard links
//! objects/BUCKET/…                              objects, named by their keys' hashes
//! logs/FUNCTION/STREAM.log, STREAM.times        what sandboxes wrote, and when
//! invocations.jsonl                             each invocation's start and end
//! ```

mod archive;
mod clock;
mod config;
mod connection;
mod credentials;
mod emulation;
mod emulator;
mod error;
mod fault;
mod form;
mod identifier;
mod image;
mod invocation;
mod lambda;
mod logs;
mod s3;
mod signature;

pub use config::{Architecture, Config, Reach, Runtime, Runtimes};
pub use credentials::Credentials;
pub use emulation::Emulation;
pub use emulator::Emulator;
pub use error::Error;
pub use s3::GuestAccess;
