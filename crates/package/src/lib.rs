//! Reproducible zips and layers, and what they may hold
