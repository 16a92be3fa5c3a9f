//! The CSV files. Numbers stand in the shortest form that reads back the same; what is absent is
//! empty.

use std::path::Path;

use photofinish_analyse::{CostRow, SummaryRow, VerdictRow};
use photofinish_study::Deployment;
use photofinish_study::record::{Invocation, Pass, Position, Verification};

use crate::data::ReportData;
use crate::file::{Error, replace};

/// The columns of each file, as scripts rely on them.
const INVOCATIONS: &str = "pass,session,round,block,position,phase,flow,variant,model,sample,function,platform,architecture,memory_mb,image,state,started_at,client_ms,duration_ms,billed_ms,init_ms,max_memory_mb,cpu_ms,import_ms,download_ms,compute_ms,upload_ms,input_bytes,output_bytes,s3_requests,sandbox,cpu_model,status,error,output_sha256,cost_usd";
const PASSES: &str = "pass,session,round,block,position,phase,flow,variant,sample,platform,architecture,memory_mb,image,state,started_at,turnaround_s,status";
const SUMMARY: &str = "variant,sample,platform,architecture,memory_mb,flow,function,image,metric,unit,state,rounds,n,mean,sd,cv,sd_raw,cv_raw,median,p95,p99,ci_low,ci_high";
const VERIFICATION: &str = "variant,architecture,function,input,verdict,reason,metric,value,limit";
const VERDICTS: &str = "family,metric,flow,function,left,right,ratio,ci_low,ci_high,rounds,n_left,n_right,p,p_adjusted,verdict,reason";
const COST: &str = "variant,platform,architecture,memory_mb,images,compute_usd,init_usd,requests_usd,s3_usd,logs_usd,transfer_usd,total_usd,ci_low,ci_high,price_date";

/// Writes every table into a folder.
pub fn write_tables(data: &ReportData, folder: &Path) -> Result<(), Error> {
    let write = |name: &str, columns: &str, rows: Vec<Vec<String>>| {
        let path = folder.join(name);
        replace(&path, table(columns, rows).as_bytes()).map_err(|source| Error { path, source })
    };
    write("invocations.csv", INVOCATIONS, data.invocations.iter().map(invocation).collect())?;
    write("passes.csv", PASSES, data.passes.iter().map(pass).collect())?;
    write("summary.csv", SUMMARY, data.summary.iter().map(summary).collect())?;
    write("verification.csv", VERIFICATION, data.verification.iter().map(verification).collect())?;
    write("verdicts.csv", VERDICTS, data.verdicts.iter().map(verdict).collect())?;
    write("cost.csv", COST, data.cost.iter().map(cost).collect())
}

fn table(columns: &str, rows: Vec<Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let width = columns.split(',').count();
    writer.write_record(columns.split(',')).expect("memory takes everything");
    for row in rows {
        debug_assert_eq!(row.len(), width, "a row has a cell for each column");
        writer.write_record(&row).expect("memory takes everything");
    }
    let bytes = writer.into_inner().expect("memory takes everything");
    String::from_utf8(bytes).expect("text in, text out")
}

fn optional<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// session to flow: the columns that passes and invocations share.
fn position(at: &Position) -> Vec<String> {
    vec![
        at.pass.to_string(),
        at.session.to_string(),
        at.round.to_string(),
        at.block.to_string(),
        at.position.to_string(),
        at.phase.to_string(),
        at.flow.to_string(),
    ]
}

fn target(deployment: &Deployment) -> [String; 3] {
    let target = deployment.target;
    [target.platform.to_string(), target.architecture.to_string(), target.memory_mb.to_string()]
}

fn invocation(row: &Invocation) -> Vec<String> {
    let at = &row.at;
    let contestant = &at.deployment.contestant;
    let mut cells = position(at);
    cells.extend([
        contestant.variant.to_string(),
        optional(at.model.as_ref()),
        contestant.sample.to_string(),
        row.function.to_string(),
    ]);
    cells.extend(target(&at.deployment));
    cells.extend([at.image.to_string(), optional(row.state), row.started_at.to_string()]);
    let figures = [
        row.client_ms,
        row.duration_ms,
        row.billed_ms,
        row.init_ms,
        row.max_memory_mb,
        row.cpu_ms,
        row.import_ms,
        row.download_ms,
        row.compute_ms,
        row.upload_ms,
    ];
    cells.extend(figures.map(optional));
    cells.extend([
        optional(row.input_bytes),
        optional(row.output_bytes),
        optional(row.s3_requests),
        optional(row.sandbox.as_ref()),
        optional(row.cpu_model.as_ref()),
        row.status.0.to_string(),
        optional(row.error.as_ref()),
        optional(row.output_sha256.as_ref()),
        optional(row.cost_usd),
    ]);
    cells
}

fn pass(row: &Pass) -> Vec<String> {
    let at = &row.at;
    let contestant = &at.deployment.contestant;
    let mut cells = position(at);
    cells.extend([contestant.variant.to_string(), contestant.sample.to_string()]);
    cells.extend(target(&at.deployment));
    cells.extend([
        at.image.to_string(),
        optional(row.state),
        row.started_at.to_string(),
        optional(row.turnaround_s),
        row.status.0.to_string(),
    ]);
    cells
}

fn summary(row: &SummaryRow) -> Vec<String> {
    let contestant = &row.deployment.contestant;
    let mut cells = vec![contestant.variant.to_string(), contestant.sample.to_string()];
    cells.extend(target(&row.deployment));
    cells.extend([
        row.flow.to_string(),
        row.function.to_string(),
        row.image.to_string(),
        row.metric.to_string(),
        row.metric.unit().as_str().to_owned(),
        row.state.to_string(),
        row.rounds.to_string(),
        row.n.to_string(),
        row.mean.to_string(),
    ]);
    cells.extend([row.sd, row.cv, row.sd_raw, row.cv_raw].map(optional));
    cells.extend([row.median, row.p95, row.p99].map(|figure| figure.to_string()));
    cells.extend([row.ci_low, row.ci_high].map(optional));
    cells
}

fn verification(row: &Verification) -> Vec<String> {
    vec![
        row.deployment.contestant.variant.to_string(),
        row.deployment.target.architecture.to_string(),
        row.function.to_string(),
        row.input.to_string(),
        if row.accepted { "accepted" } else { "rejected" }.to_owned(),
        optional(row.reason.as_ref()),
        row.metric.to_string(),
        optional(row.value),
        optional(row.limit),
    ]
}

fn verdict(row: &VerdictRow) -> Vec<String> {
    let mut cells = vec![
        row.family.to_string(),
        row.metric.to_owned(),
        row.flow.to_string(),
        row.function.to_string(),
        row.left.clone(),
        row.right.clone(),
    ];
    cells.extend([row.ratio, row.ci_low, row.ci_high].map(optional));
    cells.extend([row.rounds, row.n_left, row.n_right].map(|count| count.to_string()));
    cells.extend([row.p, row.p_adjusted].map(optional));
    cells.extend([row.verdict.to_string(), row.reason.clone()]);
    cells
}

fn cost(row: &CostRow) -> Vec<String> {
    let mut cells = vec![row.deployment.contestant.variant.to_string()];
    cells.extend(target(&row.deployment));
    let figures = [
        row.images,
        row.compute_usd,
        row.init_usd,
        row.requests_usd,
        row.s3_usd,
        row.logs_usd,
        row.transfer_usd,
        row.total_usd,
    ];
    cells.extend(figures.map(|figure| figure.to_string()));
    cells.extend([row.ci_low, row.ci_high].map(optional));
    cells.push(row.price_date.clone());
    cells
}
