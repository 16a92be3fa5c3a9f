//! A price book out of what AWS's price list answers. What is not clear is refused, and no book is
//! written then.

use std::path::Path;

use photofinish_analyse::price::{
    DurationPrice, FORMAT, LambdaPrices, LogPrices, ObjectPrices, OtherPrice, Price, PriceBook,
    Tier, TransferPrices, Trust,
};
use photofinish_cloud::{Cloud, Offer, Place, PriceStep, Wanted};

use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::progress::Progress;
use crate::road::block_on;
use crate::road::opening::unusable;

/// One price of the book as the list knows it.
struct Question {
    /// What messages call it.
    what: &'static str,
    service: &'static str,
    /// Attributes beside the region's.
    attributes: &'static [(&'static str, &'static str)],
    /// How the usage's name ends, behind the region's own prefix.
    usage: &'static str,
    unit: Unit,
    /// Under which attribute the region's code stands.
    region: &'static str,
}

/// What a unit must be called: by another word it is another price.
#[derive(Clone, Copy)]
enum Unit {
    Is(&'static str),
    /// Lambda's has been called by more than one name.
    EndsWith(&'static str),
}

impl Unit {
    fn holds(self, unit: &str) -> bool {
        match self {
            Self::Is(name) => unit == name,
            Self::EndsWith(end) => unit.ends_with(end),
        }
    }
}

const BY_REGION: &str = "regionCode";

const fn lambda(
    what: &'static str,
    attributes: &'static [(&'static str, &'static str)],
    usage: &'static str,
    unit: Unit,
) -> Question {
    Question { what, service: "AWSLambda", attributes, usage, unit, region: BY_REGION }
}

const X86_64: Question = lambda(
    "lambda x86_64",
    &[("group", "AWS-Lambda-Duration")],
    "Lambda-GB-Second",
    Unit::EndsWith("Second"),
);
const ARM64: Question = lambda(
    "lambda arm64",
    &[("group", "AWS-Lambda-Duration-ARM")],
    "Lambda-GB-Second-ARM",
    Unit::EndsWith("Second"),
);
const REQUESTS: [Question; 2] = [
    lambda(
        "lambda requests",
        &[("group", "AWS-Lambda-Requests")],
        "Request",
        Unit::EndsWith("Requests"),
    ),
    lambda(
        "lambda requests on ARM",
        &[("group", "AWS-Lambda-Requests-ARM")],
        "Request-ARM",
        Unit::EndsWith("Requests"),
    ),
];
const PUT: Question = Question {
    what: "s3 put",
    service: "AmazonS3",
    attributes: &[("group", "S3-API-Tier1")],
    usage: "Requests-Tier1",
    unit: Unit::Is("Requests"),
    region: BY_REGION,
};
const GET: Question = Question {
    what: "s3 get",
    service: "AmazonS3",
    attributes: &[("group", "S3-API-Tier2")],
    usage: "Requests-Tier2",
    unit: Unit::Is("Requests"),
    region: BY_REGION,
};
const STORAGE: Question = Question {
    what: "s3 storage",
    service: "AmazonS3",
    attributes: &[("volumeType", "Standard")],
    usage: "TimedStorage-ByteHrs",
    unit: Unit::Is("GB-Mo"),
    region: BY_REGION,
};
const LOGS: Question = Question {
    what: "logs ingestion",
    service: "AmazonCloudWatch",
    attributes: &[("group", "Ingested Logs"), ("operation", "PutLogEvents")],
    usage: "DataProcessing-Bytes",
    unit: Unit::Is("GB"),
    region: BY_REGION,
};
const TRANSFER: Question = Question {
    what: "transfer out",
    service: "AWSDataTransfer",
    attributes: &[("transferType", "AWS Outbound"), ("toLocation", "External")],
    usage: "DataTransfer-Out-Bytes",
    unit: Unit::Is("GB"),
    region: "fromRegionCode",
};
/// Under the names that the bundled book has for them.
const OTHERS: [Question; 4] = [
    Question {
        what: "step functions standard transition",
        service: "AmazonStates",
        attributes: &[("group", "SFN-StateTransitions")],
        usage: "StateTransition",
        unit: Unit::Is("StateTransitions"),
        region: BY_REGION,
    },
    Question {
        what: "step functions express request",
        service: "AmazonStates",
        attributes: &[("group", "SFN-ExpressWorkflows-Requests")],
        usage: "StepFunctions-Request",
        unit: Unit::Is("Requests"),
        region: BY_REGION,
    },
    Question {
        what: "step functions express duration",
        service: "AmazonStates",
        attributes: &[("group", "SFN-ExpressWorkflows-Duration")],
        usage: "StepFunctions-GB-Second",
        unit: Unit::EndsWith("Seconds"),
        region: BY_REGION,
    },
    Question {
        what: "ecr storage",
        service: "AmazonECR",
        attributes: &[],
        usage: "TimedStorage-ByteHrs",
        unit: Unit::Is("GB-Mo"),
        region: BY_REGION,
    },
];

/// Asks, and writes the book down beside the studies that are to name it.
pub(super) fn refresh(arguments: &arguments::Prices) -> Result<Answer, Failure> {
    let region = &arguments.region;
    let book = block_on(async {
        let place = Place::Aws { region: Some(region.clone()) };
        let cloud = Cloud::connect(&place).await.map_err(|error| Failure::provider(&error))?;
        Asking { cloud: &cloud, region, published: String::new() }.book().await
    })?;
    let text = book.to_toml();
    let text = format!("# Read in AWS's price list by photofinish.\n{text}");
    PriceBook::parse(&book.name, &text).map_err(|error| Failure::provider(&error))?;
    let path = arguments.into.join(format!("{}.toml", book.name));
    let progress = Progress::new();
    keep(&path, &text)?;
    progress.say("prices", &format!("of {} in {region}: {}", book.date, path.display()));
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&book).expect("a price book is plain data"));
    } else {
        super::print(&book, &path.display().to_string());
        println!(
            "\nA study beside the folder takes them with\n[cost]\nprices = \"{}\"",
            path.display()
        );
    }
    Ok(Answer::Yes)
}

/// A book that a study may have been worked out by is not changed.
fn keep(path: &Path, text: &str) -> Result<(), Failure> {
    match std::fs::read_to_string(path) {
        Ok(there) if there == text => return Ok(()),
        Ok(_) => {
            let message = format!("{} holds other prices of the same day", path.display());
            let hint = "name another folder with --into: studies may rest on that book";
            return Err(Failure::Usage(Told::words(message, Some(hint))));
        }
        Err(_) => {}
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
    std::fs::write(path, text).map_err(|error| unusable(path, &error))
}

struct Asking<'a> {
    cloud: &'a Cloud,
    region: &'a str,
    /// The latest day on which a part of the list was published.
    published: String,
}

impl Asking<'_> {
    async fn book(mut self) -> Result<PriceBook, Failure> {
        let x86_64 = self.duration(&X86_64).await?;
        let arm64 = self.duration(&ARM64).await?;
        let requests = self.price(&REQUESTS[0]).await?;
        let on_arm = self.price(&REQUESTS[1]).await?;
        if (requests.usd - on_arm.usd).abs() > f64::EPSILON {
            let message = format!(
                "a request costs ${} on x86_64 and ${} on arm64, and a price book has one price \
                 for both",
                requests.usd, on_arm.usd
            );
            return Err(Failure::Provider(Told::words(message, None)));
        }
        let s3 = ObjectPrices {
            put: self.price(&PUT).await?,
            get: self.price(&GET).await?,
            storage: self.price(&STORAGE).await?,
        };
        let logs = LogPrices { ingestion: self.price(&LOGS).await? };
        let transfer = TransferPrices { out: self.price(&TRANSFER).await? };
        let mut other = Vec::new();
        for question in &OTHERS {
            let price = self.price(question).await?;
            other.push(OtherPrice { name: question.what.to_owned(), price });
        }
        Ok(PriceBook {
            format: FORMAT,
            name: format!("aws-{}-{}", self.published, self.region),
            date: self.published,
            region: self.region.to_owned(),
            currency: "USD".to_owned(),
            lambda: LambdaPrices { x86_64, arm64, requests },
            s3,
            logs,
            transfer,
            other,
        })
    }

    /// The one offer that answers the question.
    async fn offer(&mut self, question: &Question) -> Result<Offer, Failure> {
        let mut attributes = question.attributes.to_vec();
        attributes.push((question.region, self.region));
        let wanted = Wanted { service: question.service, attributes: &attributes };
        let offers = self.cloud.offers(wanted).await.map_err(|error| Failure::provider(&error))?;
        let offer = one(question, self.region, offers)?;
        if offer.published > self.published {
            self.published.clone_from(&offer.published);
        }
        Ok(offer)
    }

    /// What the first unit costs that is not free.
    async fn price(&mut self, question: &Question) -> Result<Price, Failure> {
        let offer = self.offer(question).await?;
        let step = offer.steps.iter().find(|step| step.usd > 0.0);
        let Some(step) = step else { return Err(unclear(question, self.region, "it is free")) };
        Ok(Price {
            usd: step.usd,
            per: 1.0,
            unit: step.unit.clone(),
            note: note(&offer.steps, step),
            source: source(question, &offer),
            status: Trust::Sourced,
        })
    }

    async fn duration(&mut self, question: &Question) -> Result<DurationPrice, Failure> {
        let offer = self.offer(question).await?;
        let tiers = offer.steps.iter().filter(|step| step.usd > 0.0);
        let tiers: Vec<Tier> =
            tiers.map(|step| Tier { up_to_gb_s: step.to, usd_per_gb_s: step.usd }).collect();
        if tiers.is_empty() {
            return Err(unclear(question, self.region, "it is free"));
        }
        let source = source(question, &offer);
        Ok(DurationPrice { tiers, source, status: Trust::Sourced })
    }
}

/// The offer whose usage and unit are those that are meant; several, or none, are not clear.
fn one(question: &Question, region: &str, offers: Vec<Offer>) -> Result<Offer, Failure> {
    let meant = |offer: &Offer| {
        let usage = offer.attributes.get("usagetype").map_or("", String::as_str);
        // Other regions than the first have a prefix, such as `EUC1-`.
        let ends = usage.strip_suffix(question.usage);
        let bare = ends.is_some_and(|prefix| {
            prefix.is_empty() || (prefix.ends_with('-') && prefix.matches('-').count() == 1)
        });
        bare && offer.steps.iter().all(|step| question.unit.holds(&step.unit))
    };
    let all = offers.len();
    let mut meant: Vec<Offer> = offers.into_iter().filter(meant).collect();
    match (meant.len(), meant.pop()) {
        (1, Some(offer)) => Ok(offer),
        (n, _) => {
            let why = format!("{n} of {all} offers of {} can be meant", question.service);
            Err(unclear(question, region, &why))
        }
    }
}

fn unclear(question: &Question, region: &str, why: &str) -> Failure {
    let message =
        format!("the price of {} in {region} cannot be read clearly: {why}", question.what);
    let hint = "nothing was written; the bundled prices, or a book of your own, are used as before";
    Failure::Provider(Told::words(message, Some(hint)))
}

fn note(steps: &[PriceStep], used: &PriceStep) -> Option<String> {
    match steps {
        [_] => None,
        _ => Some(format!(
            "from {} a month on; {} steps in all, the first that costs anything is used",
            used.from,
            steps.len()
        )),
    }
}

fn source(question: &Question, offer: &Offer) -> String {
    let Offer { sku, published, .. } = offer;
    format!("AWS Price List, offer {}, SKU {sku}, published {published}", question.service)
}
