//! `study.lock.toml`: the study with every default spelled out, and the hashes of what it uses.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::asking::Generating;
use crate::cost::Assumptions;
use crate::digest::Digest;
use crate::file::Study;
use crate::place::{InputError, Source};
use crate::plan::{Counts, Plan};
use crate::words::{Contestant, Flow, Name};

/// The format that this program writes.
const FORMAT: u32 = 3;

/// What a study is, to the byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lock {
    /// Of this file.
    pub format: u32,
    /// Which version wrote it.
    pub photofinish: String,
    /// Families of comparisons, fixed before the race; each is adjusted on its own.
    pub families: Vec<String>,
    /// How often what is run.
    pub counts: Counts,
    /// Who and what is raced, spelled out.
    pub race: Lineup,
    /// At which prices.
    pub price_book: PriceEdition,
    /// Hashes of what is used: the application, each variant's code, each picture.
    pub hashes: BTreeMap<String, Digest>,
    /// The study.
    pub study: Study,
}

/// Who and what is raced: with the rows of `invocations.csv` all that the statistics need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineup {
    /// Every deployment, as tables write it; of a pair the left is the earlier one.
    pub deployments: Vec<String>,
    /// Every function, in the order of the chain.
    pub functions: Vec<Name>,
    /// In which flows.
    pub flows: Vec<Flow>,
    /// Over which pictures.
    pub images: Vec<Name>,
    /// How many race passes of each picture a round of a flow holds, for each deployment.
    pub passes_per_image: u32,
}

impl Lineup {
    fn of(plan: &Plan) -> Self {
        Self {
            deployments: plan
                .deployments
                .iter()
                .filter(|deployment| plan.study.is_raced(&deployment.contestant))
                .map(ToString::to_string)
                .collect(),
            functions: plan.functions.iter().map(|function| function.name.clone()).collect(),
            flows: plan.study.flow.clone(),
            images: plan.images.iter().map(|image| image.name.clone()).collect(),
            passes_per_image: plan.passes_per_image(),
        }
    }
}

/// Which price book, to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceEdition {
    /// The day of its prices.
    pub date: String,
    /// Its hash.
    pub sha256: Digest,
}

/// The key of the hash of a contestant's code.
#[must_use]
pub fn code_key(contestant: &Contestant) -> String {
    format!("variant {contestant}")
}

impl Lock {
    /// The lock's file name in a study directory.
    pub const FILE: &str = "study.lock.toml";

    /// Spells a study out.
    #[must_use]
    pub fn new(plan: &Plan, hashes: BTreeMap<String, Digest>, price_book: PriceEdition) -> Self {
        Self {
            format: FORMAT,
            photofinish: env!("CARGO_PKG_VERSION").to_owned(),
            families: ["pipeline", "functions", "architecture", "cost"].map(String::from).to_vec(),
            counts: plan.counts,
            race: Lineup::of(plan),
            price_book,
            hashes,
            study: plan.study.clone(),
        }
    }

    /// As it stands in the file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let body = toml::to_string(self).expect("every part of a lock has a spelling in TOML");
        format!("# Written by photofinish; change the study instead.\n{body}")
    }

    /// The hash of what is measured: everything but the program's version, what prices and costs
    /// are worked out from afterwards, what is only shown, and whoever is verified only (a
    /// verification has the hash of its own code with it).
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        let mut measured = self.clone();
        measured.photofinish.clear();
        measured.price_book = PriceEdition { date: String::new(), sha256: Digest::of(b"") };
        measured.study.cost = Assumptions::default();
        measured.study.demonstration = false;
        measured.study.budget = None;
        measured.study.prices = None;
        // A pilot estimates what the race costs, and is in nothing that the race finds.
        (measured.study.pilot, measured.counts.pilot) = (None, 0);
        let verified_only = |contestant: &Contestant| !self.study.is_raced(contestant);
        let verified_only: Vec<String> =
            self.study.contestants().filter(verified_only).map(|c| code_key(&c)).collect();
        measured.hashes.retain(|key, _| !verified_only.contains(key));
        let Generating { race_samples, race_repairs, repairs, .. } = self.study.generate;
        let repairs = if race_repairs { repairs } else { 0 };
        measured.study.generate =
            Generating { repairs, race_repairs, race_samples, at_once: 0, deadline_s: 0 };
        for variant in &mut measured.study.variants {
            variant.samples = variant.samples.min(race_samples);
            variant.asking = None;
        }
        Digest::of(measured.to_toml().as_bytes())
    }

    /// Reads the lock of a study directory.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
            photofinish: Option<String>,
        }
        let source = Source::read(path)?;
        let Format { format, photofinish } = source.parse()?;
        let other = |age: &str, help: String| {
            let writer = photofinish.as_deref().unwrap_or("of an unknown version");
            let message = format!(
                "has format {format}, {age} than this program's {FORMAT}: photofinish {writer} \
                 wrote it"
            );
            Err(InputError::of_file(path, message).help(help))
        };
        match format.cmp(&FORMAT) {
            Ordering::Greater => other("newer", "use a newer photofinish".to_owned()),
            Ordering::Less => other(
                "older",
                "read it with the one that wrote it, or put it aside and start again with --fresh"
                    .to_owned(),
            ),
            Ordering::Equal => source.parse(),
        }
    }

    /// In which lines two locks differ: `key: here, there`; of hashes only that they do.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let (mut mine, mut theirs) = (BTreeMap::new(), BTreeMap::new());
        flatten(&self.as_value(), "", &mut mine);
        flatten(&other.as_value(), "", &mut theirs);
        let keys: std::collections::BTreeSet<&String> = mine.keys().chain(theirs.keys()).collect();
        let show = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
        keys.into_iter()
            .filter(|key| *key != "photofinish" && mine.get(*key) != theirs.get(*key))
            .map(|key| match key.strip_prefix("hashes.") {
                Some(of) if mine.contains_key(key) && theirs.contains_key(key) => {
                    format!("{of} has other contents")
                }
                _ => format!("{key}: {}, {}", show(mine.get(key)), show(theirs.get(key))),
            })
            .collect()
    }

    fn as_value(&self) -> toml::Value {
        toml::Value::try_from(self).expect("every part of a lock has a spelling in TOML")
    }
}

fn flatten(value: &toml::Value, key: &str, into: &mut BTreeMap<String, String>) {
    let inner = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        toml::Value::Table(table) => {
            table.iter().for_each(|(name, value)| flatten(value, &inner(name), into));
        }
        toml::Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten(value, &inner(&index.to_string()), into);
            }
        }
        plain => {
            into.insert(key.to_owned(), plain.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::Image;

    fn lock(seed: u64) -> Lock {
        let text = format!(
            "application = \"a\"\nseed = {seed}\n[[variant]]\nname = \"v\"\nsource = \"v\"\n
             [[target]]\nplatform = \"local\""
        );
        let study = Study::from_source(&Source::from_text(Path::new("s.toml"), text)).unwrap();
        let counts =
            Counts { rounds: 12, blocks: 9, passes: 108, warm_up: 1, stages: 10, pilot: 0 };
        let image = |name: &str| Image {
            name: Name::new(name).unwrap(),
            file: format!("{name}.jpg").into(),
            source: String::new(),
            licence: String::new(),
        };
        let plan = Plan {
            deployments: study.deployments(),
            study,
            functions: vec![],
            images: ["harbour", "portrait", "still-life"].map(image).to_vec(),
            counts,
        };
        let hashes = BTreeMap::from([("variant v".to_owned(), Digest::of(b"code"))]);
        let price_book =
            PriceEdition { date: "2026-09-19".to_owned(), sha256: Digest::of(b"prices") };
        Lock::new(&plan, hashes, price_book)
    }

    #[test]
    fn the_line_up_is_spelled_out_though_the_study_leaves_it_to_the_application() {
        let lock = lock(1);
        assert!(lock.study.images.is_empty());
        let expected = format!("v/1@local/{}/1769", lock.study.targets[0].architecture[0]);
        assert_eq!(lock.race.deployments, [expected]);
        assert_eq!(lock.race.images[1].as_str(), "portrait");
        assert_eq!((lock.race.passes_per_image, lock.race.flows.len()), (3, 2));
    }

    #[test]
    fn a_lock_reads_back_and_keeps_its_fingerprint_over_program_versions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(Lock::FILE);
        let newer_program = Lock { photofinish: "9.9.9".to_owned(), ..lock(1) };
        std::fs::write(&path, newer_program.to_toml()).unwrap();
        let read = Lock::read(&path).unwrap();
        assert_eq!(read, newer_program);
        assert_eq!(read.fingerprint(), lock(1).fingerprint());
        assert_ne!(read.fingerprint(), lock(2).fingerprint());
    }

    #[test]
    fn what_differs_is_named() {
        assert_eq!(lock(1).differences(&lock(2)), ["study.seed: 1, 2"]);
        assert!(lock(1).differences(&lock(1)).is_empty());
        let mut other = lock(1);
        other.hashes.insert("variant v".to_owned(), Digest::of(b"other code"));
        assert_eq!(lock(1).differences(&other), ["variant v has other contents"]);
    }

    #[test]
    fn a_newer_format_is_refused_before_its_keys_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(Lock::FILE);
        std::fs::write(&path, "format = 9\nunheard_of = true\n").unwrap();
        assert!(Lock::read(&path).unwrap_err().to_string().contains("newer"));
    }

    #[test]
    fn an_older_format_says_who_wrote_it_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(Lock::FILE);
        std::fs::write(&path, "format = 1\nphotofinish = \"0.0.9\"\n").unwrap();
        let fault = Lock::read(&path).unwrap_err().to_string();
        for words in ["format 1, older", "photofinish 0.0.9 wrote it", "--fresh"] {
            assert!(fault.contains(words), "{fault}");
        }
    }
}
