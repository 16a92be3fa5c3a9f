//! AWS's own price list, asked offer by offer. What it asks for a thing, and by which steps that
//! falls with use; which things a study needs is the caller's to know.

use std::collections::BTreeMap;

use aws_sdk_pricing::Client;
use aws_sdk_pricing::types::{Filter, FilterType};
use serde::Deserialize;

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// The list is served in three regions only, and holds the prices of all.
const SERVED_IN: &str = "us-east-1";
/// The one version of the answers' format.
const FORMAT: &str = "aws_v1";

/// Which offers are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Whose, by the list's own code, such as `AWSLambda`.
    pub service: &'a str,
    /// Attributes that they must have, such as `group` = `AWS-Lambda-Duration`.
    pub attributes: &'a [(&'a str, &'a str)],
}

/// Something that AWS asks money for.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Its number in the list.
    pub sku: String,
    /// What it is, in the list's own words.
    pub attributes: BTreeMap<String, String>,
    /// When its part of the list was published, `YYYY-MM-DD`.
    pub published: String,
    /// What it costs, the first unit first.
    pub steps: Vec<PriceStep>,
}

/// What a unit costs from so many units a month on.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceStep {
    /// The first unit.
    pub from: f64,
    /// The last; the last step has none.
    pub to: Option<f64>,
    /// What one costs, in US dollars.
    pub usd: f64,
    /// Of what, such as `GB-Mo`.
    pub unit: String,
}

impl Cloud {
    /// Every offer that is wanted and can be had on demand.
    pub async fn offers(&self, wanted: Wanted<'_>) -> Result<Vec<Offer>, Error> {
        let here = Place::new("read", format!("the price list of {}", wanted.service));
        let filters: Result<Vec<Filter>, _> = wanted
            .attributes
            .iter()
            .map(|(field, value)| {
                Filter::builder().r#type(FilterType::TermMatch).field(*field).value(*value).build()
            })
            .collect();
        let filters =
            filters.map_err(|error| Error::new(here.clone(), Kind::Other, error.to_string()))?;
        let client = Client::new(&self.config_in(SERVED_IN));
        let (mut offers, mut page): (Vec<Offer>, Option<String>) = (Vec::new(), None);
        loop {
            let answer = self
                .persist(here.clone(), || async {
                    let request = client
                        .get_products()
                        .service_code(wanted.service)
                        .set_filters(Some(filters.clone()))
                        .format_version(FORMAT)
                        .set_next_token(page.clone());
                    request.send().await.map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            for text in answer.price_list() {
                let offer = Offer::read(text);
                offers.push(offer.map_err(|why| Error::new(here.clone(), Kind::Other, why))?);
            }
            page = answer.next_token.filter(|token| !token.is_empty());
            if page.is_none() {
                return Ok(offers);
            }
        }
    }
}

impl Offer {
    /// Reads a document of the list; says what is not clear in it.
    pub fn read(document: &str) -> Result<Self, String> {
        let read: Document = serde_json::from_str(document)
            .map_err(|error| format!("an offer cannot be read: {error}"))?;
        let sku = read.product.sku;
        let unclear = |what: &str| Err(format!("offer {sku} {what}"));
        let published = read.publication_date.get(..10).unwrap_or_default().to_owned();
        if published.len() != 10 {
            return unclear("does not say when it was published");
        }
        let mut terms = read.terms.on_demand.into_values();
        let (Some(term), None) = (terms.next(), terms.next()) else {
            return unclear("has not one way to be had on demand");
        };
        let mut steps = Vec::new();
        for dimension in term.price_dimensions.into_values() {
            match dimension.step() {
                Some(step) => steps.push(step),
                None => return unclear("has a price that is no number of US dollars, or no range"),
            }
        }
        steps.sort_by(|a, b| a.from.total_cmp(&b.from));
        let begins = steps.first().is_some_and(|step| step.from == 0.0);
        let follows = steps.windows(2).all(|pair| pair[0].to == Some(pair[1].from));
        let ends = steps.last().is_some_and(|step| step.to.is_none());
        let alike = steps.windows(2).all(|pair| pair[0].unit == pair[1].unit);
        if !(begins && follows && ends && alike) {
            return unclear("has steps that leave holes");
        }
        Ok(Self { sku, attributes: read.product.attributes, published, steps })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    product: Product,
    terms: Terms,
    publication_date: String,
}

#[derive(Deserialize)]
struct Product {
    sku: String,
    attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Terms {
    #[serde(rename = "OnDemand", default)]
    on_demand: BTreeMap<String, Term>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
    price_dimensions: BTreeMap<String, Dimension>,
}

/// Every number is text in the list, and the end of the last step is `Inf`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dimension {
    unit: String,
    begin_range: String,
    end_range: String,
    price_per_unit: BTreeMap<String, String>,
}

impl Dimension {
    fn step(self) -> Option<PriceStep> {
        let number = |text: &str| text.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0);
        let to = match self.end_range.as_str() {
            "Inf" => None,
            end => Some(number(end)?),
        };
        let usd = number(self.price_per_unit.get("USD")?)?;
        Some(PriceStep { from: number(&self.begin_range)?, to, usd, unit: self.unit })
    }
}
