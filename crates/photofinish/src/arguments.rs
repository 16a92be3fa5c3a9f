//! What can be typed.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};
use photofinish_report::export::Layout;
use photofinish_study::{Architecture, Platform};

/// Races machine-written serverless pipelines and says who won, by how much, at what cost, and
/// how sure that is.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do. Each stage of a study does first whatever of the road before it is not done yet.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what a study would run, how often, and about how long, before anything runs
    Plan(Study),
    /// Have the models write what is not written yet, or show and check what they were asked
    Generate(Generate),
    /// Take a file as a model's answer; it is shown as "model unverified"
    Import(Import),
    /// Set up, zip and check the code and layers
    Package(Work),
    /// Put functions, layers and buckets in place
    Deploy(Work),
    /// Compare every function's outputs with the reference
    Verify(Work),
    /// Estimate what the race costs by a small trial before it, which is in nothing that it finds
    Pilot(Work),
    /// Race whatever was accepted
    Measure(Work),
    /// Compute summary, verdicts and cost: of a study, or of anyone's measurements
    Analyse(Analyse),
    /// Write the tables and the page
    Report(Study),
    /// All of it, in order; what is already done is not done again
    Run(Work),
    /// Show how far a study is
    Status(Study),
    /// Use a pipeline on a folder of pictures
    Process(Process),
    /// Say whether an output is right: what it is held against, how far off it is, and where
    Check(Check),
    /// Try a contract's limits on implementations that are known to be right or wrong
    Margins(Margins),
    /// Write a study's calls in the layout of another tool, for the scripts of its users
    Export(Export),
    /// Show the prices that costs are worked out from, or ask AWS for today's
    Prices(Prices),
    /// Remove what a study deployed, and list it
    Destroy(Destroy),
    /// Say what this machine can run, and the mend for what it lacks
    Doctor(Doctor),
    /// Serve Lambda, S3 and logs on loopback for other programs
    Serve(Serve),
}

#[derive(Debug, Args)]
pub(crate) struct Study {
    /// The study file, such as studies/quick.toml
    pub(crate) study: PathBuf,
    /// The study directory [default: results/<study's name>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Run the study's targets on this platform instead; its results are kept apart
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) on: Option<Platform>,
    /// Print JSON to stdout instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

impl Study {
    /// The study of this file as it stands there.
    pub(crate) fn at(file: &Path) -> Self {
        Self { study: file.to_owned(), out: None, on: None, json: false }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Analyse {
    /// The study file, such as studies/quick.toml
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    pub(crate) study: Option<PathBuf>,
    /// Judge the measurements in this file instead; docs/invocations.md describes its columns
    #[arg(long, value_name = "INVOCATIONS.CSV", requires = "out")]
    pub(crate) from: Option<PathBuf>,
    /// The study directory [default: results/<study's name>]; with --from, where the tables go
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// The results of the study's targets on this platform
    #[arg(long, value_name = "PLATFORM", conflicts_with = "from")]
    pub(crate) on: Option<Platform>,
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    #[command(flatten)]
    pub(crate) study: Study,
    /// Print the prompts and ask nobody
    #[arg(long, conflicts_with_all = ["verify", "replay"])]
    pub(crate) show: bool,
    /// With --show: of this function only
    #[arg(long, value_name = "NAME", requires = "show")]
    pub(crate) function: Option<String>,
    /// Check the ledger's chain, and that every answer and its code are what was received
    #[arg(long, conflicts_with = "replay")]
    pub(crate) verify: bool,
    /// Take every answer from the ledger, with no network and no key, and compare
    #[arg(long)]
    pub(crate) replay: bool,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(flatten)]
    pub(crate) study: Study,
    /// Whose answer it is: a variant with a model, and which of its samples, such as gpt-5/1
    #[arg(long, value_name = "NAME/SAMPLE")]
    pub(crate) variant: String,
    /// Which function it is the code of
    #[arg(long, value_name = "NAME")]
    pub(crate) function: String,
    /// Put it in the place of an earlier answer
    #[arg(long)]
    pub(crate) replace: bool,
    /// The answer as it was given, or the code alone; - reads it from stdin
    pub(crate) file: PathBuf,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Consent {
    /// Ask models, and race on AWS, without asking first, whatever the estimate; a budget is kept
    /// to all the same
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Work {
    #[command(flatten)]
    pub(crate) study: Study,
    #[command(flatten)]
    pub(crate) consent: Consent,
    /// Put the study directory's earlier contents aside and start again
    #[arg(long)]
    pub(crate) fresh: bool,
    #[command(flatten)]
    pub(crate) python: Python,
}

#[derive(Debug, Args)]
pub(crate) struct Python {
    /// An installed Python 3.14 to use instead of one that is fetched
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Process {
    /// `native` (the reference, in this process), a bundled variant's name, a folder of your own,
    /// or with --study the name of one of its variants
    #[arg(long, value_name = "VARIANT")]
    pub(crate) variant: String,
    /// The folder of pictures: every JPEG in it and below; with --on aws s3://BUCKET/FOLDER
    #[arg(value_name = "IN")]
    pub(crate) from: PathBuf,
    /// The folder for the outputs; it is made if need be; with --on aws s3://BUCKET/FOLDER
    #[arg(value_name = "OUT")]
    pub(crate) into: PathBuf,
    /// So many pictures at a time [default: one a core; on AWS what the account has room for]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// The study that the variant is of; its application, functions and memory are used
    #[arg(long, value_name = "STUDY")]
    pub(crate) study: Option<PathBuf>,
    /// Make outputs anew that are there already
    #[arg(long)]
    pub(crate) again: bool,
    /// Where the functions run: on this machine, or on AWS by a state machine, on the pictures of
    /// a bucket
    #[arg(long, value_name = "PLATFORM", default_value = "local")]
    pub(crate) on: Platform,
    #[command(flatten)]
    pub(crate) at_scale: AtScale,
    #[command(flatten)]
    pub(crate) python: Python,
}

/// What means something with --on aws only.
#[derive(Debug, Args)]
#[command(next_help_heading = "With --on aws")]
pub(crate) struct AtScale {
    /// In this region [default: the study's, or the environment's]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// On this architecture, x86_64 or arm64 [default: the study's, or this machine's]
    #[arg(long, value_name = "NAME")]
    pub(crate) architecture: Option<Architecture>,
    /// With so much memory [default: the study's, or 1769]
    #[arg(long, value_name = "MB")]
    pub(crate) memory_mb: Option<u32>,
    /// Show what it would cost, and make nothing
    #[arg(long)]
    pub(crate) plan: bool,
    /// With --plan: for so many pictures, whatever lies in the bucket; nothing is asked of AWS
    #[arg(long, value_name = "N", requires = "plan")]
    pub(crate) images: Option<NonZeroU64>,
    /// Begin without asking first
    #[arg(long)]
    pub(crate) yes: bool,
    /// Leave functions and state machine in place afterwards; they expire after two days
    #[arg(long)]
    pub(crate) keep: bool,
    /// Print JSON to stdout instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Which of the application's functions should have made it
    #[arg(long, value_name = "NAME")]
    pub(crate) function: String,
    /// What the function was given
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    /// What it made of that
    #[arg(value_name = "OUTPUT")]
    pub(crate) output: PathBuf,
    /// Write how far each pixel is off here, amplified until the worst is white
    #[arg(long, value_name = "FILE.png")]
    pub(crate) difference: Option<PathBuf>,
    /// The application whose contract counts: a bundled one, or the folder of one
    #[arg(long, value_name = "APPLICATION", default_value = "image-pipeline")]
    pub(crate) application: String,
    /// Print JSON to stdout instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The study file, or a study directory
    pub(crate) study: PathBuf,
    /// Whose layout: `saaf` of FaaS Runner with SAAF's attributes, `sebs` of SeBS's perf-cost;
    /// docs/export.md describes both
    #[arg(long, value_name = "LAYOUT")]
    pub(crate) to: Layout,
    /// The folder for the files; it must be empty, and is made if need be
    #[arg(value_name = "DIR")]
    pub(crate) into: PathBuf,
    /// The study directory [default: results/<study's name>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// The results of the study's targets on this platform
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) on: Option<Platform>,
}

#[derive(Debug, Args)]
pub(crate) struct Prices {
    /// Show the prices of this study [default: those that this program carries]
    #[arg(conflicts_with = "refresh")]
    pub(crate) study: Option<PathBuf>,
    /// Ask AWS's price list, and write the answer down as a price book for studies to name
    #[arg(long)]
    pub(crate) refresh: bool,
    /// With --refresh: the prices of this region
    #[arg(long, value_name = "REGION", requires = "refresh", default_value = "us-east-1")]
    pub(crate) region: String,
    /// With --refresh: the folder for the price book; it is made if need be
    #[arg(long, value_name = "DIR", requires = "refresh", default_value = "prices")]
    pub(crate) into: PathBuf,
    /// Print JSON to stdout instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Margins {
    /// A bundled application, or the folder of one
    #[arg(default_value = "image-pipeline")]
    pub(crate) application: String,
    /// Of this function only
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Option<String>,
    /// Of those only whose place has this in it, such as wrong/resize or bt709
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// On other pictures besides, drawn by this seed; it can be given several times
    #[arg(long, value_name = "N")]
    pub(crate) seed: Vec<u64>,
    /// On the contract's large fixtures too
    #[arg(long)]
    pub(crate) thorough: bool,
    /// A wrong one is done with at its first rejection: for a yes or no, without the margins
    #[arg(long, conflicts_with_all = ["json", "markdown", "seed"])]
    pub(crate) quick: bool,
    /// Print JSON to stdout instead of a table
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Print everything as Markdown to stdout: the tables of docs/margins.md
    #[arg(long)]
    pub(crate) markdown: bool,
    #[command(flatten)]
    pub(crate) python: Python,
}

#[derive(Debug, Args)]
pub(crate) struct Destroy {
    /// The study file, such as studies/quick.toml
    #[arg(required_unless_present = "expired")]
    pub(crate) study: Option<PathBuf>,
    /// Remove what has expired on AWS instead, of whatever study; it is listed first
    #[arg(long, conflicts_with_all = ["study", "out", "on"])]
    pub(crate) expired: bool,
    /// With --expired: in this region [default: the environment's]
    #[arg(long, value_name = "REGION", requires = "expired")]
    pub(crate) region: Option<String>,
    /// The study directory [default: results/<study's name>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// What the study's targets on this platform made
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) on: Option<Platform>,
    /// With --expired: remove what is listed without asking first
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// With --aws: the study that is to run there
    #[arg(requires = "aws")]
    pub(crate) study: Option<PathBuf>,
    /// Say what the AWS account that the environment names can run, instead of this machine
    #[arg(long)]
    pub(crate) aws: bool,
    /// With --aws: in this region [default: the study's, or the environment's]
    #[arg(long, value_name = "REGION", requires = "aws")]
    pub(crate) region: Option<String>,
    /// Print JSON to stdout instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) python: Python,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Port on loopback; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Listen on this address instead of loopback: others can reach it, and read on the way what is
    /// sent; only the keys let them in
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) open_to: Option<std::net::IpAddr>,
    /// Keep functions, layers and objects here [default: a folder that is removed at the end]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Write endpoint and keys here as a sourceable file (mode 0600) when ready
    #[arg(long, value_name = "FILE")]
    pub(crate) env: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) python: Python,
}
