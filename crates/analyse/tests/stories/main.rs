//! What the analysis promises, told through its public interface.

mod against_scipy;
mod costs;
mod duel;
mod identical_code;
mod memory_sizes;
mod repayments;
mod scores;
mod simulated;
mod spending;
mod state_machines;
mod summaries;
mod verdicts;
