#[cfg(target_os = "linux")]
mod desk;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod unsupported;

#[cfg(target_os = "linux")]
pub use linux::{Guest, Keeper, probe};
#[cfg(not(target_os = "linux"))]
pub use unsupported::{Guest, Keeper, probe};
