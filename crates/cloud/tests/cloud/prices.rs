//! Documents of AWS's price list, in the shape of its manual: what is clear in them, and what not.

use photofinish_cloud::{Cloud, Kind, Offer, Place, Wanted};

use crate::peers::{Act, Script};

/// An offer with two steps, written last step first as the list may.
const STORAGE: &str = r#"{
  "product": {
    "productFamily": "Storage", "sku": "WP9",
    "attributes": { "usagetype": "TimedStorage-ByteHrs", "regionCode": "us-east-1" }
  },
  "serviceCode": "AmazonS3",
  "terms": { "OnDemand": { "WP9.JRTCKXETXF": {
    "sku": "WP9", "offerTermCode": "JRTCKXETXF", "effectiveDate": "2026-11-01T00:00:00Z",
    "termAttributes": {},
    "priceDimensions": {
      "WP9.JRTCKXETXF.2": { "unit": "GB-Mo", "beginRange": "51200", "endRange": "Inf",
        "description": "$0.022 per GB", "pricePerUnit": { "USD": "0.0220000000" } },
      "WP9.JRTCKXETXF.1": { "unit": "GB-Mo", "beginRange": "0", "endRange": "51200",
        "description": "$0.023 per GB", "pricePerUnit": { "USD": "0.0230000000" } }
    } } } },
  "version": "20261120000000", "publicationDate": "2026-11-20T13:10:00Z"
}"#;

#[test]
fn a_documents_steps_are_read_in_order_with_their_ends() {
    let offer = Offer::read(STORAGE).unwrap();
    assert_eq!((offer.sku.as_str(), offer.published.as_str()), ("WP9", "2026-11-20"));
    let steps: Vec<_> = offer.steps.iter().map(|step| (step.from, step.to, step.usd)).collect();
    assert_eq!(steps, [(0.0, Some(51_200.0), 0.023), (51_200.0, None, 0.022)]);
    assert!(offer.steps.iter().all(|step| step.unit == "GB-Mo"));
    assert_eq!(offer.attributes["usagetype"], "TimedStorage-ByteHrs");
}

#[test]
fn what_is_not_clear_is_refused_by_the_offers_name() {
    let cases = [
        ("\"USD\": \"0.0220000000\"", "\"CNY\": \"0.15\"", "no number of US dollars"),
        ("0.0220000000", "on request", "no number of US dollars"),
        ("0.0220000000", "-1", "no number of US dollars"),
        ("\"51200\", \"endRange\": \"Inf\"", "\"60000\", \"endRange\": \"Inf\"", "leave holes"),
        ("\"Inf\"", "\"99999\"", "leave holes"),
        ("\"beginRange\": \"0\"", "\"beginRange\": \"1\"", "leave holes"),
        ("2026-11-20T13:10:00Z", "soon", "when it was published"),
        ("\"OnDemand\"", "\"Reserved\"", "on demand"),
    ];
    for (said, instead, why) in cases {
        let document = STORAGE.replacen(said, instead, 1);
        assert_ne!(document, STORAGE, "{said}");
        let refused = Offer::read(&document).expect_err(instead);
        assert!(refused.contains("WP9") && refused.contains(why), "{refused}");
    }
    assert!(Offer::read("{}").unwrap_err().contains("cannot be read"));
}

fn page(documents: &[&str], next: Option<&str>) -> Act {
    let list = serde_json::to_string(documents).unwrap();
    let next = next.map_or(String::new(), |next| format!(r#","NextToken":"{next}""#));
    Act::answer(200, format!(r#"{{"FormatVersion":"aws_v1","PriceList":{list}{next}}}"#))
}

const WANTED: Wanted<'_> =
    Wanted { service: "AmazonS3", attributes: &[("volumeType", "Standard")] };

#[tokio::test]
async fn every_page_of_the_list_is_read() {
    let list = Script::play([page(&[STORAGE], Some("more")), page(&[STORAGE], None)]);
    let cloud = Cloud::connect(&Place::Endpoint(list.endpoint())).await.expect("made");
    assert_eq!(cloud.offers(WANTED).await.expect("read").len(), 2);
    assert_eq!(list.requests().len(), 2);
}

#[tokio::test]
async fn one_document_that_is_not_clear_spoils_the_list() {
    let list = Script::play([page(&[STORAGE, "{}"], None)]);
    let cloud = Cloud::connect(&Place::Endpoint(list.endpoint())).await.expect("made");
    let error = cloud.offers(WANTED).await.expect_err("not clear");
    assert_eq!(error.kind(), Kind::Other);
    assert!(error.to_string().contains("the price list of AmazonS3"), "{error}");
}
