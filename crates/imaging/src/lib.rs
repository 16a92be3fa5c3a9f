//! The five image functions, bytes to bytes, and the comparison of pictures
