//! The terminal's tables: plain text, correct first, fast second.

mod written;

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use photofinish_analyse::Part;
use photofinish_analyse::cost::CostRow;
use photofinish_analyse::summary::Metric;
use photofinish_analyse::verdict::{Family, Outcome};
use photofinish_study::record::NO_INPUT;
use photofinish_study::{Flow, Name};

use crate::data::ReportData;
use crate::wording;
use crate::wording::{
    count, decimals, ends, ladder, not_compared, on_one_line, percent, sentence, spread, usd,
};

/// How the terminal is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Columns; none where it is no terminal.
    pub width: Option<u16>,
    /// Colour or not: none where it is no terminal or `NO_COLOR` is set.
    pub ink: Ink,
}

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Text only.
    Plain,
    /// ANSI colours.
    Colour,
}

/// Below so many columns a table becomes a list.
const NARROW: u16 = 60;

/// The whole text, ending in a newline.
#[must_use]
pub fn render(data: &ReportData, view: View) -> String {
    let mut page = Page { view, text: String::new() };
    page.heading(&data.study);
    for badge in &data.badges {
        page.line(&format!("{}: {}", badge.word(), badge.meaning()));
    }
    data.notes.iter().for_each(|note| page.line(note));
    data.not_timed().iter().for_each(|why| page.line(why));
    correctness(&mut page, data);
    written::written(&mut page, data);
    runtimes(&mut page, data);
    turnaround(&mut page, data);
    starts(&mut page, data);
    cost(&mut page, data);
    pilot(&mut page, data);
    memory(&mut page, data);
    failures(&mut page, data);
    verdicts(&mut page, data);
    page.text
}

fn correctness(page: &mut Page, data: &ReportData) {
    if data.verification.is_empty() {
        return;
    }
    page.heading("correctness");
    for (label, rows) in data.checked() {
        let rejected: Vec<_> = rows.iter().filter(|row| !row.accepted).collect();
        let line = match (rows.len(), rejected.len()) {
            (0, _) => format!("not checked  {label}"),
            (all, 0) => format!("accepted  {label}: all {all} checks"),
            (all, wrong) => format!("REJECTED  {label}: {wrong} of {all} checks failed"),
        };
        let tone = if rejected.is_empty() { Tone::Good } else { Tone::Bad };
        page.toned(&line, tone);
        // The page and the table have the reasons of those who were not to race.
        if !data.is_planned(&rows) {
            continue;
        }
        let mut told: Vec<(&Name, usize)> = Vec::new();
        for row in rejected {
            if let Some((_, more)) =
                told.iter_mut().find(|(function, _)| *function == &row.function)
            {
                *more += 1;
                continue;
            }
            told.push((&row.function, 0));
            let reason = row.reason.as_deref().unwrap_or("no reason given");
            let input = match &*row.input {
                NO_INPUT => String::new(),
                input => format!(" on {input}"),
            };
            page.line(&format!("  {}{input}: {reason}", row.function));
        }
        for (function, more) in told.into_iter().filter(|(_, more)| *more > 0) {
            let inputs = if more == 1 { "one more input" } else { "more inputs" };
            let more = if more == 1 { String::new() } else { format!("{more} ") };
            page.line(&format!("  {function} on {more}{inputs}: see verification.csv"));
        }
    }
    for found in &data.findings {
        let (label, outputs) = (data.label(&found.deployment), found.outputs);
        let times = if outputs == 1 { String::new() } else { format!(" ({outputs} outputs)") };
        page.line(&format!("finding  {label}: {}: {}{times}", found.function, found.words));
    }
}

fn runtimes(page: &mut Page, data: &ReportData) {
    for flow in data.flows() {
        let mut table =
            Sheet::new(&["function", "variant", "mean ± sd, ms", "CV", "n", "rounds"], 2);
        let parts = data.planned.functions.iter().cloned().map(Part::Function);
        for part in parts.chain([Part::Pipeline].into_iter().filter(|_| flow == Flow::Chained)) {
            for deployment in &data.planned.deployments {
                let found = data.warm(deployment, flow, &part, Metric::Duration);
                let Some(row) = found else { continue };
                if data.is_rejected(deployment, &part) {
                    let cells = [part.to_string(), data.label(deployment), "rejected".into()];
                    table.row(cells.into_iter().chain(["", "", ""].map(String::from)).collect());
                    continue;
                }
                table.row(vec![
                    part.to_string(),
                    data.label(deployment),
                    spread(row.mean, row.sd),
                    percent(row.cv),
                    count(row.n),
                    count(row.rounds),
                ]);
            }
        }
        let given = match flow {
            Flow::Isolated => "isolated: every variant is given the same bytes",
            Flow::Chained => "chained: each function is given its own variant's output",
        };
        page.table(&format!("runtime, warm ({given})"), table);
    }
}

fn turnaround(page: &mut Page, data: &ReportData) {
    let mut table =
        Sheet::new(&["variant", "mean ± sd, s", "CV", "95 % interval", "n", "rounds"], 1);
    for deployment in &data.planned.deployments {
        let found = data.warm(deployment, Flow::Chained, &Part::Pipeline, Metric::Turnaround);
        let Some(row) = found.filter(|_| !data.is_rejected(deployment, &Part::Pipeline)) else {
            continue;
        };
        table.row(vec![
            data.label(deployment),
            spread(row.mean, row.sd),
            percent(row.cv),
            ends(row.interval, decimals(row.mean)),
            count(row.n),
            count(row.rounds),
        ]);
    }
    page.table("turnaround of the pipeline, chained", table);
}

fn starts(page: &mut Page, data: &ReportData) {
    if data.starts.is_empty() {
        return;
    }
    let mut table = Sheet::new(&["variant", "cold", "proactive", "init, of billed time"], 1);
    for row in &data.starts {
        table.row(vec![
            data.label(&row.deployment),
            count(row.cold),
            count(row.proactive),
            percent(row.init_share),
        ]);
    }
    page.table("calls that found no warm sandbox, apart from the race", table);
    if data.one_processor().is_none() {
        for (deployment, mix) in data.cpu_models.iter().filter(|(_, mix)| !mix.is_empty()) {
            let ran_on = wording::processors_of(mix);
            page.line(&format!("{} ran on {ran_on}", data.label(deployment)));
        }
    }
}

fn cost(page: &mut Page, data: &ReportData) {
    let Some(first) = data.priced().next() else { return };
    let projected = data.priced().any(CostRow::is_projection);
    let badge = if projected { "; a PROJECTION from local durations" } else { "" };
    let title =
        format!("cost of {} images, prices of {}{badge}", count(first.images), first.price_date);
    let mut table = Sheet::new(&["variant", "compute", "total", "95 % interval"], 1);
    for row in data.priced() {
        let interval =
            row.interval.map(|i| format!("[{}, {}]", usd(i.low), usd(i.high))).unwrap_or_default();
        table.row(vec![
            data.label(&row.deployment),
            usd(row.terms.compute),
            usd(row.total_usd),
            interval,
        ]);
    }
    page.table(&title, table);
    for lack in data.unpriced() {
        page.line(&format!("no cost for {}: {}", data.label(&lack.deployment), lack.reason));
    }
}

fn pilot(page: &mut Page, data: &ReportData) {
    let Some(found) = &data.pilot else { return };
    page.heading("pilot");
    page.line(&wording::pilot(found));
    for row in &found.costs {
        let ends = |row: &CostRow| {
            row.interval.map_or_else(String::new, |i| format!(" [{}, {}]", usd(i.low), usd(i.high)))
        };
        let told = |row: &CostRow| format!("{}{}", usd(row.total_usd), ends(row));
        let raced = data.priced().find(|raced| raced.deployment == row.deployment);
        let raced = raced.map_or_else(|| "not raced yet".to_owned(), told);
        let (label, images) = (data.label(&row.deployment), count(row.images));
        page.line(&format!("{images} images on {label}: {} by it, {raced} by the race", told(row)));
    }
}

fn memory(page: &mut Page, data: &ReportData) {
    if data.ladders().next().is_none() {
        return;
    }
    page.heading("memory (exploratory; see memory.csv)");
    data.ladders().for_each(|sizes| page.line(&ladder(sizes, data)));
}

fn failures(page: &mut Page, data: &ReportData) {
    let incomplete = data.rounds.iter().filter(|row| row.complete < row.begun);
    let of_passes = data.attempts.iter().filter(|row| row.part == Part::Pipeline);
    let bad: Vec<_> = of_passes.filter(|row| !row.failed.is_empty()).collect();
    if bad.is_empty() && incomplete.clone().count() == 0 {
        return;
    }
    page.heading("failures");
    for row in incomplete {
        let (label, complete, begun) = (data.label(&row.deployment), row.complete, row.begun);
        page.line(&format!("{label}, {}: {complete} of {begun} rounds complete", row.flow));
    }
    for row in bad {
        for (status, failed) in &row.failed {
            let (label, failed) = (data.label(&row.deployment), count(*failed));
            let line = format!("{failed} × {status}: {label}, {} passes", row.flow);
            page.toned(&line, Tone::Bad);
        }
    }
}

fn verdicts(page: &mut Page, data: &ReportData) {
    if data.judged().next().is_none() {
        return;
    }
    page.heading("verdicts");
    for deployment in &data.planned.deployments {
        not_compared(deployment, data).iter().for_each(|line| page.toned(line, Tone::Bad));
    }
    data.rejected_apart().iter().for_each(|line| page.toned(line, Tone::Bad));
    if let Some(why) = data.restless() {
        page.toned(&why, Tone::Bad);
    }
    for family in [Family::Functions, Family::Architecture, Family::Cost, Family::Pipeline] {
        let found = data
            .judged()
            .filter(|verdict| verdict.family == family && verdict.outcome != Outcome::Rejected);
        let (undecided, decided): (Vec<_>, Vec<_>) =
            found.partition(|verdict| verdict.outcome == Outcome::Undecided);
        decided.iter().for_each(|verdict| page.toned(&sentence(verdict, data), Tone::Good));
        if undecided.len() <= MANY {
            undecided.iter().for_each(|verdict| page.line(&sentence(verdict, data)));
        } else {
            let all = decided.len() + undecided.len();
            let undecided = undecided.len();
            page.line(&format!("undecided: {undecided} of {all} comparisons of {family}"));
        }
    }
}

/// More undecided comparisons of a family than these are only counted.
const MANY: usize = 6;

#[derive(Clone, Copy)]
enum Tone {
    Good,
    Bad,
}

/// Rows of text under a heading.
struct Sheet {
    heading: Vec<&'static str>,
    words: usize,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    /// The first `words` columns hold words, the others figures.
    fn new(heading: &[&'static str], words: usize) -> Self {
        Self { heading: heading.to_vec(), words, rows: Vec::new() }
    }

    fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    fn drawn(&self, width: Option<u16>) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        if let Some(width) = width {
            table.set_width(width);
        }
        table.set_header(self.heading.clone());
        for row in &self.rows {
            table.add_row(row);
        }
        for (place, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if place >= self.words {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        lines.join("\n")
    }

    fn listed(&self) -> String {
        let of = |row: &Vec<String>| {
            let pairs = self.heading.iter().zip(row);
            pairs.map(|(name, cell)| format!("{name}: {cell}\n")).collect::<String>()
        };
        self.rows.iter().map(of).collect::<Vec<_>>().join("\n")
    }
}

struct Page {
    view: View,
    text: String,
}

impl Page {
    fn heading(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.painted(text, "1");
    }

    fn line(&mut self, text: &str) {
        let safe = on_one_line(text);
        self.text.push_str(&safe);
        self.text.push('\n');
    }

    fn toned(&mut self, text: &str, tone: Tone) {
        match tone {
            Tone::Good => self.painted(text, "32"),
            Tone::Bad => self.painted(text, "31"),
        }
    }

    fn painted(&mut self, text: &str, code: &str) {
        match self.view.ink {
            Ink::Plain => self.line(text),
            // Writing to a String cannot fail.
            Ink::Colour => drop(writeln!(self.text, "\x1b[{code}m{}\x1b[0m", on_one_line(text))),
        }
    }

    fn table(&mut self, title: &str, sheet: Sheet) {
        if sheet.rows.is_empty() {
            return;
        }
        self.heading(title);
        let narrow = self.view.width.is_some_and(|width| width < NARROW);
        let drawn = if narrow { sheet.listed() } else { sheet.drawn(self.view.width) };
        drawn.lines().for_each(|line| self.line(line));
    }
}
