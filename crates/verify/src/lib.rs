//! Outputs against the reference: a verdict per function with its reason
