//! In which order a round is run: drawn from the study's seed, the same on every machine.

use photofinish_study::{Flow, Name, Orchestration};
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

/// One pass of every deployment over one image, in an order drawn at random.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// From 1 in its round.
    pub number: u32,
    /// Whose outputs the functions are given.
    pub flow: Flow,
    /// Who calls one function after the other.
    pub orchestration: Orchestration,
    /// Which picture.
    pub image: Name,
    /// Who runs when: places in the list of racers of that flow and orchestration.
    pub order: Vec<usize>,
}

/// One flow of a round by one orchestration, and how many race in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// Whose outputs the functions are given.
    pub flow: Flow,
    /// Who calls one function after the other.
    pub orchestration: Orchestration,
    /// How many deployments take part.
    pub racers: usize,
}

/// The blocks of one round: every image equally often in every leg, legs and images mixed, the order
/// within each block its own draw.
#[must_use]
pub fn round(seed: u64, round: u32, legs: &[Leg], images: &[Name], blocks: u32) -> Vec<Block> {
    let mut random = generator(seed, round);
    let mut drawn: Vec<(Leg, Name)> = Vec::new();
    for leg in legs.iter().filter(|leg| leg.racers > 0) {
        let repeats = blocks as usize / images.len();
        for image in images {
            drawn.extend(std::iter::repeat_n((*leg, image.clone()), repeats));
        }
    }
    drawn.shuffle(&mut random);
    let numbered = (1..).zip(drawn);
    numbered
        .map(|(number, (leg, image))| {
            let mut order: Vec<usize> = (0..leg.racers).collect();
            order.shuffle(&mut random);
            Block { number, flow: leg.flow, orchestration: leg.orchestration, image, order }
        })
        .collect()
}

/// How many of those who stand in line are under way at once: all of a number together, then all of
/// the next. None has more beside it than its limit allows.
pub(crate) fn abreast(limits: &[u32]) -> Vec<usize> {
    let mut groups: Vec<(usize, u32)> = Vec::new();
    for &limit in limits {
        let limit = limit.max(1);
        match groups.last_mut() {
            Some((number, least)) if *number < limit.min(*least) as usize => {
                *number += 1;
                *least = limit.min(*least);
            }
            _ => groups.push((1, limit)),
        }
    }
    groups.into_iter().map(|(number, _)| number).collect()
}

/// A generator of its own for each round, so that a resumed race draws what an undisturbed one does.
fn generator(seed: u64, round: u32) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(u64::from(round));
    random
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn images() -> Vec<Name> {
        ["a", "b", "c"].map(|name| Name::new(name).unwrap()).to_vec()
    }

    fn legs() -> [Leg; 2] {
        let by_the_client = |flow| Leg { flow, orchestration: Orchestration::Client, racers: 4 };
        [by_the_client(Flow::Chained), by_the_client(Flow::Isolated)]
    }

    #[test]
    fn state_machines_take_turns_with_the_client_and_not_after_it() {
        let [chained, isolated] = legs();
        let machines = Leg { orchestration: Orchestration::StepFunctions, ..chained };
        let blocks = round(562, 1, &[chained, machines, isolated], &images(), 9);
        assert_eq!(blocks.len(), 27);
        let places: Vec<u32> = blocks
            .iter()
            .filter(|block| block.orchestration == Orchestration::StepFunctions)
            .map(|block| block.number)
            .collect();
        assert_eq!(places.len(), 9);
        assert!(places.windows(2).any(|pair| pair[1] > pair[0] + 1), "mixed: {places:?}");
        let chained = |image: &Name| {
            let of = |block: &&Block| block.flow == Flow::Chained && block.image == *image;
            blocks.iter().filter(of).count()
        };
        assert!(images().iter().all(|image| chained(image) == 6));
    }

    #[test]
    fn every_deployment_sees_every_image_equally_often_in_every_flow() {
        let blocks = round(562, 1, &legs(), &images(), 9);
        assert_eq!(blocks.len(), 18);
        let mut seen: HashMap<(Flow, Name), u32> = HashMap::new();
        for block in &blocks {
            *seen.entry((block.flow, block.image.clone())).or_default() += 1;
            let mut order = block.order.clone();
            order.sort_unstable();
            assert_eq!(order, [0, 1, 2, 3]);
        }
        assert!(seen.len() == 6 && seen.values().all(|&times| times == 3), "{seen:?}");
    }

    #[test]
    fn the_order_is_the_seeds_and_the_rounds_alone() {
        assert_eq!(round(562, 3, &legs(), &images(), 9), round(562, 3, &legs(), &images(), 9));
        assert_ne!(round(562, 3, &legs(), &images(), 9), round(562, 4, &legs(), &images(), 9));
        assert_ne!(round(562, 3, &legs(), &images(), 9), round(563, 3, &legs(), &images(), 9));
    }

    #[test]
    fn nobody_has_more_beside_it_than_its_limit_allows() {
        assert_eq!(abreast(&[1; 6]), [1; 6]);
        assert_eq!(abreast(&[6; 6]), [6]);
        assert_eq!(abreast(&[4; 6]), [4, 2]);
        assert_eq!(abreast(&[3, 3, 1, 3, 3, 3, 2]), [2, 1, 3, 1]);
        assert!(abreast(&[]).is_empty());
    }

    #[test]
    fn who_runs_first_is_fair_over_many_blocks() {
        let mut first = [0_u32; 4];
        for number in 1..=200 {
            for block in round(1, number, &legs(), &images(), 9) {
                first[block.order[0]] += 1;
            }
        }
        // 3,600 blocks, 900 each: five standard deviations are 130.
        assert!(first.iter().all(|count| (770..=1030).contains(count)), "{first:?}");
    }
}
