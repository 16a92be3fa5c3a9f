//! How far a study is, by what it left.
