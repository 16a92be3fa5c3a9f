//! What a study that was changed, or is to be run anew, leaves standing. Nothing is deleted: what
//! was there is put aside into `earlier/`, and checks of code that is still the same are taken
//! over from it. A race is run anew, since its blocks interleave everybody.

use std::path::{Path, PathBuf};

use photofinish_journal::{Holder, Journal, Reader};
use photofinish_study::{Lane, Lock};

use crate::failure::{Failure, Told};
use crate::progress::Progress;
use crate::road::Site;
use crate::road::keeping::Kept;
use crate::road::opening::{Opened, unusable};

/// Where earlier results are put.
const EARLIER: &str = "earlier";
/// What is put there. Answers stay, since they are not made again.
const PUT_ASIDE: [&str; 8] = [
    "study.lock.toml",
    "journal.sqlite",
    "journal.sqlite-wal",
    "journal.sqlite-shm",
    "local",
    "packages",
    "rejected",
    "report",
];

/// Sees to it that the directory holds nothing of another study.
pub(crate) fn settle(opened: &Opened, progress: Progress) -> Result<(), Failure> {
    let differences = opened.differences()?;
    if differences.is_empty() {
        return Ok(());
    }
    for difference in differences.iter().take(5) {
        progress.say("changed", difference);
    }
    if differences.len() > 5 {
        progress.say("changed", &format!("and {} more", differences.len() - 5));
    }
    put_aside(opened, progress)
}

/// Puts what was measured aside under a name that tells when.
pub(crate) fn put_aside(opened: &Opened, progress: Progress) -> Result<(), Failure> {
    let directory = &opened.directory;
    if !directory.join(Lock::FILE).exists() {
        return Ok(());
    }
    if let Holder::Process(pid) = Holder::of(directory) {
        let pid = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
        let message = format!("{} is in use by another photofinish{pid}", directory.display());
        return Err(Failure::Usage(Told::words(message, Some("wait for it, or stop it"))));
    }
    let stamp = photofinish_study::now().replace([':', '.'], "-");
    let aside = directory.join(EARLIER).join(stamp);
    std::fs::create_dir_all(&aside).map_err(|error| unusable(&aside, &error))?;
    for name in PUT_ASIDE {
        let path = directory.join(name);
        if path.exists() {
            std::fs::rename(&path, aside.join(name)).map_err(|error| unusable(&path, &error))?;
        }
    }
    progress.say("put aside", &format!("the earlier results are in {}", aside.display()));
    Ok(())
}

/// The folders of results that were put aside and have a journal, in no order.
pub(crate) fn earlier(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(directory.join(EARLIER)).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|folder| folder.join(Journal::FILE).exists())
}

/// The folder of the results that were put aside last.
fn latest(directory: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(directory.join(EARLIER)).ok()?;
    entries.flatten().map(|entry| entry.path()).max()
}

/// Takes over what an earlier study found about the very code that is in place now, unless the
/// application, whose contract judges, is another.
pub(crate) fn take_over(
    opened: &Opened,
    journal: &Journal,
    lanes: &[Lane],
) -> Result<usize, Failure> {
    let failed = |error: photofinish_journal::Error| Failure::usage(&error);
    if !Reader::of(journal).verifications().map_err(failed)?.is_empty() {
        return Ok(0);
    }
    let Some(aside) = latest(&opened.directory) else { return Ok(0) };
    let Ok(lock) = Lock::read(&aside.join(Lock::FILE)) else { return Ok(0) };
    let same = |key: &str| lock.hashes.get(key) == opened.lock.hashes.get(key);
    if !same("application") || lock.study.timeout_s != opened.study.timeout_s {
        return Ok(0);
    }
    let mut taken = 0;
    for judgement in Reader::open(&aside).map_err(failed)?.judgements().map_err(failed)? {
        let row = &judgement.verification;
        let stands = lanes.iter().filter(|lane| lane.deployment == row.deployment).any(|lane| {
            lane.functions.iter().any(|function| {
                function.name == row.function && function.package.as_str() == judgement.package
            })
        });
        if stands {
            journal.verified(row, &judgement.package, &judgement.checks).map_err(failed)?;
            Kept::of(&opened.directory).take_over(&Kept::of(&aside), row)?;
            taken += 1;
        }
    }
    Ok(taken)
}

/// The fact that says with which packages a study was run to its end.
const FINISHED: (&str, &str) = ("run", "finished with");

/// Notes that everything of the study as it is packed now was checked and raced.
pub(crate) fn finished(site: &Site<'_>) -> Result<(), Failure> {
    let (subject, key) = FINISHED;
    let noted = site.journal.note(subject, key, site.packed.digest().as_str());
    noted.map_err(|error| Failure::usage(&error))
}

/// Whether that was noted of these very packages.
pub(crate) fn is_finished(site: &Site<'_>) -> Result<bool, Failure> {
    let facts = Reader::of(site.journal).facts().map_err(|error| Failure::usage(&error))?;
    let noted =
        facts.iter().rev().find(|fact| (fact.subject.as_str(), fact.key.as_str()) == FINISHED);
    Ok(noted.is_some_and(|fact| fact.value == site.packed.digest().as_str()))
}
