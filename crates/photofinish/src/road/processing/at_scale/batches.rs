//! How pictures are put into batches.
//!
//! All pictures of a batch are made at the same time, so it lasts as long as its slowest one: with
//! each call's time limit it cannot pass the five minutes of an Express workflow, and its price is
//! spread over as many pictures as an inline Map runs at a time.

use std::num::NonZeroUsize;

use photofinish_cloud::MOST_ITEM_BYTES;
use serde_json::{Value, json};

use super::bucket::Picture;

/// An inline Map runs so many iterations at a time.
const MOST_IN_A_BATCH: u64 = 40;
/// A Distributed Map runs so many children at a time.
const MOST_BATCHES: u32 = 10_000;
/// Nine tenths of what an account may run at a time unless it has asked for more.
pub(super) const USUAL_JOBS: u32 = 900;

/// How many pictures, and how they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) pictures: u64,
    /// In one batch, at the most; they are made at the same time.
    pub(super) in_a_batch: u64,
    /// So many batches at a time.
    pub(super) batches_at_once: u32,
}

/// `--jobs`, as large as it can be.
pub(super) fn at_most(jobs: NonZeroUsize) -> u32 {
    u32::try_from(jobs.get()).unwrap_or(u32::MAX)
}

impl Shape {
    /// With so many pictures at a time, which is what the account's concurrency allows.
    pub(super) fn of(pictures: u64, jobs: u32) -> Self {
        let in_a_batch = MOST_IN_A_BATCH.min(u64::from(jobs)).min(pictures).max(1);
        let batches_at_once = u64::from(jobs) / in_a_batch;
        let batches_at_once = u32::try_from(batches_at_once).unwrap_or(u32::MAX);
        Self { pictures, in_a_batch, batches_at_once: batches_at_once.clamp(1, MOST_BATCHES) }
    }

    /// How many batches there are, unless keys are so long that there must be more.
    pub(super) fn batches(&self) -> u64 {
        self.pictures.div_ceil(self.in_a_batch)
    }

    /// How many pictures are made at the same time.
    pub(super) fn at_once(&self) -> u64 {
        (u64::from(self.batches_at_once) * self.in_a_batch).min(self.pictures)
    }
}

/// The array of batches that the Map reads.
pub(super) fn written(pictures: &[Picture], in_a_batch: u64) -> String {
    let (mut batches, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0);
    for Picture { id, key, output } in pictures {
        let image = json!({"id": id, "key": key, "output": output});
        let length = image.to_string().len() + 1;
        if batch.len() as u64 == in_a_batch || bytes + length > MOST_ITEM_BYTES {
            batches.push(json!({"images": std::mem::take(&mut batch)}));
            bytes = 0;
        }
        bytes += length;
        batch.push(image);
    }
    if !batch.is_empty() {
        batches.push(json!({"images": batch}));
    }
    Value::from(batches).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(n: usize, key: &str) -> Vec<Picture> {
        (0..n)
            .map(|n| Picture { id: n.to_string(), key: format!("{key}{n}"), output: n.to_string() })
            .collect()
    }

    #[test]
    fn a_small_account_and_a_small_folder_have_smaller_batches() {
        let shape = Shape::of(100_000, 900);
        assert_eq!((shape.in_a_batch, shape.batches_at_once, shape.batches()), (40, 22, 2500));
        assert_eq!(shape.at_once(), 880);
        assert_eq!(Shape::of(100, 9), Shape { pictures: 100, in_a_batch: 9, batches_at_once: 1 });
        assert_eq!((Shape::of(3, 900).in_a_batch, Shape::of(3, 900).at_once()), (3, 3));
        assert_eq!(Shape::of(0, 900).batches(), 0);
    }

    #[test]
    fn every_picture_is_in_one_batch_and_no_batch_is_too_large_for_a_state() {
        for (n, key, in_a_batch) in [(95, "a", 40), (400, &*"k".repeat(900), 400)] {
            let text = written(&pictures(n, key), in_a_batch);
            let batches: Vec<Value> = serde_json::from_str(&text).unwrap();
            let ids: Vec<&str> = batches
                .iter()
                .flat_map(|batch| batch["images"].as_array().unwrap())
                .map(|image| image["id"].as_str().unwrap())
                .collect();
            assert_eq!(ids, (0..n).map(|n| n.to_string()).collect::<Vec<_>>());
            assert_eq!(batches.len(), 3);
            assert!(batches.iter().all(|batch| batch.to_string().len() < 256 * 1024));
        }
    }
}
