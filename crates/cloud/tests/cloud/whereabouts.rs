//! Where this program runs itself, as a machine of AWS tells it.

use photofinish_cloud::region_told_at;

use crate::peers::{Act, Script};

/// The answers of a machine's metadata service: a token first, and then what is asked with it.
fn token() -> Act {
    Act::Answer {
        status: 200,
        headers: vec![("x-aws-ec2-metadata-token-ttl-seconds", "21600".to_owned())],
        body: "a-token".to_owned(),
    }
}

#[tokio::test]
async fn a_machine_of_aws_tells_its_region() {
    let machine = Script::play([token(), Act::answer(200, "eu-west-1")]);
    let region = region_told_at(Some(&machine.endpoint().url)).await;
    assert_eq!(region.as_deref(), Some("eu-west-1"));
    let asked = ["PUT /latest/api/token", "GET /latest/meta-data/placement/region"];
    assert_eq!(machine.requests(), asked);
}

#[tokio::test]
async fn whoever_is_no_machine_of_aws_has_no_region() {
    for act in [Act::answer(404, ""), Act::Leave, Act::Silence] {
        let other = Script::play([act]);
        assert_eq!(region_told_at(Some(&other.endpoint().url)).await, None);
    }
    assert_eq!(region_told_at(Some("http://127.0.0.1:1")).await, None);
}
