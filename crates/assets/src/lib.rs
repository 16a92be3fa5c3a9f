//! What the binary carries when installed: applications, inspector, prices
