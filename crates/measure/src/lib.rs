//! The schedule, rounds and blocks, resume
