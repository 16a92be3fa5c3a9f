//! What models wrote, as the report takes it: `generations.csv`, its scores, and the prompts.

use std::collections::BTreeMap;

use photofinish_analyse::Part;
use photofinish_analyse::repaid::Repaid;
use photofinish_analyse::score::Score;
use photofinish_study::record::{Channel, Ending, Generation};
use photofinish_study::{Contestant, Digest, Name, Target};

/// Everything that the report shows of the models of a study; empty where it has none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Written {
    /// `generations.csv`.
    pub generations: Vec<Generation>,
    /// `scores.csv`, from the rows above.
    pub scores: Vec<Score>,
    /// Whose speed is 1 in eff@k, and where it was measured; none where no speed was.
    pub baseline: Option<(Contestant, Target)>,
    /// When dearer writing is repaid.
    pub repaid: Vec<Repaid>,
    /// What was asked.
    pub prompts: Vec<AppendixPrompt>,
}

/// What all models were asked for one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendixPrompt {
    /// Which function.
    pub function: Name,
    /// The text that all were given.
    pub text: String,
    /// What each was sent, in the study's order.
    pub models: Vec<SentPrompt>,
}

/// What one model was sent, taken from the logged request and not from the text above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPrompt {
    /// Whose prompt.
    pub variant: Name,
    /// What stands behind the text for this model alone, with the line ends between; empty if
    /// nothing does.
    pub note: String,
    /// The hash of the whole text in the logged request.
    pub sha256: Digest,
}

/// What the logged request of a model turned out to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The common text and nothing else.
    Same,
    /// The common text and the model's note.
    WithNote,
    /// Something else.
    Other,
}

impl AppendixPrompt {
    /// Compares what a model was sent with the text that all were given.
    #[must_use]
    pub fn sent(&self, to: &SentPrompt) -> Sent {
        let expected = Digest::of(format!("{}{}", self.text, to.note).as_bytes());
        match (expected == to.sha256, to.note.is_empty()) {
            (true, true) => Sent::Same,
            (true, false) => Sent::WithNote,
            (false, _) => Sent::Other,
        }
    }
}

/// Something worth knowing about a variant's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    /// Whose.
    pub(crate) variant: Name,
    /// Whether a figure may be about another model than its row says.
    pub(crate) doubt: Doubt,
    /// What, in a sentence without its full stop.
    pub(crate) words: String,
}

/// Whether a remark puts its row's name in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The figures may be another model's.
    OfAuthor,
    /// They are what they seem.
    None,
}

/// Who was asked for a variant, and who answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Author<'a> {
    pub(crate) variant: &'a Name,
    pub(crate) asked: Vec<&'a str>,
    pub(crate) effort: Vec<&'a str>,
    pub(crate) served: Vec<&'a str>,
    pub(crate) samples: usize,
    pub(crate) answers: usize,
}

impl<'a> Author<'a> {
    fn of(variant: &'a Name, answers: &[&'a Generation]) -> Self {
        Self {
            variant,
            asked: distinct(answers.iter().map(|answer| &*answer.asked)),
            effort: distinct(answers.iter().filter_map(|answer| answer.effort.as_deref())),
            served: distinct(answers.iter().filter_map(|answer| answer.served.as_deref())),
            samples: distinct(answers.iter().map(|answer| answer.contestant.sample.number)).len(),
            answers: answers.len(),
        }
    }
}

impl Written {
    /// Whether the study had no model.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.generations.is_empty()
    }

    /// Scores function by function, all functions together last; within one, variants in their
    /// order, and repaired answers behind first ones.
    pub(crate) fn in_order(&self) -> Vec<&Score> {
        let mut parts: Vec<&Part> = distinct(self.scores.iter().map(|score| &score.part));
        parts.sort_by_key(|part| **part == Part::Pipeline);
        let mut ordered: Vec<&Score> = self.scores.iter().collect();
        ordered.sort_by_key(|score| parts.iter().position(|part| **part == score.part));
        ordered
    }

    /// Each variant with its answers, in the order of their first.
    fn by_variant(&self) -> Vec<(&Name, Vec<&Generation>)> {
        let mut groups: Vec<(&Name, Vec<&Generation>)> = Vec::new();
        for answer in &self.generations {
            let variant = &answer.contestant.variant;
            match groups.iter_mut().find(|(known, _)| *known == variant) {
                Some((_, answers)) => answers.push(answer),
                None => groups.push((variant, vec![answer])),
            }
        }
        groups
    }

    /// Who was asked, and who answered.
    pub(crate) fn authors(&self) -> Vec<Author<'_>> {
        self.by_variant()
            .into_iter()
            .map(|(variant, answers)| Author::of(variant, &answers))
            .collect()
    }

    /// What is worth knowing of the answers, beside how many of them are right.
    pub(crate) fn remarks(&self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for (variant, answers) in self.by_variant() {
            let mut say = |doubt, words: Option<String>| {
                let remark = |words| Remark { variant: variant.clone(), doubt, words };
                remarks.extend(words.map(remark));
            };
            for (asked, served, count) in others(&answers) {
                let all = answers_of(answers.len());
                let words = format!("{asked} was asked, and {served} gave {count} of {all}");
                say(Doubt::OfAuthor, Some(words));
            }
            say(Doubt::OfAuthor, pasted(&answers));
            stand_ins(&answers).into_iter().for_each(|words| say(Doubt::None, Some(words)));
            say(Doubt::None, untold(&answers));
            say(Doubt::None, ends(&answers));
            say(Doubt::None, missing_imports(&answers));
            say(Doubt::None, seen(&answers));
            say(Doubt::None, not_verified(&answers));
        }
        remarks
    }
}

fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

fn answers_of(count: usize) -> String {
    if count == 1 { "one answer".to_owned() } else { format!("{count} answers") }
}

/// Who was asked, who else answered, and how often.
fn others<'a>(answers: &[&'a Generation]) -> Vec<(&'a str, &'a str, usize)> {
    let mut found: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for answer in answers.iter().filter(|answer| answer.as_asked == Some(false)) {
        let served = answer.served.as_deref().unwrap_or("another model");
        *found.entry((&answer.asked, served)).or_default() += 1;
    }
    found.into_iter().map(|((asked, served), count)| (asked, served, count)).collect()
}

fn pasted(answers: &[&Generation]) -> Option<String> {
    let pasted: Vec<_> =
        answers.iter().filter(|answer| answer.channel == Channel::Pasted).collect();
    let asked = &pasted.first()?.asked;
    let count = answers_of(pasted.len());
    Some(format!("{count} pasted by hand: that {asked} wrote them is what whoever did it says"))
}

fn stand_ins(answers: &[&Generation]) -> Vec<String> {
    let pairs = answers.iter().filter_map(|a| Some((&*a.asked, a.stands_for.as_deref()?)));
    let words = |(asked, gone)| format!("{asked} stands in for {gone}, which cannot be asked");
    distinct(pairs).into_iter().map(words).collect()
}

/// A provider's answers that do not say who gave them.
fn untold(answers: &[&Generation]) -> Option<String> {
    let had = |answer: &&&Generation| {
        answer.channel == Channel::Api && answer.ending != Ending::Failed && answer.served.is_none()
    };
    let count = answers.iter().filter(had).count();
    (count > 0).then(|| {
        format!("{count} of {} do not say which model gave them", answers_of(answers.len()))
    })
}

/// How asking ended where there is no code.
fn ends(answers: &[&Generation]) -> Option<String> {
    let said = |ending: &&Ending| {
        let count = answers.iter().filter(|answer| answer.ending == **ending).count();
        let words = match ending {
            Ending::Complete => return None,
            Ending::CutOff => "cut off at a limit",
            Ending::Refused => "refused",
            Ending::NoCode => "without code that could be taken",
            Ending::Failed => "never had, after every attempt",
        };
        (count > 0).then(|| format!("{count} {words}"))
    };
    let said: Vec<String> = Ending::ALL.iter().filter_map(|ending| said(&ending)).collect();
    (!said.is_empty()).then(|| format!("of {}, {}", answers_of(answers.len()), said.join(", ")))
}

fn missing_imports(answers: &[&Generation]) -> Option<String> {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for import in answers.iter().flat_map(|answer| &answer.missing_imports) {
        *found.entry(import).or_default() += 1;
    }
    let named = |(import, count)| format!("{import} ({})", answers_of(count));
    let list: Vec<String> = found.into_iter().map(named).collect();
    (!list.is_empty()).then(|| format!("imports what is not there: {}", list.join(", ")))
}

/// How many answers have what was seen in code, by what it is and not by where.
fn seen(answers: &[&Generation]) -> Option<String> {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for answer in answers {
        let kinds = answer.seen.iter().map(|words| kind(words));
        distinct(kinds).into_iter().for_each(|kind| *found.entry(kind).or_default() += 1);
    }
    let named = |(kind, count)| format!("{kind} ({})", answers_of(count));
    let list: Vec<String> = found.into_iter().map(named).collect();
    (!list.is_empty()).then(|| format!("seen in its code, not judged: {}", list.join(", ")))
}

/// What was seen, without where and without details.
fn kind(words: &str) -> &str {
    let end = [" in line", ", ", ": "].iter().filter_map(|mark| words.find(mark)).min();
    &words[..end.unwrap_or(words.len())]
}

fn not_verified(answers: &[&Generation]) -> Option<String> {
    let count = answers.iter().filter(|answer| answer.is_right().is_none()).count();
    (count > 0).then(|| {
        format!("{} not verified: neither right nor wrong, and not counted", answers_of(count))
    })
}
