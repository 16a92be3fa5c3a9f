//! Numbers and verdicts in words that a person reads.

use photofinish_analyse::memory::{Goal, MemoryRow, candidates};
use photofinish_analyse::repaid::{Repaid, When};
use photofinish_analyse::score::{Draw, Money, Quartiles};
use photofinish_analyse::summary::{CpuMix, Starts};
use photofinish_analyse::verdict::{Family, Measure, Outcome, Verdict};
use photofinish_analyse::{Interval, Part};

use photofinish_study::Deployment;

use crate::data::{Pilot, ReportData};
use photofinish_analyse::pilot::Forecast;

/// Absent.
pub(crate) const NONE: &str = "–";

/// How many decimals show a number of this size to three figures.
pub(crate) fn decimals(value: f64) -> usize {
    match value.abs() {
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    }
}

/// A number with so many decimals and a comma between thousands.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

/// A number to three figures.
pub(crate) fn figure(value: f64) -> String {
    fixed(value, decimals(value))
}

/// A count with commas.
pub(crate) fn count(value: u64) -> String {
    fixed(value as f64, 0)
}

/// Mean ± sd, the spread with the mean's decimals.
pub(crate) fn spread(mean: f64, sd: Option<f64>) -> String {
    let shown = fixed(mean, decimals(mean));
    sd.map_or_else(|| shown.clone(), |sd| format!("{shown} ± {}", fixed(sd, decimals(mean))))
}

/// A share as a percentage.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| NONE.to_owned(), |share| format!("{:.1}\u{a0}%", share * 100.0))
}

/// An interval, with the decimals of the number that it is about.
pub(crate) fn ends(interval: Option<Interval>, decimals: usize) -> String {
    let shown = |i: Interval| format!("[{}, {}]", fixed(i.low, decimals), fixed(i.high, decimals));
    interval.map_or_else(|| NONE.to_owned(), shown)
}

/// Dollars: cents from a dollar on, more below.
pub(crate) fn usd(value: f64) -> String {
    format!("${}", fixed(value, if value == 0.0 || value >= 0.995 { 2 } else { 4 }))
}

/// A mix of processors: each with its share, where there are several.
pub(crate) fn processors_of(mix: &CpuMix) -> String {
    let all: u64 = mix.iter().map(|(_, calls)| calls).sum();
    match mix.as_slice() {
        [] => "an unknown processor".to_owned(),
        [(one, _)] => one.to_string(),
        several => {
            let share = |calls: &u64| percent(Some(*calls as f64 / all as f64));
            let each = several.iter().map(|(model, calls)| format!("{model} {}", share(calls)));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

/// How a deployment's sandboxes were started.
pub(crate) fn started(starts: &Starts, data: &ReportData) -> String {
    let Starts { deployment, cold, proactive, init_share } = starts;
    let init = init_share.map_or_else(String::new, |share| {
        format!("; inits are {} of the time billed", percent(Some(share)))
    });
    format!(
        "{}: {} calls waited for their sandbox (cold), {} found one that had been initialised \
         before (proactive){init}",
        data.label(deployment),
        count(*cold),
        count(*proactive)
    )
}

/// What a pilot had said of the race, in a paragraph.
pub(crate) fn pilot(found: &Pilot) -> String {
    let (begun, planned) = found.raced;
    let rounds = |n: usize| if n == 1 { "1 round".to_owned() } else { format!("{n} rounds") };
    let before = rounds(found.rounds);
    let mut words = format!("Before the race, a pilot of {before}, which is in no other figure.");
    if let Some(Forecast { usd: expected, interval, .. }) = found.race {
        let ends = interval
            .map_or_else(String::new, |ends| format!(" [{}, {}]", usd(ends.low), usd(ends.high)));
        let planned = rounds(planned);
        words += &format!(" By it the race's {planned} were to cost {}{ends}.", usd(expected));
    }
    if let Some(spent) = found.spent_usd {
        words += &format!(
            " All of the study on AWS, with its checks, its pilot and {} of the race, has cost {} \
             so far by its own books, which count from above.",
            rounds(begun),
            usd(spent)
        );
    }
    words
}

/// How many decimals tell a factor from 1.
fn factor_decimals(factor: f64) -> usize {
    match (factor - 1.0).abs() {
        off if off >= 99.0 => 0,
        off if off >= 1.0 => 1,
        off if off >= 0.1 => 2,
        off if off >= 0.01 => 3,
        _ => 4,
    }
}

/// What a verdict is about.
pub(crate) fn about(verdict: &Verdict) -> String {
    match (verdict.measure, &verdict.part) {
        (Measure::ComputeUsd, _) => "in compute cost alone".to_owned(),
        (Measure::TotalUsd, _) => "in total cost".to_owned(),
        (Measure::ArmOverX86, _) => "in what arm64 gains on the pipeline".to_owned(),
        (Measure::Duration, Part::Pipeline) => "on the pipeline".to_owned(),
        (Measure::Duration, Part::Function(function)) => format!("in {function}"),
    }
}

/// A factor above 1 with its interval, whichever way round the ratio stood.
pub(crate) fn factor(verdict: &Verdict) -> Option<String> {
    let ratio = verdict.ratio?;
    let turned = |value: f64| if ratio < 1.0 { 1.0 / value } else { value };
    let factor = turned(ratio);
    let interval = verdict.interval.map(|i| {
        let (a, b) = (turned(i.low), turned(i.high));
        Interval { low: a.min(b), high: a.max(b) }
    });
    let decimals = factor_decimals(factor);
    Some(format!("{} × {}", fixed(factor, decimals), ends(interval, decimals)))
}

/// A verdict as a sentence; who is better comes first.
#[must_use]
pub fn sentence(verdict: &Verdict, data: &ReportData) -> String {
    let (left, right) = (data.label(&verdict.left), data.label(&verdict.right));
    let about = about(verdict);
    let rounds = verdict.rounds;
    let (better, worse) = match verdict.outcome {
        Outcome::Faster | Outcome::Cheaper => (&left, &right),
        Outcome::Slower | Outcome::Dearer => (&right, &left),
        Outcome::Rejected => {
            return format!("{left} and {right} are not compared {about}: {}", verdict.reason);
        }
        Outcome::Undecided => {
            let shown = factor_between(verdict);
            let reason = &verdict.reason;
            return format!("undecided: {left} and {right} {about}: {reason}{shown}");
        }
    };
    let factor = factor(verdict).unwrap_or_default();
    let remark = if verdict.reason.is_empty() { "" } else { "; " };
    let tail = format!("{rounds} rounds, {}{remark}{}", values(verdict), verdict.reason);
    // The factor stands before its word, the interval after what it is about.
    let (times, interval) = factor.split_once(" × ").unwrap_or((factor.as_str(), ""));
    match verdict.family {
        Family::Architecture => {
            format!("{better} gains {times} × more from arm64 than {worse} {interval}, {tail}")
        }
        Family::Cost => {
            format!("{better} is {times} × cheaper than {worse} {about} {interval}, {tail}")
        }
        Family::Pipeline | Family::Functions => {
            format!("{better} is {times} × faster than {worse} {about} {interval}, {tail}")
        }
    }
}

/// Why a deployment is missing from the verdicts, if it was found wrong somewhere.
pub(crate) fn not_compared(deployment: &Deployment, data: &ReportData) -> Option<String> {
    let wrong: Vec<&str> =
        data.rejected_functions(deployment).iter().map(|function| function.as_str()).collect();
    let list = wrong.join(", ");
    let label = data.label(deployment);
    (!wrong.is_empty()).then(|| {
        format!("{label} is rejected in {list}: not compared there, nor on the pipeline or in cost")
    })
}

/// How many values a comparison rests on.
fn values(verdict: &Verdict) -> String {
    match (verdict.n_left, verdict.n_right) {
        (left, right) if left == right => format!("n = {}", count(left)),
        (left, right) => format!("n = {} and {}", count(left), count(right)),
    }
}

/// What was found where nothing was decided: left over right as it stands.
fn factor_between(verdict: &Verdict) -> String {
    let Some(ratio) = verdict.ratio else { return String::new() };
    let decimals = factor_decimals(ratio).min(3);
    let interval = ends(verdict.interval, decimals);
    let (ratio, rounds) = (fixed(ratio, decimals), verdict.rounds);
    format!(" (ratio {ratio} {interval}, {rounds} rounds, {})", values(verdict))
}

/// A chance of k answers in per cent with its interval, whole, since few answers do not tell more;
/// the ends are rounded outwards.
pub(crate) fn chance(draw: Option<&Draw>) -> String {
    let Some(draw) = draw else { return NONE.to_owned() };
    let outwards = |ends: Interval| Interval {
        low: (ends.low * 100.0).floor(),
        high: (ends.high * 100.0).ceil(),
    };
    let interval = draw.interval.map(|found| format!(" {}", ends(Some(outwards(found)), 0)));
    format!("{}{}", fixed(draw.estimate * 100.0, 0), interval.unwrap_or_default())
}

/// A speed beside the baseline's with its interval.
pub(crate) fn speed(draw: Option<&Draw>) -> String {
    let Some(draw) = draw else { return NONE.to_owned() };
    let shown = draw.interval.map(|interval| format!(" {}", ends(Some(interval), 2)));
    format!("{} ×{}", fixed(draw.estimate, 2), shown.unwrap_or_default())
}

/// What a right answer costs, or what was paid for none.
pub(crate) fn price_of_right(money: &Money) -> String {
    match (money.spent_usd, money.per_right_usd) {
        (None, _) => "not known".to_owned(),
        (Some(spent), None) => format!("no right one for {}", usd(spent)),
        (_, Some(each)) => usd(each),
    }
}

/// The same with its interval.
pub(crate) fn price_of_right_between(money: &Money) -> String {
    let found = price_of_right(money);
    match money.interval.filter(|_| money.per_right_usd.is_some()) {
        Some(ends) => format!("{found} [{}, {}]", usd(ends.low), usd(ends.high)),
        None => found,
    }
}

/// A median with the quartiles beside it.
pub(crate) fn quartiles(found: Option<Quartiles>) -> String {
    let Some(found) = found else { return NONE.to_owned() };
    let digits = decimals(found.median).min(1);
    let [low, median, high] =
        [found.low, found.median, found.high].map(|value| fixed(value, digits));
    format!("{median} [{low}, {high}]")
}

/// A median alone.
pub(crate) fn median(found: Option<Quartiles>) -> String {
    found
        .map_or_else(|| NONE.to_owned(), |found| fixed(found.median, decimals(found.median).min(1)))
}

/// When code that was dearer to write has paid, as a sentence without its full stop.
pub(crate) fn repayment(pair: &Repaid, data: &ReportData) -> String {
    let (dearer, cheaper) = (data.label(&pair.dearer), data.label(&pair.cheaper));
    let extra = usd(pair.extra_usd);
    let written = format!("{dearer} cost {extra} more to write than {cheaper}");
    let projected = if pair.is_projection() { ", a projection from local durations" } else { "" };
    match pair.when {
        When::After { images, interval } => {
            let after = fixed(images.ceil(), 0);
            let ends = interval.map(|i| Interval { low: i.low.floor(), high: i.high.ceil() });
            let ends = self::ends(ends, 0);
            format!("{written} and has repaid it after {after} images {ends}{projected}")
        }
        When::Never => format!("{written} and never repays it: it is the dearer to run{projected}"),
        When::Undecided => {
            format!("undecided: {written}; no difference in running cost was shown{projected}")
        }
    }
}

/// What is sought in a ladder, in a word.
pub(crate) fn goal(goal: Goal) -> &'static str {
    match goal {
        Goal::Time => "fastest",
        Goal::Cost => "cheapest",
        Goal::Knee => "knee",
    }
}

/// Which size it is, as far as that is known: `1769 MB`, `undecided between 1769 and 3008 MB`.
pub(crate) fn sought(ladder: &[MemoryRow], goal: Goal) -> String {
    let sizes: Vec<String> = candidates(ladder, goal).iter().map(u32::to_string).collect();
    let compared = ladder.iter().filter_map(|row| row.found(goal)?.step).count() > 0;
    match sizes.as_slice() {
        [] => "not known, for want of a price".to_owned(),
        [one] => format!("{one} MB"),
        [others @ .., last] => {
            let why = if compared { "" } else { " (too few complete rounds)" };
            format!("undecided between {} and {last} MB{why}", others.join(", "))
        }
    }
}

/// The three answers of a ladder in a sentence, without its full stop.
pub(crate) fn ladder(ladder: &[MemoryRow], data: &ReportData) -> String {
    let name = ladder.first().map(|row| data.label_of_ladder(&row.deployment));
    let answers = Goal::ALL.map(|of| format!("{} {}", goal(of), sought(ladder, of)));
    format!("{}: {}", name.unwrap_or_default(), answers.join("; "))
}

/// Text that can neither drive a terminal nor turn a line round: what generated code says may hold
/// anything. Line ends and tabs stay.
pub(crate) fn harmless(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => c,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        c if c.is_control() => '\u{FFFD}',
        c => c,
    };
    text.replace("\r\n", "\n").chars().map(shown).collect()
}

/// The same, on one line.
pub(crate) fn on_one_line(text: &str) -> String {
    harmless(text).replace(['\n', '\t'], " ")
}
