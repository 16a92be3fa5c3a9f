//! Where this program runs itself: inside of AWS, and in which region, or elsewhere.

use std::time::Duration;

use aws_config::imds;
use aws_config::provider_config::ProviderConfig;
use aws_smithy_http_client::Builder;

/// A machine of AWS answers about itself at once, any other not at all.
const LONG_ENOUGH: Duration = Duration::from_millis(500);

/// The region of the machine that this program runs on, if that is one of AWS's that says so.
pub async fn region_of_this_machine() -> Option<String> {
    let off = std::env::var("AWS_EC2_METADATA_DISABLED");
    if off.is_ok_and(|off| off.eq_ignore_ascii_case("true")) {
        return None;
    }
    region_told_at(None).await
}

/// The same, of whoever answers there as a machine of AWS answers about itself; without an address,
/// of this machine.
pub async fn region_told_at(address: Option<&str>) -> Option<String> {
    let http = ProviderConfig::without_region().with_http_client(Builder::new().build_http());
    let mut machine = imds::Client::builder();
    if let Some(address) = address {
        machine = machine.endpoint(address).ok()?;
    }
    let machine = machine
        .configure(&http)
        .max_attempts(1)
        .connect_timeout(LONG_ENOUGH)
        .read_timeout(LONG_ENOUGH)
        .operation_timeout(LONG_ENOUGH)
        .build();
    let region = machine.get("/latest/meta-data/placement/region").await.ok()?;
    Some(AsRef::<str>::as_ref(&region).to_owned())
}
