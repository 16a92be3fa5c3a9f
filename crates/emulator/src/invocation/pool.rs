//! All sandboxes of an emulator: taken, given back, retired.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;

use super::deployment::Deployment;
use super::outcome::Outcome;
use super::persistent::Persistent;
use super::record::Record;
use super::sandbox::{Sandbox, Surroundings};
use super::shelf::{Room, Shelf};
use crate::error::Error;
use crate::fault::Fault;

/// Lambda's default for an account.
pub(crate) const CONCURRENCY: u32 = 1000;
/// So long a warm sandbox goes on when its invocation is over, or twice as long at most. Lambda stops
/// it at once, and nobody may count on more; what goes on in one would take its time from the others.
const MOMENT: Duration = Duration::from_millis(10);

/// What a client wants run.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    pub(crate) client_context: Option<String>,
    pub(crate) trace_id: String,
}

/// What a client is told.
#[derive(Debug)]
pub(crate) struct Invoked {
    pub(crate) outcome: Outcome,
    pub(crate) log_tail: Vec<u8>,
}

/// The sandboxes.
pub(crate) struct Pool {
    pub(super) around: Surroundings,
    pub(super) record: Record,
    state: Mutex<State>,
    /// `None` once the pool is shut down: then no work is taken any more.
    tasks: Mutex<Option<JoinSet<()>>>,
}

struct State {
    idle: Shelf<Sandbox>,
    running: BTreeMap<String, u32>,
    /// The revision that sandboxes of a function may be kept for.
    current: BTreeMap<String, String>,
    /// Someone looks after those that nobody takes.
    pausing: bool,
}

/// A place among the invocations that run at once.
struct Place {
    pool: Arc<Pool>,
    function: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(count) = self.pool.lock().running.get_mut(&self.function) {
            *count = count.saturating_sub(1);
        }
    }
}

impl Pool {
    /// The revision of a function that is gone.
    pub(crate) const NO_REVISION: &str = "";

    pub(crate) fn new(around: Surroundings) -> Result<Arc<Self>, Error> {
        let record = Record::open(&around.data.join("invocations.jsonl"))?;
        let state = Mutex::new(State {
            idle: Shelf::new(Room::here()),
            running: BTreeMap::new(),
            current: BTreeMap::new(),
            pausing: false,
        });
        Ok(Arc::new(Self { around, record, state, tasks: Mutex::new(Some(JoinSet::new())) }))
    }

    /// Runs an invocation to its end, whether or not the caller stays to hear it.
    pub(crate) async fn invoke(
        self: &Arc<Self>,
        deployment: Deployment,
        invocation: Invocation,
    ) -> Result<Invoked, Fault> {
        let place = self.admit(&deployment)?;
        let pool = Arc::clone(self);
        let running = async move {
            let invoked = pool.run(&deployment, invocation).await;
            drop(place);
            invoked
        };
        Persistent::new(self, running).await
    }

    /// From now on only this revision's sandboxes are kept; waiting ones of others are ended.
    pub(crate) async fn retire(&self, function: &str, revision: &str) {
        let old = {
            let mut state = self.lock();
            state.current.insert(function.to_owned(), revision.to_owned());
            state
                .idle
                .take_all(|sandbox| sandbox.function == function && sandbox.revision != revision)
        };
        for sandbox in old {
            sandbox.stop().await;
        }
    }

    /// Breaks off what runs, ends every sandbox, and then their keeper.
    pub(crate) async fn shut_down(&self) -> Result<(), Error> {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut tasks) = tasks {
            tasks.shutdown().await;
        }
        // Dropping a sandbox has its guest ended.
        self.lock().idle.clear();
        self.around.watchers.all_ended().await;
        self.around.keeper.clone().shutdown().await.map_err(Error::Keeper)
    }

    fn admit(self: &Arc<Self>, deployment: &Deployment) -> Result<Place, Fault> {
        let mut state = self.lock();
        let all: u32 = state.running.values().sum();
        let running = state.running.entry(deployment.name().to_owned()).or_default();
        let reserved = deployment.function.reserved_concurrency;
        if reserved.is_some_and(|reserved| *running >= reserved) {
            return Err(Fault::too_many("ReservedFunctionConcurrentInvocationLimitExceeded"));
        }
        if all >= CONCURRENCY {
            return Err(Fault::too_many("ConcurrentInvocationLimitExceeded"));
        }
        *running += 1;
        Ok(Place { pool: Arc::clone(self), function: deployment.name().to_owned() })
    }

    /// The warm sandbox that was used last.
    pub(super) fn take_idle(&self, deployment: &Deployment) -> Option<Sandbox> {
        let mut state = self.lock();
        loop {
            let fits = |sandbox: &Sandbox| {
                sandbox.function == deployment.name()
                    && sandbox.revision == deployment.function.revision_id
            };
            let sandbox = state.idle.take(fits)?;
            if sandbox.is_alive() {
                return Some(sandbox);
            }
            self.end(sandbox);
        }
    }

    pub(super) fn give_back(self: &Arc<Self>, sandbox: Sandbox, outcome: &Outcome) {
        let mut state = self.lock();
        let wanted = outcome.leaves_sandbox_whole()
            && sandbox.is_alive()
            && state
                .current
                .get(&sandbox.function)
                .is_none_or(|revision| *revision == sandbox.revision);
        if !wanted {
            self.end(sandbox);
            return;
        }
        if !std::mem::replace(&mut state.pausing, true) {
            self.spawn(Arc::clone(self).pause_unused());
        }
        let held = sandbox.held_bytes();
        for surplus in state.idle.put(sandbox, held) {
            self.end(surplus);
        }
    }

    /// Pauses what nobody has taken for a moment, until nothing is left to pause: calls that follow
    /// upon one another do not pay for what only long waits need.
    async fn pause_unused(self: Arc<Self>) {
        loop {
            tokio::time::sleep(MOMENT).await;
            let mut state = self.lock();
            let mut soon = false;
            for sandbox in state.idle.iter_mut().filter(|sandbox| !sandbox.is_paused()) {
                if sandbox.last_used.elapsed() >= MOMENT {
                    sandbox.pause();
                }
                soon |= !sandbox.is_paused() && sandbox.is_alive();
            }
            if !soon {
                state.pausing = false;
                return;
            }
        }
    }

    /// Ends a sandbox while others go on.
    fn end(&self, sandbox: Sandbox) {
        self.spawn(async move { sandbox.stop().await });
    }

    /// Runs a task that ends with the pool at the latest.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tasks) = &mut *tasks {
            while tasks.try_join_next().is_some() {}
            tasks.spawn(task);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
