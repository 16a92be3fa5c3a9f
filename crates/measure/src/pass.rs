//! One pass: one picture through the functions of one lane, each call journalled before and after.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use photofinish_cloud::{
    Call, Delivery, FunctionError, InvokeError, Invoked, Kind, Patience, Report,
};
use photofinish_journal::{InvocationId, InvocationOutcome, LateReport, OutputSeen, PassId};
use photofinish_study::record::Status;
use photofinish_study::{Answer, Digest, Event, LaneFunction, State};

use crate::error::Error;
use crate::race::{Output, Race, Run};

/// The status of a call whose REPORT did not come with its answer.
pub(crate) const NO_REPORT: &str = "no report";

/// Logs are written some seconds after the answer.
const FOR_LOGS: Patience = Patience {
    deadline: Duration::from_secs(20),
    first_pause: Duration::from_millis(500),
    longest_pause: Duration::from_secs(4),
    attempts_when_broken: 2,
    call_margin: Duration::ZERO,
};

/// One look, and no wait.
const AT_A_GLANCE: Patience = Patience { deadline: Duration::ZERO, ..FOR_LOGS };

/// What one function of a pass is asked to do.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    pub(crate) function: &'a LaneFunction,
    pub(crate) event: Event,
    /// What lies at the event's key; none if the function before writes it.
    pub(crate) given: Option<Arc<[u8]>>,
}

impl<'a> Input<'a> {
    /// `before` is the function whose output this one takes, if it is given nothing.
    pub(crate) fn new(
        function: &'a LaneFunction,
        folder: &str,
        given: Option<Arc<[u8]>>,
        bucket: &str,
        output_bucket: &str,
        before: Option<&Input<'_>>,
    ) -> Self {
        let key = match (before, &given) {
            (Some(before), None) => before.event.output_key.clone(),
            _ => format!("{folder}/{}-input", function.name),
        };
        let event = Event {
            bucket: bucket.to_owned(),
            key,
            output_bucket: output_bucket.to_owned(),
            output_key: format!("{folder}/{}.{}", function.name, function.extension),
        };
        Self { function, event, given }
    }
}

/// A call that was made.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) id: InvocationId,
    pub(crate) answered: bool,
    /// The request whose answer came without its REPORT.
    pub(crate) unreported: Option<String>,
}

/// What came back of a call, whoever made it.
#[derive(Debug)]
pub(crate) struct Answered<'a> {
    pub(crate) request_id: Option<&'a str>,
    /// None where the client did not make it.
    pub(crate) client: Option<Duration>,
    pub(crate) payload: &'a [u8],
    pub(crate) function_error: Option<&'a FunctionError>,
    pub(crate) report: Option<&'a Report>,
}

impl<'a> From<&'a Invoked> for Answered<'a> {
    fn from(invoked: &'a Invoked) -> Self {
        Self {
            request_id: Some(&invoked.request_id),
            client: Some(invoked.client),
            payload: &invoked.payload,
            function_error: invoked.function_error.as_ref(),
            report: invoked.report.as_ref(),
        }
    }
}

/// The pass's clock: it starts when its first request is sent, and every call is timed by it.
#[derive(Debug, Default)]
struct Clock {
    first_sent: Option<Instant>,
    last_received: Duration,
}

impl Clock {
    /// How long after the first request this one was sent.
    fn time(&mut self, sent: Instant, client: Duration) -> Duration {
        let sent = sent.duration_since(*self.first_sent.get_or_insert(sent));
        self.last_received = sent + client;
        sent
    }
}

/// How a pass went.
#[derive(Debug)]
pub(crate) struct PassRun {
    pub(crate) called: Vec<Called>,
    pub(crate) turnaround: Option<Duration>,
    pub(crate) failure: Option<String>,
}

/// The sandboxes that have been seen in a round: the first call in one is not warm.
#[derive(Debug, Default)]
pub(crate) struct Sandboxes {
    seen: HashSet<String>,
}

impl Sandboxes {
    /// Cold, if the platform's report has an init that can have been within this call; proactive,
    /// if the sandbox was there before its first call; warm otherwise.
    fn state(&mut self, sandbox: Option<&str>, start: Start) -> Option<State> {
        let first = sandbox.map(|sandbox| self.seen.insert(sandbox.to_owned()));
        match (start, first) {
            (Start::Within, _) => Some(State::Cold),
            (Start::Before, _) | (Start::Untold, Some(true)) => Some(State::Proactive),
            (Start::Untold, Some(false)) => Some(State::Warm),
            (Start::Untold, None) => None,
        }
    }
}

/// When a call's sandbox was initialised, by the platform's report and the client's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// While the call waited for it.
    Within,
    /// Before the call was sent: init and call together take longer than the client waited.
    Before,
    /// The report has no init.
    Untold,
}

impl Start {
    /// Where the client did not send the call itself, an init is taken for one within it.
    fn of(report: Option<&Report>, client: Option<Duration>) -> Self {
        let Some(report) = report else { return Self::Untold };
        match report.init_ms {
            None => Self::Untold,
            Some(init_ms)
                if client.is_some_and(|client| {
                    init_ms + report.duration_ms > client.as_secs_f64() * 1e3
                }) =>
            {
                Self::Before
            }
            Some(_) => Self::Within,
        }
    }
}

impl Run<'_> {
    /// Calls the functions one after the other; in a chain the first failure ends the pass.
    pub(crate) async fn run_pass(
        &self,
        pass: PassId,
        inputs: &[Input<'_>],
    ) -> Result<PassRun, Error> {
        let mut called = Vec::with_capacity(inputs.len());
        let mut failure: Option<String> = None;
        let mut clock = Clock::default();
        for input in inputs {
            if failure.is_some() && input.given.is_none() {
                break;
            }
            let (call, failed) = self.call(pass, input, &mut clock).await?;
            called.push(call);
            failure = failure.or(failed);
        }
        let turnaround = failure.is_none().then_some(clock.last_received);
        Ok(PassRun { called, turnaround, failure })
    }

    /// One call: the intent before, the outcome after, whatever came of it.
    async fn call(
        &self,
        pass: PassId,
        input: &Input<'_>,
        clock: &mut Clock,
    ) -> Result<(Called, Option<String>), Error> {
        let journal = self.race().journal;
        let (id, payload) = self.intend(pass, input)?;
        let call = Call {
            function: input.function.deployed_as.clone(),
            payload: payload.into(),
            timeout: self.race().timeout,
        };
        match self.race().cloud.invoke(&call).await {
            Ok(invoked) => {
                let mut outcome = self.outcome(&Answered::from(&invoked), &input.event);
                outcome.sent = Some(clock.time(invoked.sent, invoked.client));
                self.conclude(id, input, &outcome)
            }
            Err(error) => {
                let sent = clock.time(error.sent, error.client);
                let client = Some(error.client);
                let outcome = InvocationOutcome { sent: Some(sent), client, ..unanswered(&error) };
                journal.end_invocation(id, &outcome)?;
                if ends_the_race(&error) {
                    return Err(Error::Cloud(error.error));
                }
                let failure = format!("{} did not answer", input.function.name);
                Ok((Called { id, answered: false, unreported: None }, Some(failure)))
            }
        }
    }

    /// Writes down what is about to be called; gives what it is called with.
    pub(crate) fn intend(
        &self,
        pass: PassId,
        input: &Input<'_>,
    ) -> Result<(InvocationId, Vec<u8>), Error> {
        let payload = serde_json::to_vec(&input.event).map_err(Error::Event)?;
        let digest = Digest::of(&payload);
        let bytes = input.given.as_ref().map(|bytes| bytes.len() as u64);
        let (journal, name) = (self.race().journal, &input.function.name);
        Ok((journal.begin_invocation(pass, name, digest.as_str(), bytes)?, payload))
    }

    /// Writes down how a call ended that was answered; with the reason, if it failed.
    pub(crate) fn conclude(
        &self,
        id: InvocationId,
        input: &Input<'_>,
        outcome: &InvocationOutcome,
    ) -> Result<(Called, Option<String>), Error> {
        self.race().journal.end_invocation(id, outcome)?;
        // Without its REPORT a call has done its work all the same: that is looked for later.
        let unreported =
            (outcome.status == NO_REPORT).then(|| outcome.request_id.clone().unwrap_or_default());
        let answered = outcome.status == Status::OK || unreported.is_some();
        let failure = (!answered).then(|| format!("{} of {}", outcome.status, input.function.name));
        Ok((Called { id, answered, unreported }, failure))
    }

    pub(crate) fn outcome(&self, answered: &Answered<'_>, event: &Event) -> InvocationOutcome {
        let report = answered.report;
        let mut outcome = InvocationOutcome {
            request_id: answered.request_id.map(str::to_owned),
            client: answered.client,
            duration_ms: report.map(|report| report.duration_ms),
            billed_ms: report.map(|report| report.billed_ms),
            init_ms: report.and_then(|report| report.init_ms),
            max_memory_mb: report.and_then(|report| report.max_memory_mb),
            ..InvocationOutcome::default()
        };
        if let Some(error) = answered.function_error {
            outcome.status = "function error".to_owned();
            outcome.error = Some(format!("{}: {}", error.error_type, error.message));
            return outcome;
        }
        match Answer::parse(answered.payload) {
            Ok(answer) => {
                let returned = answer.returned(event);
                if let Some(inspection) = answer.inspection {
                    let start = Start::of(report, answered.client);
                    let sandbox = inspection.sandbox.as_deref();
                    outcome.state = self.sandboxes.borrow_mut().state(sandbox, start);
                    outcome.stages = serde_json::to_string(&inspection).ok();
                    outcome.sandbox = inspection.sandbox;
                    outcome.request_id = outcome.request_id.or(inspection.request_id);
                    outcome.cpu_model = inspection.cpu_model;
                }
                match returned {
                    Ok(_) if report.is_none() => NO_REPORT.clone_into(&mut outcome.status),
                    Ok(_) => Status::OK.clone_into(&mut outcome.status),
                    Err(error) => {
                        "wrong answer".clone_into(&mut outcome.status);
                        outcome.error = Some(error);
                    }
                }
            }
            Err(error) => {
                "wrong answer".clone_into(&mut outcome.status);
                outcome.error = Some(format!("its answer is no JSON: {error}"));
            }
        }
        outcome
    }

    /// Looks in the platform's logs, off the pass's clock, for what the answers' tails had lost.
    /// Gives what is still missing, of the first that is. A function whose logs lacked one is not
    /// waited for again in the same round.
    pub(crate) async fn look_for_reports(
        &self,
        called: &[Called],
        inputs: &[Input<'_>],
    ) -> Result<Option<String>, Error> {
        let Race { cloud, journal, .. } = self.race();
        let (waiting, glancing) =
            [FOR_LOGS, AT_A_GLANCE].map(|p| (*cloud).clone().with_patience(p)).into();
        let mut missing = None;
        for (call, input) in called.iter().zip(inputs) {
            let Some(request) = &call.unreported else { continue };
            // Logs that cannot be read are as good as logs without it.
            let name = &input.function.deployed_as;
            let silent = self.silent.borrow().contains(name);
            let cloud = if silent { &glancing } else { &waiting };
            let found = match request.as_str() {
                "" => None,
                request => cloud.find_report(name, request).await.ok().flatten(),
            };
            match found {
                Some(report) => journal.found_report(
                    call.id,
                    &LateReport {
                        duration_ms: report.duration_ms,
                        billed_ms: report.billed_ms,
                        init_ms: report.init_ms,
                        max_memory_mb: report.max_memory_mb,
                    },
                )?,
                None => {
                    self.silent.borrow_mut().insert(name.clone());
                    missing =
                        missing.or_else(|| Some(format!("{NO_REPORT} of {}", input.function.name)));
                }
            }
        }
        Ok(missing)
    }

    /// Holds each output against the verified one, after the pass and off its clock.
    /// Gives what is wrong with the first wrong one.
    pub(crate) async fn look_at_outputs(
        &self,
        called: &[Called],
        inputs: &[Input<'_>],
    ) -> Result<Option<String>, Error> {
        let mut wrong = None;
        let mut before: Arc<[u8]> = Arc::from([]);
        for (call, input) in called.iter().zip(inputs) {
            if !call.answered {
                break;
            }
            let given = input.given.clone().unwrap_or(before);
            let (seen, bytes) = self.look(input, &given).await?;
            if seen.status != Status::OK && wrong.is_none() {
                wrong = Some(format!("wrong output of {}", input.function.name));
            }
            self.race().journal.saw_output(call.id, &seen)?;
            before = bytes;
        }
        Ok(wrong)
    }

    async fn look(
        &self,
        input: &Input<'_>,
        given: &[u8],
    ) -> Result<(OutputSeen, Arc<[u8]>), Error> {
        let event = &input.event;
        let object =
            match self.race().cloud.get_object(&event.output_bucket, &event.output_key).await {
                Ok(object) => object,
                Err(error) if error.kind() == Kind::NotFound => {
                    let status = "it wrote nothing".to_owned();
                    return Ok((OutputSeen { bytes: None, sha256: None, status }, Arc::from([])));
                }
                Err(error) => return Err(Error::Cloud(error)),
            };
        let sha256 = Digest::of(&object.bytes);
        let output = Output {
            function: &input.function.name,
            input: given,
            bytes: &object.bytes,
            sha256: &sha256,
            content_type: object.content_type.as_deref(),
        };
        let status = match self.race().check.check(&output) {
            Ok(()) => Status::OK.to_owned(),
            Err(reason) => format!("wrong output: {reason}"),
        };
        let bytes = Some(object.bytes.len() as u64);
        let sha256 = Some(sha256.as_str().to_owned());
        Ok((OutputSeen { bytes, sha256, status }, Arc::from(object.bytes.as_ref())))
    }
}

pub(crate) fn unanswered(error: &InvokeError) -> InvocationOutcome {
    let status = match error.delivery {
        Delivery::NotSent => "not sent",
        Delivery::Refused => "refused",
        Delivery::InDoubt => Status::IN_DOUBT,
    };
    InvocationOutcome {
        request_id: error.request_id.clone(),
        status: status.to_owned(),
        error: Some(error.error.to_string()),
        ..InvocationOutcome::default()
    }
}

/// Whether no later call can fare better: then the race stops, to be resumed.
pub(crate) fn ends_the_race(error: &InvokeError) -> bool {
    match error.kind() {
        Kind::MissingCredentials | Kind::AccessDenied | Kind::NotFound => true,
        // A connection that broke is one call in doubt; whether the network is gone, the next shows.
        Kind::Network => error.delivery == Delivery::NotSent,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turnaround_runs_from_the_first_request_sent_to_the_last_response_received() {
        let (mut clock, first) = (Clock::default(), Instant::now());
        let ms = Duration::from_millis;
        assert_eq!(clock.time(first, ms(20)), ms(0));
        assert_eq!(clock.time(first + ms(23), ms(10)), ms(23));
        assert_eq!(clock.last_received, ms(33));
    }

    fn report(duration_ms: f64, init_ms: Option<f64>) -> Report {
        let init = init_ms.map_or_else(String::new, |ms| format!("Init Duration: {ms:.2} ms\t"));
        let line = format!(
            "REPORT RequestId: r\tDuration: {duration_ms:.2} ms\tBilled Duration: 900 ms\t\
             Memory Size: 128 MB\tMax Memory Used: 36 MB\t{init}\n"
        );
        Report::find(&line, "r").unwrap()
    }

    #[test]
    fn the_first_call_in_a_sandbox_is_cold_or_proactive_never_warm() {
        let mut sandboxes = Sandboxes::default();
        assert_eq!(sandboxes.state(Some("a"), Start::Within), Some(State::Cold));
        assert_eq!(sandboxes.state(Some("a"), Start::Untold), Some(State::Warm));
        assert_eq!(sandboxes.state(Some("b"), Start::Untold), Some(State::Proactive));
        assert_eq!(sandboxes.state(Some("b"), Start::Untold), Some(State::Warm));
        assert_eq!(sandboxes.state(Some("c"), Start::Before), Some(State::Proactive));
        assert_eq!(sandboxes.state(None, Start::Untold), None);
    }

    #[test]
    fn an_init_that_took_longer_than_the_call_was_waited_for_was_before_it() {
        let (waited, report) = (Duration::from_millis(450), report(200.0, Some(240.0)));
        assert_eq!(Start::of(Some(&report), Some(waited)), Start::Within);
        assert_eq!(Start::of(Some(&report), Some(Duration::from_millis(430))), Start::Before);
        assert_eq!(
            Start::of(Some(&super::tests::report(200.0, None)), Some(waited)),
            Start::Untold
        );
        assert_eq!(Start::of(None, Some(waited)), Start::Untold);
    }
}
