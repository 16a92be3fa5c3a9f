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
        What::Outcome(outcome) => outcome.cost_usd(),
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
    fn what_no_answer_cost_stays_spent_at_the_next_start() {
        use photofinish_generate::ledger::{Asked, Billed, Ledger, Task};
        use photofinish_generate::{Attempt, Request, Response, Usage};
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        let request = Request { url: "http://a".into(), headers: vec![], body: vec![] };
        let asked = Asked {
            task: Task {
                contestant: "gpt-5/1".parse().unwrap(),
                function: photofinish_study::Name::new("depth").unwrap(),
            },
            attempt: 1,
            provider: "openai".into(),
            model: "gpt-5".into(),
            effort: None,
            request: request.clone(),
        };
        let intent = ledger.intend(&asked).unwrap();
        let attempt = Attempt {
            request,
            sent_at: "2026-11-24T12:00:00.000Z".into(),
            took: std::time::Duration::from_secs(1),
            outcome: Ok(Response { status: 200, headers: vec![], body: b"failed".to_vec() }),
        };
        let billed = Billed { usage: Usage::default(), cost_usd: Some(0.75) };
        ledger.conclude(intent, &attempt, None, Some(billed)).unwrap();
        let mut purse = Purse::of(Some(1.0), ledger.records(), &BTreeMap::new());
        assert!(matches!(purse.reserve(0.5), Err(Failure::Budget(_))));
        assert!(purse.reserve(0.2).is_ok());
    }

    #[test]
    fn a_study_without_a_budget_has_no_limit() {
        let mut purse = Purse { limit: None, spent: 100.0, reserved: 0.0 };
        assert!(purse.reserve(1e6).is_ok());
    }
}
