//! The short form, for the terminal: plain text, narrow enough for any.

use photofinish_analyse::{Metric, SummaryRow};
use photofinish_study::{Deployment, Flow, Name};

use crate::data::ReportData;
use crate::words::{Names, badge, counted, figure, sentence};

/// Correctness, run times, cost and verdicts as plain text.
#[must_use]
pub fn terminal(data: &ReportData, _width: Option<u16>) -> String {
    let names = Names::of(data);
    let mut text = format!("\n{}: {}\n", data.study, badge(data));
    correctness(data, &names, &mut text);
    for &flow in &data.flows {
        runtimes(data, &names, flow, &mut text);
    }
    pipeline(data, &names, &mut text);
    cost(data, &names, &mut text);
    verdicts(data, &names, &mut text);
    let failures = counted(data);
    if failures > 0 {
        let calls = data.invocations.len();
        text.push_str(&format!(
            "\n{failures} of {calls} calls failed or are in doubt; they are in invocations.csv\n"
        ));
    }
    text
}

fn correctness(data: &ReportData, names: &Names, text: &mut String) {
    text.push_str("\nCorrect?\n");
    for deployment in &data.deployments {
        let rejected: Vec<_> = data
            .rejections
            .iter()
            .filter(|rejection| rejection.deployment == *deployment)
            .collect();
        let name = names.short(deployment);
        if rejected.is_empty() {
            let outputs = data
                .verification
                .iter()
                .filter(|row| *row.deployment == *deployment && row.accepted)
                .count();
            text.push_str(&format!("  {name}: accepted, {outputs} outputs looked at\n"));
        }
        for rejection in rejected {
            let place = rejection.function.as_ref().map_or("the chain", Name::as_str);
            text.push_str(&format!("  {name}: {place} rejected: {}\n", rejection.reason));
        }
    }
}

/// Cells in columns, the first to the left, the others to the right.
fn columns(rows: &[Vec<String>], text: &mut String) {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    for row in rows {
        let mut line = String::from(" ");
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            match column {
                0 => line.push_str(&format!(" {cell:<width$}")),
                _ => line.push_str(&format!("  {cell:>width$}")),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

fn find<'a>(
    data: &'a ReportData,
    deployment: &Deployment,
    flow: Flow,
    function: &str,
    metric: Metric,
) -> Option<&'a SummaryRow> {
    data.summary.iter().find(|row| {
        *row.deployment == *deployment
            && row.flow == flow
            && row.function.as_str() == function
            && row.metric == metric
            && row.image.as_str() == "all"
    })
}

fn runtimes(data: &ReportData, names: &Names, flow: Flow, text: &mut String) {
    let header =
        ["function", "", "mean ms", "sd", "CV %", "n", "rounds"].map(String::from).to_vec();
    let mut rows = vec![header];
    for function in &data.functions {
        for deployment in &data.deployments {
            let name = function.name.as_str();
            let Some(row) = find(data, deployment, flow, name, Metric::Duration) else { continue };
            rows.push(vec![
                name.to_owned(),
                names.short(deployment),
                figure(row.mean),
                row.sd.map_or_else(String::new, figure),
                row.cv.map_or_else(String::new, |cv| format!("{:.1}", cv * 100.0)),
                row.n.to_string(),
                row.rounds.to_string(),
            ]);
        }
    }
    if rows.len() > 1 {
        let given = match flow {
            Flow::Isolated => "the reference's outputs",
            Flow::Chained => "their own outputs",
        };
        text.push_str(&format!(
            "\nRun time of each function, {flow} (given {given}), REPORT's Duration\n"
        ));
        columns(&rows, text);
    }
}

fn pipeline(data: &ReportData, names: &Names, text: &mut String) {
    let header = ["", "turnaround s", "CV %", "sum of durations ms", "CV %", "n"];
    let mut rows = vec![header.map(String::from).to_vec()];
    for deployment in &data.deployments {
        let of = |metric| find(data, deployment, Flow::Chained, "pipeline", metric);
        let (Some(turnaround), Some(sum)) = (of(Metric::Turnaround), of(Metric::Duration)) else {
            continue;
        };
        let percent =
            |cv: Option<f64>| cv.map_or_else(String::new, |cv| format!("{:.1}", cv * 100.0));
        rows.push(vec![
            names.short(deployment),
            figure(turnaround.mean),
            percent(turnaround.cv),
            figure(sum.mean),
            percent(sum.cv),
            turnaround.n.to_string(),
        ]);
    }
    if rows.len() > 1 {
        text.push_str("\nThe pipeline, chained\n");
        columns(&rows, text);
    }
}

fn cost(data: &ReportData, names: &Names, text: &mut String) {
    let Some(first) = data.cost.first() else { return };
    let projection = if data.local { ", a projection from local durations" } else { "" };
    text.push_str(&format!(
        "\nCost of 100,000 images in US dollars at prices of {}{projection}\n",
        first.price_date
    ));
    let header = ["", "compute", "init", "requests", "S3", "logs", "total", "95 %"];
    let mut rows = vec![header.map(String::from).to_vec()];
    for row in &data.cost {
        let mut cells = vec![names.short(&row.deployment)];
        let terms = [
            row.compute_usd,
            row.init_usd,
            row.requests_usd,
            row.s3_usd,
            row.logs_usd,
            row.total_usd,
        ];
        cells.extend(terms.map(|usd| format!("{usd:.3}")));
        let interval = row.ci_low.zip(row.ci_high);
        cells.push(
            interval.map_or_else(String::new, |(low, high)| format!("{low:.3} to {high:.3}")),
        );
        rows.push(cells);
    }
    columns(&rows, text);
}

fn verdicts(data: &ReportData, names: &Names, text: &mut String) {
    if data.verdicts.is_empty() {
        return;
    }
    text.push_str(
        "\nVerdicts, each family adjusted by Holm; intervals are of the one comparison\n",
    );
    for row in &data.verdicts {
        text.push_str(&format!("  {}\n", sentence(row, names)));
    }
}
