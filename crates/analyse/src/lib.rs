//! Statistics and cost: pure functions over tables of passes and invocations.
//!
//! It knows the formulas and nothing of where the numbers came from: no files, no clock, no
//! network, no chance. Each module's page states its formulas, so that anyone can recompute a
//! figure from `invocations.csv`, the study's lock and the price book: `tests/recompute` does.
//!
//! - [`summary`]: how long, how spread out, how sure ([`summary::summarise`]);
//! - [`verdict`]: who won, by how much, by the one rule ([`verdict::judge`]);
//! - [`price`] and [`cost`]: what 100,000 images cost ([`cost::costs`]);
//! - [`spent`] and [`pilot`]: what a study has cost, and what its race is going to
//!   ([`pilot::forecast`]);
//! - [`memory`]: which size is the fastest, which the cheapest ([`memory::memory`]);
//! - [`orchestration`]: what a state machine adds ([`orchestration::orchestrations`]);
//! - [`score`], [`speed`] and [`repaid`]: how good a model is at writing code, and when its code
//!   has earned what it cost ([`score::scores`], [`repaid::repaid`]).

pub mod break_even;
pub mod cost;
pub mod draws;
mod holm;
pub mod memory;
pub mod orchestration;
pub mod pilot;
mod planned;
pub mod price;
mod proportion;
mod race;
mod ratio;
pub mod repaid;
mod rounds;
pub mod score;
pub mod speed;
pub mod spent;
mod spread;
mod student;
pub mod summary;
pub mod verdict;

pub use holm::holm;
pub use planned::{Planned, Rejection};
pub use proportion::proportion_interval;
pub use race::{Images, Part, Race, passes_of};
pub use ratio::{PairedRatio, paired_ratio};
pub use rounds::{Completeness, completeness};
pub use spread::{mean, pooled_sd, quantile, sample_sd};
pub use student::{Interval, mean_interval, t_quantile, two_sided_p};
