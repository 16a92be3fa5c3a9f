//! One pass by a state machine: one execution, its calls journalled before and after as the client's
//! own are.
//!
//! Every function is intended before the execution is started, since nobody can tell afterwards
//! which of them a lost answer was about. What the platform says of the execution as a whole is
//! written down beside its calls.

use photofinish_cloud::{Executed, FunctionError, LinkCalled};
use photofinish_journal::{InvocationId, InvocationOutcome, PassId};
use photofinish_study::Event;
use photofinish_study::record::Status;

use crate::error::Error;
use crate::pass::{Answered, Called, Input, PassRun, ends_the_race, unanswered};
use crate::race::Run;

/// The status of a function that an execution did not come to.
const NOT_REACHED: &str = "not sent";

impl Run<'_> {
    /// Has the state machine call the functions one after the other. The turnaround is the
    /// client's: from its request sent to its response received.
    pub(crate) async fn run_machine(
        &self,
        pass: PassId,
        machine: &str,
        inputs: &[Input<'_>],
    ) -> Result<PassRun, Error> {
        let intended = inputs.iter().map(|input| Ok(self.intend(pass, input)?.0));
        let intended = intended.collect::<Result<Vec<InvocationId>, Error>>()?;
        let events: Vec<Event> = inputs.iter().map(|input| input.event.clone()).collect();
        let race = self.race();
        match race.cloud.execute(machine, &events, race.timeout).await {
            Ok(executed) => {
                let name = executed.name.as_deref();
                race.journal.executed(pass, name, &executed.execution)?;
                self.concluded(&intended, inputs, &executed)
            }
            Err(error) => {
                let outcome = unanswered(&error);
                for &id in &intended {
                    race.journal.end_invocation(id, &outcome)?;
                }
                if ends_the_race(&error) {
                    return Err(Error::Cloud(error.error));
                }
                let called = intended.into_iter().map(unknown).collect();
                let failure = Some("its state machine did not answer".to_owned());
                Ok(PassRun { called, turnaround: None, failure })
            }
        }
    }

    /// Writes down how each call of an execution ended.
    fn concluded(
        &self,
        intended: &[InvocationId],
        inputs: &[Input<'_>],
        executed: &Executed,
    ) -> Result<PassRun, Error> {
        let mut failure = executed
            .failure
            .as_ref()
            .map(|error| format!("its state machine failed: {}", error.error_type));
        let mut called = Vec::with_capacity(intended.len());
        for (place, (&id, input)) in intended.iter().zip(inputs).enumerate() {
            let outcome = match (executed.steps.get(place), &executed.failure) {
                (Some(step), _) => self.outcome(&Answered::from(step), &input.event),
                (None, Some(error)) => in_doubt(error),
                (None, None) => {
                    let status = NOT_REACHED.to_owned();
                    InvocationOutcome { status, ..InvocationOutcome::default() }
                }
            };
            let (call, failed) = self.conclude(id, input, &outcome)?;
            called.push(call);
            failure = failure.or(failed);
        }
        let turnaround = failure.is_none().then_some(executed.client);
        Ok(PassRun { called, turnaround, failure })
    }
}

impl<'a> From<&'a LinkCalled> for Answered<'a> {
    fn from(step: &'a LinkCalled) -> Self {
        Self {
            request_id: step.request_id.as_deref(),
            client: None,
            payload: &step.payload,
            function_error: step.function_error.as_ref(),
            report: step.report.as_ref(),
        }
    }
}

/// Nobody knows what became of it.
fn unknown(id: InvocationId) -> Called {
    Called { id, answered: false, unreported: None }
}

/// Of an execution that failed without telling of its calls: each may have been made.
fn in_doubt(error: &FunctionError) -> InvocationOutcome {
    InvocationOutcome {
        status: Status::IN_DOUBT.to_owned(),
        error: Some(format!("{}: {}", error.error_type, error.message)),
        ..InvocationOutcome::default()
    }
}
