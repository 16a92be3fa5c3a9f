//! The AWS APIs on loopback, each function in its own sandbox
