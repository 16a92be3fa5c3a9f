//! `[[target]]`: where a study runs, and what is wanted there.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::place::{InputError, Source};
use crate::words::{Architecture, Packaging, Platform, Target};

/// 1,769 MB is one vCPU on Lambda.
pub const DEFAULT_MEMORY_MB: u32 = 1769;
/// For how long what is made on AWS is wanted, unless the study says otherwise.
pub const DEFAULT_KEEP_DAYS: u32 = 7;

/// How many passes are under way at once, unless the study says otherwise.
pub const DEFAULT_CONCURRENCY: u32 = 1;
/// What an account may run at once, unless it has asked for more.
const MOST_AT_ONCE: u32 = 1_000;

/// One `[[target]]`, still a product of its lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetChoice {
    /// Where.
    pub platform: Platform,
    /// The region, on AWS; nothing for the environment's.
    pub region: Option<String>,
    /// Which instruction sets.
    pub architecture: Vec<Architecture>,
    /// Which memory sizes.
    pub memory_mb: Vec<u32>,
    /// What code is handed over as.
    #[serde(default = "zip", skip_serializing_if = "is_zip")]
    pub package: Packaging,
    /// An image in a registry that Python functions' images stand on; nothing for our own root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// A role that is there already, on AWS; nothing for one that is made with the least rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// After how many days what is made on AWS may be swept away.
    #[serde(default = "default_keep_days", skip_serializing_if = "is_default_keep_days")]
    pub keep_days: u32,
    /// How many passes may be under way at once while one of this target is, on AWS.
    #[serde(default = "default_concurrency", skip_serializing_if = "is_default_concurrency")]
    pub concurrency: u32,
}

impl TargetChoice {
    /// Such a target with everything else as it is by default.
    #[must_use]
    pub fn new(platform: Platform, architecture: Vec<Architecture>, memory_mb: Vec<u32>) -> Self {
        Self {
            platform,
            region: None,
            architecture,
            memory_mb,
            package: Packaging::Zip,
            base: None,
            role: None,
            keep_days: DEFAULT_KEEP_DAYS,
            concurrency: DEFAULT_CONCURRENCY,
        }
    }
}

fn zip() -> Packaging {
    Packaging::Zip
}

fn is_zip(package: &Packaging) -> bool {
    *package == Packaging::Zip
}

fn default_keep_days() -> u32 {
    DEFAULT_KEEP_DAYS
}

fn is_default_keep_days(days: &u32) -> bool {
    *days == DEFAULT_KEEP_DAYS
}

fn default_concurrency() -> u32 {
    DEFAULT_CONCURRENCY
}

fn is_default_concurrency(concurrency: &u32) -> bool {
    *concurrency == DEFAULT_CONCURRENCY
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTarget {
    platform: Platform,
    region: Option<Spanned<String>>,
    architecture: Option<Spanned<Vec<Architecture>>>,
    memory_mb: Option<Spanned<Vec<i64>>>,
    package: Option<Packaging>,
    base: Option<Spanned<String>>,
    role: Option<Spanned<String>>,
    keep_days: Option<Spanned<i64>>,
    concurrency: Option<Spanned<i64>>,
}

pub(crate) fn targets(
    source: &Source,
    given: Vec<Spanned<RawTarget>>,
) -> Result<Vec<TargetChoice>, InputError> {
    if given.is_empty() {
        return Err(InputError::of_file(source.path(), "no `[[target]]` says where to run")
            .help("add one: [[target]] with platform = \"local\""));
    }
    let mut seen: Vec<Target> = Vec::new();
    let mut choices: Vec<TargetChoice> = Vec::new();
    for given in given {
        let span = given.span();
        let choice = target(source, given.into_inner())?;
        for &architecture in &choice.architecture {
            for &memory_mb in &choice.memory_mb {
                let target = Target { platform: choice.platform, architecture, memory_mb };
                if seen.contains(&target) {
                    return Err(source.error(span, format!("the target {target} stands twice")));
                }
                seen.push(target);
            }
        }
        if let Some(first) = choices.first()
            && (first.platform, &first.region) != (choice.platform, &choice.region)
        {
            return Err(source
                .error(span, "this target is elsewhere than the first one")
                .help("a study runs in one place: make two studies, or use --on"));
        }
        let mut images = choices.iter().filter(|other| other.package == Packaging::Image);
        if choice.package == Packaging::Image && images.any(|other| other.base != choice.base) {
            return Err(source
                .error(span, "this target's images stand on another base than the first ones")
                .help("a study has one base: make two studies"));
        }
        choices.push(choice);
    }
    Ok(choices)
}

fn target(source: &Source, raw: RawTarget) -> Result<TargetChoice, InputError> {
    let architecture = match raw.architecture {
        None => vec![Architecture::of_this_machine().unwrap_or(Architecture::X86_64)],
        Some(list) if list.get_ref().is_empty() => {
            return Err(source
                .error(list.span(), "`architecture` is an empty list")
                .help("write \"x86_64\", \"arm64\" or both"));
        }
        Some(list) => list.into_inner(),
    };
    let platform = raw.platform;
    let package = raw.package.unwrap_or(Packaging::Zip);
    Ok(TargetChoice {
        platform,
        region: on_aws_only(source, platform, "region", raw.region, is_region)?,
        architecture,
        memory_mb: memory(source, raw.memory_mb)?,
        package,
        base: base(source, package, raw.base)?,
        role: on_aws_only(source, platform, "role", raw.role, is_role)?,
        keep_days: keep_days(source, raw.keep_days)?,
        concurrency: concurrency(source, platform, raw.concurrency)?,
    })
}

fn memory(source: &Source, given: Option<Spanned<Vec<i64>>>) -> Result<Vec<u32>, InputError> {
    let Some(list) = given else { return Ok(vec![DEFAULT_MEMORY_MB]) };
    let sizes = list.get_ref().iter().map(|&mb| u32::try_from(mb).ok());
    let sizes: Option<Vec<u32>> =
        sizes.map(|mb| mb.filter(|mb| (128..=10_240).contains(mb))).collect();
    sizes.filter(|sizes| !sizes.is_empty()).ok_or_else(|| {
        source
            .error(list.span(), "`memory_mb` must list sizes from 128 to 10240")
            .help("1769 MB is one vCPU on Lambda: memory_mb = [1769]")
    })
}

fn base(
    source: &Source,
    package: Packaging,
    given: Option<Spanned<String>>,
) -> Result<Option<String>, InputError> {
    let Some(given) = given else { return Ok(None) };
    if package != Packaging::Image {
        return Err(source
            .error(given.span(), "`base` means nothing where functions are zips")
            .help("write package = \"image\" beside it, or leave it out"));
    }
    let text = given.get_ref();
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err(source
            .error(given.span(), format!("`{text}` names no image"))
            .help("write REGISTRY/REPOSITORY:TAG, such as public.ecr.aws/lambda/python:3.14"));
    }
    Ok(Some(given.into_inner()))
}

fn keep_days(source: &Source, given: Option<Spanned<i64>>) -> Result<u32, InputError> {
    let Some(given) = given else { return Ok(DEFAULT_KEEP_DAYS) };
    let days = u32::try_from(*given.get_ref()).ok().filter(|days| (1..=365).contains(days));
    days.ok_or_else(|| {
        source.error(given.span(), "`keep_days` must be from 1 to 365").help(
            "what is left after so many days is swept away by `photofinish destroy --expired`",
        )
    })
}

fn concurrency(
    source: &Source,
    platform: Platform,
    given: Option<Spanned<i64>>,
) -> Result<u32, InputError> {
    let Some(given) = given else { return Ok(DEFAULT_CONCURRENCY) };
    let passes = u32::try_from(*given.get_ref()).ok();
    match passes.filter(|passes| (1..=MOST_AT_ONCE).contains(passes)) {
        None => Err(source
            .error(given.span(), format!("`concurrency` must be from 1 to {MOST_AT_ONCE}"))
            .help("so many passes are under way at once: 1, one after the other, is the default")),
        Some(2..) if platform == Platform::Local => Err(source
            .error(given.span(), "passes at once would share this machine's cores, and be slower")
            .help("leave `concurrency` out, or write platform = \"aws\"")),
        Some(passes) => Ok(passes),
    }
}

/// A line that means nothing elsewhere is a misunderstanding, and said to be one.
fn on_aws_only(
    source: &Source,
    platform: Platform,
    key: &str,
    given: Option<Spanned<String>>,
    is_good: fn(&str) -> Result<(), &'static str>,
) -> Result<Option<String>, InputError> {
    let Some(given) = given else { return Ok(None) };
    if platform != Platform::Aws {
        return Err(source
            .error(given.span(), format!("`{key}` means nothing on the {platform} platform"))
            .help("leave it out, or write platform = \"aws\""));
    }
    match is_good(given.get_ref()) {
        Ok(()) => Ok(Some(given.into_inner())),
        Err(help) => {
            let message = format!("`{}` is no {key}", given.get_ref());
            Err(source.error(given.span(), message).help(help))
        }
    }
}

fn is_region(text: &str) -> Result<(), &'static str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = text.len() >= 9 && text.chars().all(plain) && text.matches('-').count() >= 2;
    if good { Ok(()) } else { Err("write it as AWS does, such as \"us-east-1\"") }
}

fn is_role(text: &str) -> Result<(), &'static str> {
    let good = text.starts_with("arn:aws") && text.contains(":iam::") && text.contains(":role/");
    if good { Ok(()) } else { Err("write its ARN: \"arn:aws:iam::123456789012:role/LabRole\"") }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Study;

    fn fault(target: &str) -> String {
        let text =
            format!("application = \"a\"\n[[variant]]\nname = \"v\"\nsource = \"v\"\n{target}");
        let source = Source::from_text(Path::new("s.toml"), text);
        Study::from_source(&source).expect_err(target).to_string()
    }

    #[test]
    fn a_line_that_cannot_be_meant_is_named_with_its_mend() {
        let local = "[[target]]\nplatform = \"local\"\n";
        let aws = "[[target]]\nplatform = \"aws\"\n";
        let cases = [
            (format!("{local}region = \"us-east-1\""), "nothing on the local", "leave it out"),
            (format!("{local}role = \"arn:aws:iam::1:role/x\""), "nothing on the local", "aws"),
            (format!("{aws}region = \"virginia\""), "`virginia` is no region", "us-east-1"),
            (format!("{aws}role = \"LabRole\""), "`LabRole` is no role", "its ARN"),
            (format!("{aws}keep_days = 0"), "from 1 to 365", "--expired"),
            (format!("{aws}concurrency = 0"), "from 1 to 1000", "one after the other"),
            (format!("{local}concurrency = 2"), "share this machine's cores", "platform = \"aws\""),
            (format!("{aws}package = \"rpm\""), "unknown variant `rpm`", "`image`"),
            (format!("{aws}base = \"a:1\""), "where functions are zips", "package = \"image\""),
            (format!("{aws}package = \"image\"\nbase = \"a b\""), "names no image", "ecr.aws"),
            (
                format!(
                    "{aws}package = \"image\"\n{aws}package = \"image\"\nmemory_mb = [512]\n\
                     base = \"a:1\""
                ),
                "another base",
                "two studies",
            ),
            (format!("{aws}{local}"), "elsewhere than the first", "two studies"),
        ];
        for (text, what, mend) in cases {
            let fault = fault(&text);
            assert!(fault.contains(what) && fault.contains(mend), "{fault}");
        }
    }
}
