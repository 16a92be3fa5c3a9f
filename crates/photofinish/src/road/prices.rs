//! `prices`: the book that costs are worked out from, and a new one out of AWS's own list.

mod asked;

use std::path::Path;

use photofinish_analyse::price::{DurationPrice, PriceBook};
use photofinish_study::{Digest, InputError, PriceEdition, Source, Study};

use crate::arguments;
use crate::failure::{Answer, Failure};
use crate::road::opening::Opened;

/// What the book is called that this program carries.
const BUNDLED: &str = "aws-2026-09.toml";

/// A price book, and which it is.
pub(crate) struct Prices {
    pub(crate) book: PriceBook,
    pub(crate) edition: PriceEdition,
}

impl Prices {
    fn read(name: &str, text: &str) -> Result<Self, photofinish_analyse::price::PriceError> {
        let book = PriceBook::parse(name, text)?;
        let edition = PriceEdition { date: book.date.clone(), sha256: Digest::of(text.as_bytes()) };
        Ok(Self { book, edition })
    }
}

/// The prices that this program carries.
pub(crate) fn bundled() -> Result<Prices, Failure> {
    Prices::read(BUNDLED, photofinish_assets::PRICES).map_err(|error| Failure::usage(&error))
}

/// The prices that a study names, from its own folder; else those that this program carries.
pub(crate) fn of_study(study: &Study, source: &Source) -> Result<Prices, Failure> {
    let Some(named) = &study.prices else { return bundled() };
    let path = source.path().parent().unwrap_or(Path::new(".")).join(named);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        InputError::of_file(&path, format!("the study's price book cannot be read: {error}"))
            .help("`photofinish prices --refresh` writes one, and says what to write in the study")
    })?;
    Ok(Prices::read(&path.display().to_string(), &text)
        .map_err(|error| InputError::of_file(&path, error.to_string()))?)
}

/// Shows a book, or has a new one written.
pub(crate) fn prices(arguments: &arguments::Prices) -> Result<Answer, Failure> {
    if arguments.refresh {
        return asked::refresh(arguments);
    }
    let (book, named) = match &arguments.study {
        None => (bundled()?.book, BUNDLED.to_owned()),
        Some(file) => {
            let study = arguments::Study::at(file);
            let opened = Opened::read(&study)?;
            let named = opened.study.prices.unwrap_or_else(|| BUNDLED.to_owned());
            (opened.book, named)
        }
    };
    if arguments.json {
        let json = serde_json::to_string_pretty(&book).expect("a price book is plain data");
        println!("{json}");
    } else {
        print(&book, &named);
    }
    Ok(Answer::Yes)
}

/// Every price, with what it rests on.
fn print(book: &PriceBook, named: &str) {
    println!(
        "{named}: US dollars in {}, of {}; free tiers are not subtracted\n",
        book.region, book.date
    );
    let row = |name: &str, usd: f64, of: &str, status: &str, source: &str| {
        println!("{name:<34} {:>14} {of:<28} {status:<12} {source}", format!("{usd}"));
    };
    for (name, price) in
        [("lambda x86_64", &book.lambda.x86_64), ("lambda arm64", &book.lambda.arm64)]
    {
        let DurationPrice { tiers, source, status } = price;
        for tier in tiers {
            let of = match tier.up_to_gb_s {
                Some(end) => format!("GB-second, up to {:.2}e9", end / 1e9),
                None => "GB-second beyond".to_owned(),
            };
            row(name, tier.usd_per_gb_s, &of, status.as_str(), source);
        }
    }
    for (name, price) in book.prices() {
        let of = if (price.per - 1.0).abs() < f64::EPSILON {
            price.unit.clone()
        } else {
            format!("{} × {}", price.per, price.unit)
        };
        row(name, price.usd, &of, price.status.as_str(), &price.source);
    }
}
