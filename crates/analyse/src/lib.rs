//! Statistics and cost: pure functions over the rows of a study.
//!
//! It knows nothing of where the numbers came from, and writes nothing.

mod cost;
mod describe;
mod holm;
mod paired;
mod summary;
mod table;
mod verdict;

pub use cost::{COLD_SHARE, CostRow, IMAGES, LOG_BYTES, PriceBook, cost, invocation_cost};
pub use describe::{Spread, quantile, spread};
pub use holm::holm;
pub use paired::{Paired, paired_ratio};
pub use summary::{Metric, SummaryRow, Unit, summarise};
pub use table::{Planned, Race};
pub use verdict::{
    FEWEST_ROUNDS, Family, LEVEL, Rejection, Verdict, VerdictRow, too_few_rounds, verdicts,
};
