//! `serve`: the local platform alone, for a shell, the AWS CLI, boto3 or any other client.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use photofinish_cloud::Endpoint;
use photofinish_emulator::GuestAccess;

use crate::arguments;
use crate::failure::{Answer, Failure};
use crate::progress::Progress;
use crate::road::interrupt::Interrupt;
use crate::road::opening::unusable;
use crate::road::packing;
use crate::road::platform::{Local, Start};

/// Serves until it is told to stop.
pub(crate) fn serve(arguments: &arguments::Serve) -> Result<Answer, Failure> {
    let progress = Progress::new();
    let python = packing::python_of_host(arguments.python.python.as_deref(), progress)?;
    let temporary;
    let data = if let Some(data) = &arguments.data {
        std::fs::create_dir_all(data).map_err(|error| unusable(data, &error))?;
        data.as_path()
    } else {
        temporary = tempfile::tempdir().map_err(|error| Failure::lacking(&error))?;
        temporary.path()
    };
    super::block_on(async {
        let interrupt = Interrupt::listen();
        let durable = arguments.data.is_some();
        let start = Start {
            data,
            durable,
            address: arguments.open_to,
            port: arguments.port,
            guest_access: GuestAccess::AnyBucket,
            pythons: &[python],
        };
        let (local, tier) = Local::start(start).await?;
        let endpoint = local.endpoint();
        if let Some(file) = &arguments.env {
            write_environment(file, &endpoint)?;
        }
        progress.say("serving", &format!("Lambda, S3 and logs on {} ({tier})", endpoint.url));
        if let Some(address) = arguments.open_to.filter(|address| !address.is_loopback()) {
            progress.say(
                "warning",
                &format!(
                    "{address} can be reached by others: whoever has the keys runs code on this \
                     machine, and requests and answers are not encrypted on their way"
                ),
            );
        }
        if arguments.env.is_none() {
            progress.say("keys", "give --env FILE to have the keys written to a file");
        }
        interrupt.once().await;
        local.stop().await?;
        if let Some(file) = &arguments.env {
            // Its keys are worth nothing any more.
            let _ = std::fs::remove_file(file);
        }
        Ok(Answer::Yes)
    })
}

/// Endpoint and keys as a file that a shell can source; only its owner may read it.
fn write_environment(file: &Path, endpoint: &Endpoint) -> Result<(), Failure> {
    let text = format!(
        "export AWS_ENDPOINT_URL={}\nexport AWS_ACCESS_KEY_ID={}\n\
         export AWS_SECRET_ACCESS_KEY={}\nexport AWS_REGION={}\nexport AWS_DEFAULT_REGION={}\n",
        endpoint.url, endpoint.access_key, endpoint.secret_key, endpoint.region, endpoint.region
    );
    // Written beside and renamed, so that whoever waits for the file finds it whole.
    let mut beside = file.as_os_str().to_owned();
    beside.push(".part");
    let beside = Path::new(&beside);
    let write = || -> std::io::Result<()> {
        match std::fs::remove_file(beside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = std::fs::OpenOptions::new();
        let mut out = options.write(true).create_new(true).mode(0o600).open(beside)?;
        out.write_all(text.as_bytes())?;
        std::fs::rename(beside, file)
    };
    write().map_err(|error| unusable(file, &error))
}
