//! `destroy`: removes what a study deployed, or whatever has expired, and lists it.

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};

use photofinish_cloud::{Cloud, Owned, Place, Removal, Sort, Survey};
use photofinish_journal::Journal;
use photofinish_study::{Lock, Platform};

use super::ground::given_role;
use super::{noted, prefix, prefix_of};
use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::road::opening::Opened;
use crate::road::platform::Host;

/// How the names of everything begin that any study makes.
const ANY_STUDY: &str = "pf-";

/// Removes everything of a study from its platform, or everything that has expired.
pub(crate) fn destroy(arguments: &arguments::Destroy) -> Result<Answer, Failure> {
    match &arguments.study {
        Some(study) => of_study(&arguments::Study {
            study: study.clone(),
            out: arguments.out.clone(),
            on: arguments.on,
            json: false,
        }),
        None => expired(arguments),
    }
}

fn of_study(arguments: &arguments::Study) -> Result<Answer, Failure> {
    let opened = Opened::read(arguments)?;
    let journal = journal(&opened)?;
    let (prefixes, sorts) = (prefixes(&opened), sorts(&opened));
    let removals = super::super::block_on(async {
        let host = Host::at_rest(&opened).await?;
        let cloud = host.connect().await?;
        let mut removals = Vec::new();
        for prefix in &prefixes {
            let owned = Owned { prefix: prefix.clone(), tag: None };
            let destroyed = cloud.destroy(&owned, &sorts);
            removals.push(match &journal {
                Some(journal) => noted(journal, "destroy", prefix, destroyed).await,
                None => destroyed.await.map_err(|error| Failure::provider(&error)),
            });
        }
        host.stop().await?;
        removals.into_iter().collect::<Result<Vec<_>, _>>()
    })?;
    let removal = removals.into_iter().fold(Removal::default(), |mut all, some| {
        all.removed.extend(some.removed);
        all.remained.extend(some.remained);
        all
    });
    let names: Vec<String> = prefixes.iter().map(|prefix| format!("{prefix}*")).collect();
    let answer = tell(&removal, &format!("of {}", names.join(" and ")));
    if let Some(journal) = journal {
        journal.close().map_err(|error| Failure::usage(&error))?;
    }
    Ok(answer)
}

/// Removes everything that a command made under a study's names as they are now.
pub(crate) async fn take_down(opened: &Opened, cloud: &Cloud) -> Result<Removal, Failure> {
    let owned = Owned { prefix: prefix(opened), tag: None };
    cloud.destroy(&owned, &sorts(opened)).await.map_err(|error| Failure::provider(&error))
}

/// The study's journal, unless what the directory holds is of the study as it was before, whose
/// record is closed, or nothing at all.
fn journal(opened: &Opened) -> Result<Option<Journal>, Failure> {
    let there = opened.directory.join("journal.sqlite").exists();
    let local = opened.platform() == Platform::Local;
    if local || (there && opened.differences()?.is_empty()) {
        return opened.journal("destroy").map(Some);
    }
    Ok(None)
}

/// How the names begin of everything that this study made, now and before it was changed. On
/// this machine the folder holds what it holds; on AWS the earlier ones are still there.
fn prefixes(opened: &Opened) -> BTreeSet<String> {
    let mut all = BTreeSet::from([prefix(opened)]);
    if opened.platform() == Platform::Local {
        return all;
    }
    let earlier = std::fs::read_dir(opened.directory.join("earlier"));
    let folders = earlier.into_iter().flatten().flatten().map(|entry| entry.path());
    for folder in folders.chain([opened.directory.clone()]) {
        if let Ok(lock) = Lock::read(&folder.join(Lock::FILE)) {
            all.insert(prefix_of(&opened.study.name, &lock));
        }
    }
    all
}

/// What a study can have made where it runs: an account with a role of its own makes none, and
/// may not be allowed to look for any.
fn sorts(opened: &Opened) -> Vec<Sort> {
    match opened.platform() {
        Platform::Local => Sort::EMBEDDED.to_vec(),
        Platform::Aws => {
            let given = given_role(opened).is_some();
            Sort::ALL.into_iter().filter(|sort| !given || *sort != Sort::Role).collect()
        }
    }
}

/// Sweeps what is wanted no longer, of whatever study, once it was shown and agreed to.
fn expired(arguments: &arguments::Destroy) -> Result<Answer, Failure> {
    super::super::block_on(async {
        let place = Place::Aws { region: arguments.region.clone() };
        let cloud = Cloud::connect(&place).await.map_err(|error| Failure::provider(&error))?;
        let now = photofinish_study::now();
        let survey = cloud.survey_expired(ANY_STUDY, &now, &Sort::ALL).await;
        show(&survey);
        let words = format!("expired of {ANY_STUDY}* in {}", cloud.region());
        if survey.found().len() == 0 {
            return Ok(tell(&cloud.remove(survey).await, &words));
        }
        agree(arguments.yes)?;
        Ok(tell(&cloud.remove(survey).await, &words))
    })
}

fn show(survey: &Survey) {
    for (resource, tags) in survey.found() {
        let of = |key: &str| tags.get(key).map_or("?", String::as_str);
        let (study, end) = (of("photofinish"), of(photofinish_cloud::EXPIRES_TAG));
        println!("expired {resource} of study {study}, wanted until {end}");
    }
}

fn agree(yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let (stdin, mut stderr) = (std::io::stdin(), std::io::stderr());
    if stdin.is_terminal() && stderr.is_terminal() {
        let asked = write!(stderr, "Remove all of it? [y/N] ").and_then(|()| stderr.flush());
        let mut line = String::new();
        let read = asked.and_then(|()| stdin.read_line(&mut line));
        if read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes") {
            return Ok(());
        }
    }
    let hint = "give --yes to remove what is listed above";
    Err(Failure::Usage(Told::words("nothing was removed", Some(hint))))
}

/// Prints what is gone and what is not.
fn tell(removal: &Removal, what: &str) -> Answer {
    for resource in &removal.removed {
        println!("removed {resource}");
    }
    for remained in &removal.remained {
        println!("remained {}: {}", remained.what, remained.why);
    }
    if removal.removed.is_empty() && removal.remained.is_empty() {
        println!("nothing {what} is there");
    }
    if removal.is_complete() { Answer::Yes } else { Answer::No }
}
