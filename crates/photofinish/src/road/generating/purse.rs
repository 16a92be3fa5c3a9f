//! What asking may cost: nothing is sent that could pass the study's limit.

use std::collections::BTreeMap;

use photofinish_generate::ledger::{Records, What};

use crate::failure::{Failure, Told};

/// The money of a study: its limit, what is spent, and what is under way.
#[derive(Debug)]
pub(super) struct Purse {
    limit: Option<f64>,
    spent: f64,
    reserved: f64,
}

/// Money that is set aside for one question.
#[derive(Debug)]
pub(super) struct Reserved(f64);

impl Purse {
    /// With what the ledger says was spent before. A request of which nothing is known may have
    /// been paid for: it counts with the most that its question could cost.
    pub(super) fn of(limit: Option<f64>, records: &Records, most: &BTreeMap<String, f64>) -> Self {
        let known: f64 = records.entries().iter().filter_map(|entry| paid(&entry.what)).sum();
        let doubtful: f64 = records
            .in_doubt()
            .filter_map(|(_, intent)| most.get(&format!("{}:{}", intent.provider, intent.model)))
            .sum();
        Self { limit, spent: known + doubtful, reserved: 0.0 }
    }

    pub(super) fn spent(&self) -> f64 {
        self.spent
    }

    /// What is left, where there is a limit.
    pub(super) fn left(&self) -> Option<f64> {
        self.limit.map(|limit| limit - self.spent - self.reserved)
    }

    /// Sets the most that a question can cost aside, or says that there is not so much left.
    pub(super) fn reserve(&mut self, most: f64) -> Result<Reserved, Failure> {
        if let (Some(left), Some(limit)) = (self.left(), self.limit)
            && most > left
        {
            let message = format!(
                "an answer may cost up to ${most:.2}, and of the budget of ${limit:.2} there are \
                 ${:.2} left",
                left.max(0.0)
            );
            let hint = "raise `limit_usd` or lower `max_output_tokens`, and run it again: every \
                        answer that was had is kept";
            return Err(Failure::Budget(Told::words(message, Some(hint))));
        }
        self.reserved += most;
        Ok(Reserved(most))
    }

    /// What the question came to.
    pub(super) fn settle(&mut self, reserved: Reserved, paid: f64) {
        self.reserved -= reserved.0;
        self.spent += paid;
    }
}

/// What an entry of the ledger says was paid.
fn paid(what: &What) -> Option<f64> {
    match what {
        What::Outcome(outcome) => outcome.reading.as_ref()?.cost_usd,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_set_aside_that_could_pass_the_limit() {
        let mut purse = Purse { limit: Some(1.0), spent: 0.5, reserved: 0.0 };
        let first = purse.reserve(0.4).unwrap();
        assert!(matches!(purse.reserve(0.2), Err(Failure::Budget(_))));
        purse.settle(first, 0.1);
        assert!(purse.reserve(0.4).is_ok(), "the first one was cheaper than it could have been");
        assert!(matches!(purse.reserve(0.1), Err(Failure::Budget(_))));
    }

    #[test]
    fn a_study_without_a_budget_has_no_limit() {
        let mut purse = Purse { limit: None, spent: 100.0, reserved: 0.0 };
        assert!(purse.reserve(1e6).is_ok());
    }
}
