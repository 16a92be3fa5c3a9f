//! The platform that a study runs on: AWS, or the embedded one, started for as long as a command
//! lasts. The one differs from the other in where its APIs are.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use photofinish_cloud::{Cloud, Endpoint, Place};
use photofinish_emulator::{Config, Emulation, Emulator, GuestAccess, Reach, Runtime, Runtimes};
use photofinish_sandbox::Keeper;
use photofinish_study::{Architecture, Platform};

use crate::failure::{Failure, Told};
use crate::road::deploying::given_role;
use crate::road::opening::Opened;
use crate::road::packing::{Execution, PythonOf};
use crate::road::{Site, deploying};

/// The region that the embedded platform takes itself for.
const REGION: &str = "us-east-1";

/// The fact in the journal that says on which architecture a local race was run.
pub(crate) const ARCHITECTURE: &str = "architecture";

/// Where a study's functions are, for as long as a command lasts.
pub(crate) enum Host {
    /// The embedded platform, started by this command.
    Local(Local),
    /// AWS, in this region or the environment's.
    Aws {
        /// As the study names it.
        region: Option<String>,
    },
}

/// The environment variables by which the SDK is sent to another server than AWS.
const ENDPOINTS: [&str; 3] = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL_S3"];

/// The first of them that is set, and to what.
fn endpoint() -> Option<(&'static str, String)> {
    ENDPOINTS.into_iter().find_map(|name| Some((name, std::env::var(name).ok()?)))
}

/// The fact in the journal that says so: what answered then was not AWS.
pub(crate) const ENDPOINT_FACT: &str = "endpoint";

/// The fact in the journal that says where this program ran.
pub(crate) const CLIENT_FACT: &str = "the client is";

/// How that begins where it was in the functions' own region.
pub(crate) const IN_THE_REGION: &str = "in the region";

impl Host {
    /// The study's, ready to run what is packed.
    pub(crate) async fn of_study(site: &Site<'_>) -> Result<Self, Failure> {
        match site.opened.platform() {
            Platform::Local => Local::of_study(site).await.map(Self::Local),
            Platform::Aws => {
                let host = Self::Aws { region: site.opened.region() };
                if let Some((name, url)) = endpoint() {
                    note(site, ENDPOINT_FACT, &url)?;
                    site.progress.say("not AWS", &format!("{name} sends calls to {url}"));
                }
                Ok(host)
            }
        }
    }

    /// The study's, to look at and to take down what is there; nothing is run.
    pub(crate) async fn at_rest(opened: &Opened) -> Result<Self, Failure> {
        if opened.platform() == Platform::Aws {
            return Ok(Self::Aws { region: opened.region() });
        }
        let start = Start {
            data: &opened.directory.join("local"),
            durable: false,
            port: 0,
            address: None,
            guest_access: GuestAccess::Buckets(deploying::buckets(opened).into()),
            pythons: &[],
        };
        Ok(Self::Local(Local::start(start).await?.0))
    }

    /// A client of it.
    pub(crate) async fn connect(&self) -> Result<Cloud, Failure> {
        match self {
            Self::Local(local) => local.connect().await,
            Self::Aws { region } => {
                let place = Place::Aws { region: region.clone() };
                Cloud::connect(&place).await.map_err(|error| Failure::provider(&error))
            }
        }
    }

    /// Notes in the journal where this program runs, as seen from the study's functions.
    pub(crate) async fn note_the_client(
        &self,
        site: &Site<'_>,
        cloud: &Cloud,
    ) -> Result<(), Failure> {
        match self {
            Self::Local(_) => Ok(()),
            Self::Aws { .. } => {
                let here = photofinish_cloud::region_of_this_machine().await;
                note(site, CLIENT_FACT, &place(here.as_deref(), cloud.region()))
            }
        }
    }

    /// Stops what this command started.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        match self {
            Self::Local(local) => local.stop().await,
            Self::Aws { .. } => Ok(()),
        }
    }
}

/// Where a machine is, as seen from a region.
fn place(here: Option<&str>, region: &str) -> String {
    match here {
        Some(here) if here == region => format!("{IN_THE_REGION}, on a machine of AWS in {here}"),
        Some(here) => format!("on a machine of AWS in {here}, not in {region}"),
        None => format!("outside of AWS, as far as it can tell, and not in {region}"),
    }
}

fn note(site: &Site<'_>, key: &str, value: &str) -> Result<(), Failure> {
    site.journal.note("aws", key, value).map_err(|error| Failure::usage(&error))
}

/// A running embedded platform.
pub(crate) struct Local {
    emulator: Emulator,
}

/// How it is started.
pub(crate) struct Start<'a> {
    /// Where functions, layers and objects are kept.
    pub(crate) data: &'a Path,
    /// Whether objects must survive a loss of power.
    pub(crate) durable: bool,
    /// Another address than loopback's, that others may reach.
    pub(crate) address: Option<IpAddr>,
    /// 0 picks a free one.
    pub(crate) port: u16,
    /// Which buckets a function may reach.
    pub(crate) guest_access: GuestAccess,
    /// The Pythons that functions may ask for.
    pub(crate) pythons: &'a [PythonOf],
}

impl Local {
    /// Starts it on what the study directory holds; its functions reach the study's buckets only.
    pub(crate) async fn of_study(site: &Site<'_>) -> Result<Self, Failure> {
        let (local, tier) = Self::start(Start {
            data: &site.opened.directory.join("local"),
            durable: false,
            address: None,
            port: 0,
            guest_access: GuestAccess::Buckets(deploying::buckets(site.opened).into()),
            pythons: &site.packed.pythons,
        })
        .await?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let machine = format!("{cores} cores, {}", std::env::consts::ARCH);
        let architecture = Architecture::of_this_machine().map_or("another", Architecture::as_str);
        let facts =
            [("isolation", tier), ("machine", machine), (ARCHITECTURE, architecture.to_owned())];
        for (key, value) in facts {
            site.journal.note("local", key, &value).map_err(|error| Failure::usage(&error))?;
        }
        Ok(local)
    }

    /// Starts it; gives it and the isolation that this machine allows.
    pub(crate) async fn start(start: Start<'_>) -> Result<(Self, String), Failure> {
        let program = std::env::current_exe().map_err(|error| Failure::lacking(&error))?;
        let keeper = Keeper::start(&program).await.map_err(|error| Failure::lacking(&error))?;
        let tier = keeper.tier().summary();
        let config = Config {
            data: start.data.to_owned(),
            listen: (start.address.unwrap_or(Ipv4Addr::LOCALHOST.into()), start.port).into(),
            reach: if start.address.is_some() { Reach::Network } else { Reach::Loopback },
            keeper,
            runtimes: runtimes(start.pythons),
            durable: start.durable,
            region: REGION.to_owned(),
            credentials: None,
            guest_access: start.guest_access,
            code_storage: Config::CODE_STORAGE,
            function_storage: Config::FUNCTION_STORAGE,
        };
        let emulator = Emulator::start(config).await.map_err(|error| Failure::provider(&error))?;
        Ok((Self { emulator }, tier))
    }

    /// A client of it.
    pub(crate) async fn connect(&self) -> Result<Cloud, Failure> {
        let place = Place::Endpoint(self.endpoint());
        Cloud::connect(&place).await.map_err(|error| Failure::provider(&error))
    }

    /// Where it listens, and the keys it wants.
    pub(crate) fn endpoint(&self) -> Endpoint {
        let credentials = self.emulator.credentials();
        Endpoint {
            url: self.emulator.endpoint(),
            region: REGION.to_owned(),
            access_key: credentials.access_key_id().to_owned(),
            secret_key: credentials.secret_access_key().to_owned(),
        }
    }

    /// Stops it, and every sandbox with it.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        self.emulator.shutdown().await.map_err(|error| Failure::provider(&error))
    }
}

fn runtimes(pythons: &[PythonOf]) -> Runtimes {
    let mut runtimes = Runtimes::new();
    for python in pythons {
        let architecture = match python.architecture {
            Architecture::X86_64 => photofinish_emulator::Architecture::X86_64,
            Architecture::Arm64 => photofinish_emulator::Architecture::Arm64,
        };
        let emulation = match &python.execution {
            Execution::Native | Execution::Elsewhere => None,
            Execution::Emulated(qemu) => Some(Emulation {
                program: qemu.path.clone(),
                arguments: qemu.arguments(),
                words: qemu.words(),
            }),
            Execution::Lacking(_) => continue,
        };
        let (root, var_runtime) = (&python.runtime.root, &python.runtime.var_runtime);
        let runtime = Runtime {
            root: root.clone(),
            var_runtime: var_runtime.clone(),
            bootstrap: python.runtime.bootstrap(Runtime::HANDLER),
            emulation: emulation.clone(),
        };
        runtimes.insert("python3.14", architecture, runtime);
        let custom = Runtime { emulation, ..Runtime::custom(root.clone()) };
        runtimes.insert("provided.al2023", architecture, custom);
    }
    runtimes
}

/// Says plainly what this version cannot do, before anything is made.
pub(crate) fn refuse_what_is_not_built(opened: &Opened) -> Result<(), Failure> {
    let refused = |message: &str, hint: &str| {
        Err(Failure::Usage(Told::words(message.to_owned(), Some(hint))))
    };
    if opened.study.has_machines() && opened.platform() == Platform::Local {
        let hint = "leave `orchestration` out, or race it on AWS: on this machine the client calls \
                    one function after the other";
        return refused("the local platform has no Step Functions", hint);
    }
    if opened.study.has_machines() && given_role(opened).is_some() {
        let hint = "leave `role` out of the targets, so that each state machine gets one that may \
                    call its functions; or leave `orchestration` out";
        return refused("a state machine cannot act as the role that functions were given", hint);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_place_is_told_as_seen_from_the_functions() {
        let told = place(Some("eu-west-1"), "eu-west-1");
        assert!(told.starts_with(IN_THE_REGION) && told.contains("eu-west-1"), "{told}");
        for here in [Some("us-east-1"), None] {
            let told = place(here, "eu-west-1");
            assert!(
                !told.starts_with(IN_THE_REGION) && told.contains("not in eu-west-1"),
                "{told}"
            );
        }
    }
}
