//! The judge on right and wrong outputs, made from the bundled contract and pictures.

mod accepted;
mod contract;
mod conversions;
mod depths;
mod desk;
mod files;
mod greys;
mod resizes;
mod turns;
