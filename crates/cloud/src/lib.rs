//! Everything that runs a function speaks the AWS APIs, and this crate is the one that speaks
//! them: objects, layers, roles, functions, invocations and their REPORT lines, teardown, all
//! through the official SDK; and registries of images by their own API.
//!
//! It does not know who listens at the endpoint: AWS itself, this project's emulator or any
//! other implementation of the same APIs. It decides nothing about studies: names, tags, roles
//! and the retrying of invocations are the caller's.
//!
//! Three rules hold everywhere:
//! - whatever makes or changes something is idempotent by name, and waits out conflicts,
//!   throttling and slow states up to a deadline, telling the listener what it waits for;
//! - an invocation is sent once, and its failure says whether it can have run;
//! - no message carries a key, a secret or a signed URL.

mod account;
mod alarm;
mod bucket;
mod budget;
mod chain;
mod connection;
mod deploy;
mod error;
mod function;
mod invoke;
mod late_report;
mod layer;
mod logs;
mod object;
mod patience;
mod preflight;
mod price_list;
mod private_bucket;
mod registry;
mod report;
mod repository;
mod role;
mod state_machine;
mod teardown;
mod usage;
mod wall_clock;
mod whereabouts;
mod zip;

pub use account::Account;
pub use alarm::{AlarmSpec, Subscription};
pub use bucket::Tags;
pub use budget::BudgetSpec;
pub use chain::{Chain, Executed, Link, LinkCalled, Returns};
pub use connection::{Cloud, Endpoint, Place};
pub use deploy::{Change, Deployed, ROUND_VARIABLE, Replaced};
pub use error::{Error, Kind};
pub use function::{Code, FunctionSpec, ImageCode, LogFormat};
pub use invoke::{Call, Delivery, FunctionError, InvokeError, Invoked};
pub use layer::{Layer, LayerSpec};
pub use object::{Head, Object};
pub use patience::{Patience, Wait};
pub use preflight::{ACTIONS, Room};
pub use price_list::{Offer, PriceStep, Wanted};
pub use registry::{
    BadReference, Blob, Descriptor, ImageUpload, Pulled, Pushed, Reference, Registry,
};
pub use report::Report;
pub use repository::{Repository, RepositorySpec};
pub use role::{FunctionRights, LAMBDA_SERVICE, Objects, RoleSpec};
pub use state_machine::{
    BatchRights, Batches, Execution, ExecutionStatus, Failed, FailedBatch, ItemCounts,
    MOST_ITEM_BYTES, MachineRights, MapRun, Results, STATES_SERVICE, StateMachineSpec, Step,
    Workflow,
};
pub use teardown::{EXPIRES_TAG, Owned, Remained, Removal, Resource, Sort, Survey};
pub use usage::Usage;
pub use wall_clock::rfc3339_ms;
pub use whereabouts::{region_of_this_machine, region_told_at};
pub use zip::Zip;
