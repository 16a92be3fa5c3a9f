//! The price book: what the provider asks, as dated data with its sources.
//!
//! Free tiers are not subtracted: they belong to an account, not to a study.

use photofinish_study::{Architecture, word};
use serde::{Deserialize, Serialize};

/// The format of price books that this build reads.
pub const FORMAT: u32 = 1;

/// A price book that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    /// It is not TOML of our shape.
    #[error("price book {book}: {source}")]
    Shape {
        /// Which book.
        book: String,
        /// What is wrong, and where.
        source: Box<toml::de::Error>,
    },
    /// A figure in it cannot be.
    #[error("price book {book}: {place} {cause}")]
    Value {
        /// Which book.
        book: String,
        /// Which key.
        place: &'static str,
        /// What is wrong with it.
        cause: String,
    },
}

word! {
    /// How far a price can be trusted.
    Trust, "price status":
    /// Read in a dated public document.
    Sourced = "sourced",
    /// Known, but not looked up again.
    Unconfirmed = "unconfirmed",
}

/// What the provider asks, on a date, in a region, in US dollars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceBook {
    /// The file's format.
    pub format: u32,
    /// Its name.
    pub name: String,
    /// The day the prices were published, `YYYY-MM-DD`.
    pub date: String,
    /// Where they hold.
    pub region: String,
    /// What they are in; always `USD`.
    pub currency: String,
    /// Functions.
    pub lambda: LambdaPrices,
    /// Objects.
    pub s3: ObjectPrices,
    /// Logs.
    pub logs: LogPrices,
    /// Traffic.
    pub transfer: TransferPrices,
    /// Prices that only some studies rest on, or none.
    #[serde(default)]
    pub other: Vec<OtherPrice>,
}

/// What functions cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LambdaPrices {
    /// Compute on x86.
    pub x86_64: DurationPrice,
    /// Compute on ARM.
    pub arm64: DurationPrice,
    /// A call.
    pub requests: Price,
}

/// What objects cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectPrices {
    /// Writing one.
    pub put: Price,
    /// Reading one.
    pub get: Price,
    /// Keeping a GB for a month.
    pub storage: Price,
}

/// What logs cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPrices {
    /// Writing a GB.
    pub ingestion: Price,
}

/// What traffic costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferPrices {
    /// A GB to the internet.
    pub out: Price,
}

/// `usd` for each `per` units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// How much.
    pub usd: f64,
    /// For how many.
    pub per: f64,
    /// Of what.
    pub unit: String,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where it was read.
    pub source: String,
    /// How far it can be trusted.
    pub status: Trust,
}

/// A price with a name of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OtherPrice {
    /// What it is for.
    pub name: String,
    /// The price.
    #[serde(flatten)]
    pub price: Price,
}

/// What computing costs on one architecture, by how much was used in the month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DurationPrice {
    /// Cheapest last; the last has no end.
    pub tiers: Vec<Tier>,
    /// Where it was read.
    pub source: String,
    /// How far it can be trusted.
    pub status: Trust,
}

/// One step of a price that falls with use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Where the step ends; the last has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to_gb_s: Option<f64>,
    /// What it costs.
    pub usd_per_gb_s: f64,
}

impl Price {
    /// What `amount` units cost.
    #[must_use]
    pub fn of(&self, amount: f64) -> f64 {
        amount * self.usd / self.per
    }
}

impl DurationPrice {
    /// What `gb_s` of a month's first use cost, each step at its own price.
    #[must_use]
    pub fn of(&self, gb_s: f64) -> f64 {
        let (mut usd, mut from) = (0.0, 0.0);
        for tier in &self.tiers {
            let to = tier.up_to_gb_s.unwrap_or(f64::INFINITY).min(gb_s);
            usd += (to - from).max(0.0) * tier.usd_per_gb_s;
            from = to.max(from);
        }
        usd
    }
}

impl DurationPrice {
    /// How many GB-seconds of a month's first use so much money buys: the inverse of [`Self::of`].
    #[must_use]
    pub fn bought_with(&self, usd: f64) -> f64 {
        let (mut left, mut from) = (usd, 0.0);
        for tier in &self.tiers {
            let room = tier.up_to_gb_s.unwrap_or(f64::INFINITY) - from;
            let bought = left / tier.usd_per_gb_s;
            if bought <= room {
                return from + bought;
            }
            left -= room * tier.usd_per_gb_s;
            from += room;
        }
        from
    }
}

/// GB-seconds of a duration: MB/1024 × ms/1000.
#[must_use]
pub fn gb_seconds(memory_mb: u32, ms: f64) -> f64 {
    f64::from(memory_mb) / 1024.0 * ms / 1000.0
}

impl PriceBook {
    /// Reads a book from its TOML; `book` is what messages call it.
    pub fn parse(book: &str, text: &str) -> Result<Self, PriceError> {
        let read: Self = toml::from_str(text).map_err(|source| PriceError::Shape {
            book: book.to_owned(),
            source: Box::new(source),
        })?;
        match read.fault() {
            None => Ok(read),
            Some((place, cause)) => {
                Err(PriceError::Value { book: book.to_owned(), place, cause: cause.into() })
            }
        }
    }

    /// As it stands in a file.
    ///
    /// # Panics
    /// Never: every part of a book has a spelling in TOML.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("every part of a price book has a spelling in TOML")
    }

    /// The compute price of one architecture; never another's.
    #[must_use]
    pub fn duration(&self, architecture: Architecture) -> &DurationPrice {
        match architecture {
            Architecture::X86_64 => &self.lambda.x86_64,
            Architecture::Arm64 => &self.lambda.arm64,
        }
    }

    /// What one call costs: its billed time and the request.
    #[must_use]
    pub fn call_usd(&self, architecture: Architecture, memory_mb: u32, billed_ms: f64) -> f64 {
        self.duration(architecture).of(gb_seconds(memory_mb, billed_ms))
            + self.lambda.requests.of(1.0)
    }

    /// Below which T_arm / T_x86 computing alone is cheaper on ARM: the ratio of first-tier prices.
    #[must_use]
    pub fn break_even(&self) -> f64 {
        self.lambda.x86_64.of(1.0) / self.lambda.arm64.of(1.0)
    }

    /// A price by its name, of those that have one of their own.
    #[must_use]
    pub fn other(&self, name: &str) -> Option<&Price> {
        self.other.iter().find(|other| other.name == name).map(|other| &other.price)
    }

    /// Every price with the name of what it is for, in the book's order.
    #[must_use]
    pub fn prices(&self) -> Vec<(&str, &Price)> {
        let mut prices = vec![
            ("lambda requests", &self.lambda.requests),
            ("s3 put", &self.s3.put),
            ("s3 get", &self.s3.get),
            ("s3 storage", &self.s3.storage),
            ("logs ingestion", &self.logs.ingestion),
            ("transfer out", &self.transfer.out),
        ];
        prices.extend(self.other.iter().map(|other| (other.name.as_str(), &other.price)));
        prices
    }

    /// What cannot be in a price book, and where.
    fn fault(&self) -> Option<(&'static str, &'static str)> {
        if self.format != FORMAT {
            return Some(("format", "is not 1, the only one that this build reads"));
        }
        if self.currency != "USD" {
            return Some(("currency", "must be USD"));
        }
        let date: Vec<&str> = self.date.split('-').collect();
        let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        if date.iter().map(|part| part.len()).ne([4, 2, 2]) || !date.iter().all(digits) {
            return Some(("date", "must be written YYYY-MM-DD"));
        }
        let sane = |price: &Price| price.usd.is_finite() && price.usd >= 0.0 && price.per > 0.0;
        if !self.prices().iter().all(|(_, price)| sane(price)) {
            return Some(("usd and per", "must be numbers, usd not below 0 and per above 0"));
        }
        [("lambda.x86_64", &self.lambda.x86_64), ("lambda.arm64", &self.lambda.arm64)]
            .into_iter()
            .find(|(_, duration)| !duration.is_sane())
            .map(|(place, _)| {
                (place, "needs tiers that rise, each with a price, the last without an end")
            })
    }
}

impl DurationPrice {
    fn is_sane(&self) -> bool {
        let ends: Vec<f64> =
            self.tiers.iter().map(|tier| tier.up_to_gb_s.unwrap_or(f64::INFINITY)).collect();
        ends.is_sorted_by(|a, b| a < b)
            && ends.last() == Some(&f64::INFINITY)
            && self
                .tiers
                .iter()
                .all(|tier| tier.usd_per_gb_s > 0.0 && tier.usd_per_gb_s.is_finite())
    }
}
