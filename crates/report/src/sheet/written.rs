//! `generations.csv` and `scores.csv`.

use photofinish_analyse::score::{Draw, Quartiles, Score};
use photofinish_analyse::{Interval, Part};
use photofinish_study::record::{Generation, Judgement};
use photofinish_study::{Contestant, Name, word};

use super::cells::{maybe, maybe_number, number};
use super::outcome::{ends, interval};
use super::{BadCell, Cells, Row};

/// Between the things that were seen in one answer's code.
const SEEN: &str = "; ";

fn judgement(cells: &Cells<'_>) -> Result<Judgement, BadCell> {
    cells.with("verdict", |text| match text {
        "accepted" => Ok(Judgement::Accepted),
        "rejected" => Ok(Judgement::Rejected(cells.shared("reason").unwrap_or_default())),
        "not verified" => Ok(Judgement::NotVerified),
        _ => Err("is none of accepted, rejected, not verified"),
    })
}

fn yes_or_no(cells: &Cells<'_>, column: &'static str) -> Result<Option<bool>, BadCell> {
    if cells.text(column).is_empty() {
        return Ok(None);
    }
    cells.with(column, |text| match text {
        "yes" => Ok(Some(true)),
        "no" => Ok(Some(false)),
        _ => Err("is neither yes nor no"),
    })
}

impl Row for Generation {
    const FILE: &str = "generations.csv";
    const COLUMNS: &[&str] = &[
        "variant",
        "sample",
        "repair",
        "function",
        "model",
        "served",
        "as_asked",
        "stands_for",
        "effort",
        "origin",
        "ending",
        "attempts",
        "input_tokens",
        "cached_tokens",
        "output_tokens",
        "reasoning_tokens",
        "cost_usd",
        "seconds",
        "lines",
        "complexity",
        "missing_imports",
        "seen",
        "verdict",
        "reason",
    ];

    /// `repair` stands in `sample`, too.
    const REQUIRED: &[&str] =
        &["variant", "sample", "function", "model", "origin", "ending", "attempts", "verdict"];

    fn cells(&self) -> Vec<String> {
        let Contestant { variant, sample } = &self.contestant;
        let (verdict, reason) = match &self.judgement {
            Judgement::Accepted => ("accepted", None),
            Judgement::Rejected(reason) => ("rejected", Some(reason)),
            Judgement::NotVerified => ("not verified", None),
        };
        vec![
            variant.to_string(),
            sample.to_string(),
            sample.repair.to_string(),
            self.function.to_string(),
            self.asked.to_string(),
            maybe(self.served.as_ref()),
            maybe(self.as_asked.map(|same| if same { "yes" } else { "no" })),
            maybe(self.stands_for.as_ref()),
            maybe(self.effort.as_ref()),
            self.channel.to_string(),
            self.ending.to_string(),
            self.attempts.to_string(),
            maybe(self.input_tokens),
            maybe(self.cached_tokens),
            maybe(self.output_tokens),
            maybe(self.reasoning_tokens),
            maybe_number(self.usd),
            maybe_number(self.seconds),
            maybe(self.lines),
            maybe(self.complexity),
            self.missing_imports.join(" "),
            self.seen.join(SEEN),
            verdict.to_owned(),
            maybe(reason),
        ]
    }

    fn read(cells: &Cells<'_>, _last: Option<&Self>) -> Result<Self, BadCell> {
        let contestant =
            Contestant { variant: cells.with("variant", Name::new)?, sample: cells.get("sample")? };
        let repair = cells.or("repair", contestant.sample.repair)?;
        if repair != contestant.sample.repair {
            let cause = format!("is {repair}, but `sample` says {}", contestant.sample);
            return Err(BadCell { column: "repair", cause });
        }
        Ok(Self {
            contestant,
            function: cells.with("function", Name::new)?,
            asked: cells.text("model").into(),
            served: cells.shared("served"),
            as_asked: yes_or_no(cells, "as_asked")?,
            stands_for: cells.shared("stands_for"),
            effort: cells.shared("effort"),
            channel: cells.get("origin")?,
            ending: cells.get("ending")?,
            attempts: cells.get("attempts")?,
            input_tokens: cells.find("input_tokens")?,
            cached_tokens: cells.find("cached_tokens")?,
            output_tokens: cells.find("output_tokens")?,
            reasoning_tokens: cells.find("reasoning_tokens")?,
            usd: cells.figure("cost_usd")?,
            seconds: cells.figure("seconds")?,
            lines: cells.find("lines")?,
            complexity: cells.find("complexity")?,
            missing_imports: cells
                .text("missing_imports")
                .split_whitespace()
                .map(Into::into)
                .collect(),
            seen: cells
                .text("seen")
                .split(SEEN)
                .filter(|words| !words.is_empty())
                .map(Into::into)
                .collect(),
            judgement: judgement(cells)?,
        })
    }
}

word! {
    /// Which answers a score is of.
    Basis, "basis":
    /// All, whatever came of asking.
    All = "all",
    /// Those with code.
    WithCode = "with-code",
    /// Those that were to race.
    Raced = "raced",
}

word! {
    /// What a score says.
    Scored, "measure":
    /// At least one of k answers is right.
    PassAtK = "pass@k",
    /// All of k answers are right.
    PassHatK = "pass^k",
    /// The best speed of k answers.
    EffAtK = "eff@k",
    /// What all of them cost.
    SpentUsd = "spent_usd",
    /// The same over the right ones.
    UsdPerRight = "usd_per_right",
    /// Median of the tokens of the questions.
    InputTokens = "input_tokens",
    /// Median of the tokens of the answers.
    OutputTokens = "output_tokens",
    /// Median of the tokens of the thoughts.
    ReasoningTokens = "reasoning_tokens",
    /// Median of the time to answer.
    Seconds = "seconds",
}

/// A row of `scores.csv`: one figure.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    /// Whose answers.
    pub variant: Name,
    /// After how many rounds of repairs.
    pub repair: u32,
    /// Which function, or the pipeline.
    pub part: Part,
    /// Of which answers.
    pub basis: Basis,
    /// What it says.
    pub measure: Scored,
    /// Of how many answers drawn anew.
    pub k: Option<u32>,
    /// How many answers it rests on.
    pub n: u64,
    /// How many of them are right, where that is asked.
    pub right: Option<u64>,
    /// The figure.
    pub value: f64,
    /// Its 95 % interval; of a median the quartiles beside it.
    pub interval: Option<Interval>,
}

impl ScoreRow {
    /// Every figure of these scores, in their order.
    #[must_use]
    pub fn of(scores: &[Score]) -> Vec<Self> {
        scores.iter().flat_map(rows).collect()
    }
}

fn rows(score: &Score) -> Vec<ScoreRow> {
    let mut rows = Vec::new();
    let mut put = |basis, measure, k, (n, right), value, interval| {
        let (variant, repair, part) = (score.variant.clone(), score.repair, score.part.clone());
        rows.push(ScoreRow { variant, repair, part, basis, measure, k, n, right, value, interval });
    };
    for (basis, tally) in [(Basis::All, &score.of_all), (Basis::WithCode, &score.with_code)] {
        let counts = (tally.n, Some(tally.right));
        for (measure, draws) in
            [(Scored::PassAtK, &tally.one_of), (Scored::PassHatK, &tally.all_of)]
        {
            for &Draw { k, estimate, interval } in draws {
                put(basis, measure, Some(k), counts, estimate, interval);
            }
        }
    }
    for speed in score.speed.iter().filter(|speed| speed.unmeasured == 0) {
        for &Draw { k, estimate, interval } in &speed.best_of {
            put(Basis::Raced, Scored::EffAtK, Some(k), (speed.n, None), estimate, interval);
        }
    }
    let (money, counts) = (&score.money, (score.of_all.n, Some(score.of_all.right)));
    if let Some(usd) = money.spent_usd {
        put(Basis::All, Scored::SpentUsd, None, counts, usd, None);
    }
    if let Some(usd) = money.per_right_usd {
        put(Basis::All, Scored::UsdPerRight, None, counts, usd, money.interval);
    }
    for (measure, found) in [
        (Scored::InputTokens, score.effort.input_tokens),
        (Scored::OutputTokens, score.effort.output_tokens),
        (Scored::ReasoningTokens, score.effort.reasoning_tokens),
        (Scored::Seconds, score.effort.seconds),
    ] {
        if let Some(Quartiles { n, low, median, high }) = found {
            let beside = Some(Interval { low, high });
            put(Basis::All, measure, None, (n, None), median, beside);
        }
    }
    rows
}

impl Row for ScoreRow {
    const FILE: &str = "scores.csv";
    const COLUMNS: &[&str] = &[
        "variant", "repair", "function", "basis", "measure", "k", "n", "right", "value", "ci_low",
        "ci_high",
    ];

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![
            self.variant.to_string(),
            self.repair.to_string(),
            self.part.to_string(),
            self.basis.to_string(),
            self.measure.to_string(),
            maybe(self.k),
            self.n.to_string(),
            maybe(self.right),
            number(self.value),
        ];
        cells.extend(ends(self.interval));
        cells
    }

    fn read(cells: &Cells<'_>, _last: Option<&Self>) -> Result<Self, BadCell> {
        Ok(Self {
            variant: cells.with("variant", Name::new)?,
            repair: cells.get("repair")?,
            part: cells.with("function", Part::parse)?,
            basis: cells.get("basis")?,
            measure: cells.get("measure")?,
            k: cells.find("k")?,
            n: cells.get("n")?,
            right: cells.find("right")?,
            value: cells.get("value")?,
            interval: interval(cells)?,
        })
    }
}
