//! The image pipeline as a custom runtime of Lambda: one static binary that is whichever of the
//! five functions its handler names.
//!
//! What a call needs is set up before the first one: the function, the connections' client, the
//! roots of TLS. It reports who answered and never how long anything took: its clock decides nothing.

mod contract;
mod failure;
mod function;
mod identity;
mod initialisation;
mod s3;
mod transport;

use std::process::ExitCode;

use lambda_runtime::{LambdaEvent, service_fn};

use crate::contract::{Answer, Event, Returned};
use crate::failure::Failure;
use crate::function::Function;
use crate::identity::Identity;
use crate::s3::Store;

fn main() -> ExitCode {
    // One call at a time, and nothing in it that a second thread would do sooner.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(serve()),
        Err(error) => {
            eprintln!("no runtime for asynchronous calls: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> ExitCode {
    let contestant = match Contestant::from_environment() {
        // It lives for as long as the process.
        Ok(contestant) => &*Box::leak(Box::new(contestant)),
        Err(failure) => {
            eprintln!("{failure}");
            initialisation::report(&failure).await;
            return ExitCode::FAILURE;
        }
    };
    let handler = service_fn(|event: LambdaEvent<Event>| contestant.answer(event.payload));
    match lambda_runtime::Runtime::new(handler).run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the Runtime API: {error}");
            ExitCode::FAILURE
        }
    }
}

/// All that outlives a call.
struct Contestant {
    function: Function,
    store: Store,
    identity: Identity,
}

impl Contestant {
    fn from_environment() -> Result<Self, Failure> {
        Ok(Self {
            function: Function::from_environment()?,
            store: Store::from_environment()?,
            identity: Identity::from_environment(),
        })
    }

    async fn answer(&self, event: Event) -> Result<Answer<'_>, Failure> {
        let input = self.store.get(&event.bucket, &event.key).await?;
        let output = self.function.apply(&input)?;
        drop(input);
        let content_type = self.function.content_type();
        self.store.put(&event.output_bucket, &event.output_key, content_type, output.bytes).await?;
        Ok(Answer {
            photofinish: &self.identity,
            value: Returned {
                bucket: event.output_bucket,
                key: event.output_key,
                content_type,
                width: output.width,
                height: output.height,
            },
        })
    }
}
