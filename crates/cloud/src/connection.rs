//! Where the APIs are, and the clients that speak to them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_lambda::config::{SharedHttpClient, StalledStreamProtectionConfig};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use crate::chain::executor;
use crate::error::{self, Error, Kind};
use crate::patience::{Patience, Persistence, Wait};

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Counted from the start of a request, so it must allow for 50 MB over a slow line.
const READ_TIMEOUT: Duration = Duration::from_secs(300);

/// A server of the AWS APIs other than AWS itself, with the keys it expects.
#[derive(Clone)]
pub struct Endpoint {
    /// Where it listens, such as `http://127.0.0.1:4566`.
    pub url: String,
    /// The region it takes itself for.
    pub region: String,
    /// The access key's id.
    pub access_key: String,
    /// The secret half of the key; never shown.
    pub secret_key: String,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("url", &self.url)
            .field("region", &self.region)
            .field("access_key", &"(not shown)")
            .field("secret_key", &"(not shown)")
            .finish()
    }
}

/// Where functions are to run.
#[derive(Debug, Clone)]
pub enum Place {
    /// AWS, with the credentials, profile and region of the environment.
    Aws {
        /// Instead of the environment's region.
        region: Option<String>,
    },
    /// Something else that speaks the same APIs; the environment is not looked at.
    Endpoint(Endpoint),
}

/// A connection to one place: cheap to clone, good for many tasks at once.
#[derive(Clone)]
pub struct Cloud {
    pub(crate) lambda: aws_sdk_lambda::Client,
    /// For invocations: no time limit of its own, since only the caller knows the function's.
    pub(crate) invoker: aws_sdk_lambda::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    /// For executions of state machines, made once: connections are kept for the next.
    pub(crate) executor: aws_sdk_sfn::Client,
    /// What clients of the lesser services are made from, where they are needed.
    pub(crate) config: SdkConfig,
    pub(crate) region: String,
    pub(crate) persistence: Persistence,
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloud").field("region", &self.region).finish_non_exhaustive()
    }
}

impl Cloud {
    /// Makes the clients. On AWS the credentials are looked up here, so that their absence is
    /// told before anything is begun; nothing is sent to Lambda or S3.
    pub async fn connect(place: &Place) -> Result<Self, Error> {
        let (config, path_style) = match place {
            Place::Aws { region } => (from_environment(region.as_deref()).await?, false),
            Place::Endpoint(endpoint) => (by_hand(endpoint)?, true),
        };
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(path_style).build();
        let invoker = aws_sdk_lambda::config::Builder::from(&config)
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Ok(Self {
            lambda: aws_sdk_lambda::Client::new(&config),
            invoker: aws_sdk_lambda::Client::from_conf(invoker),
            s3: aws_sdk_s3::Client::from_conf(s3),
            executor: executor(&config),
            config,
            region,
            persistence: Persistence { patience: Patience::default(), listener: None },
        })
    }

    /// The region that everything is made in.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// What clients of services are made from that live in one region only, such as billing.
    pub(crate) fn config_in(&self, region: &'static str) -> SdkConfig {
        self.config.to_builder().region(Region::from_static(region)).build()
    }

    /// The same connection with another measure of patience.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.persistence.patience = patience;
        self
    }

    /// The same connection, telling `listener` of each wait as it begins.
    #[must_use]
    pub fn with_listener(mut self, listener: impl Fn(&Wait) + Send + Sync + 'static) -> Self {
        self.persistence.listener = Some(Arc::new(listener));
        self
    }
}

async fn from_environment(region: Option<&str>) -> Result<SdkConfig, Error> {
    somebody_is_trusted("AWS")?;
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(https_client(ProxyConfig::from_env))
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts());
    if let Ok(name) = AppName::new("photofinish") {
        loader = loader.app_name(name);
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    let config = loader.load().await;
    let missing = |cause: String| {
        Err(Error::new(error::Place::new("connect to", "AWS"), Kind::MissingCredentials, cause))
    };
    if config.region().is_none() {
        return missing("no region: give one in the study, or set AWS_REGION".to_owned());
    }
    let Some(provider) = config.credentials_provider() else {
        return missing("no source of credentials".to_owned());
    };
    match provider.provide_credentials().await {
        Ok(_) => Ok(config),
        Err(cause) => missing(cause.to_string()),
    }
}

fn by_hand(endpoint: &Endpoint) -> Result<SdkConfig, Error> {
    let keys = Credentials::new(
        endpoint.access_key.as_str(),
        endpoint.secret_key.as_str(),
        None,
        None,
        "photofinish",
    );
    // A loopback endpoint is plain http: no certificates are loaded and no proxy is asked.
    let http = if endpoint.url.starts_with("https:") {
        somebody_is_trusted(&endpoint.url)?;
        https_client(ProxyConfig::disabled)
    } else {
        Builder::new().build_http()
    };
    Ok(SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(endpoint.region.clone()))
        .endpoint_url(endpoint.url.as_str())
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts())
        .build())
}

/// The TLS client takes an empty list of authorities for a bug, or believes nobody without
/// saying why; so the list is looked at first.
fn somebody_is_trusted(place: &str) -> Result<(), Error> {
    let found = rustls_native_certs::load_native_certs();
    if !found.certs.is_empty() {
        return Ok(());
    }
    let cause = match found.errors.first() {
        Some(error) => format!("no certificate authority could be read: {error}"),
        None => "no certificate authority is known here".to_owned(),
    };
    Err(Error::new(error::Place::new("connect to", place), Kind::MissingCertificates, cause))
}

/// Patience is ours alone: the SDK sends each request once and says what came of it.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build()
}

/// TLS by rustls and ring, trusting what the platform trusts.
fn https_client(proxy: fn() -> ProxyConfig) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(Provider::rustls(CryptoMode::Ring))
            .proxy_config(proxy());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|parts| parts.sleep_impl()));
        connector.build()
    })
}
