//! Asking: whoever is wanted, as many at a time as the study allows, within its budget.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::Duration;

use futures::StreamExt as _;
use photofinish_generate::ledger::{Ledger, Recording, Subject};
use photofinish_generate::{
    Access, Attempt, Cause, Client, Ending as Ended, Failure as NotAnswered, Fault, NoAccess,
    Patience, Provider, Recorder, Reply, Request, TokenPrice, Unrecorded, Usage, WhyNot, code_of,
};
use photofinish_study::record::Ending;
use photofinish_study::{Digest, now};

use super::purse::Purse;
use super::task::Task;
use super::{ENTRY_POINT, Wanted, answers, ledger_folder, look, registry};
use crate::arguments;
use crate::failure::{Failure, Told};
use crate::progress::{Bar, Progress};
use crate::road::answers::{self as kept, Answers, Record};
use crate::road::interrupt::Interrupt;
use crate::road::opening::Opened;

/// What a model's answers may cost.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bound {
    pub(crate) model: String,
    pub(crate) answers: usize,
    /// All together, in US dollars; none where no price is known.
    pub(crate) at_most: Option<f64>,
}

/// What the answers that are missing may cost, model by model.
pub(crate) fn estimate(opened: &Opened) -> Result<Vec<Bound>, Failure> {
    let prices = Prices::of(opened)?;
    Ok(bounds(&Task::wanted(opened, Wanted::OrFailed)?, &prices))
}

fn bounds(tasks: &[Task], prices: &Prices) -> Vec<Bound> {
    let mut bounds: Vec<Bound> = Vec::new();
    for task in tasks {
        let most = prices.at_most(task);
        match bounds.iter_mut().find(|bound| bound.model == task.model) {
            Some(bound) => {
                bound.answers += 1;
                bound.at_most = Option::zip(bound.at_most, most).map(|(sum, one)| sum + one);
            }
            None => bounds.push(Bound { model: task.model.clone(), answers: 1, at_most: most }),
        }
    }
    bounds
}

/// The prices of the study's models, and that each of them can be asked.
struct Prices(BTreeMap<String, Option<TokenPrice>>);

impl Prices {
    fn of(opened: &Opened) -> Result<Self, Failure> {
        let registry = registry()?;
        let mut prices = BTreeMap::new();
        for variant in &opened.study.variants {
            let photofinish_study::Origin::Model(written) = &variant.origin else { continue };
            let (provider, id) = Provider::and_model(written).expect("the study was checked");
            let known = registry.askable(provider, id, &now()).map_err(|e| Failure::usage(&e))?;
            let effort = variant.asking.as_ref().and_then(|asking| asking.effort.as_deref());
            if let (Some(model), Some(effort)) = (known, effort) {
                model.takes(effort).map_err(|error| Failure::usage(&error))?;
            }
            prices.insert(written.clone(), known.and_then(|model| model.price.clone()));
        }
        Ok(Self(prices))
    }

    fn price(&self, model: &str) -> Option<&TokenPrice> {
        self.0.get(model)?.as_ref()
    }

    fn at_most(&self, task: &Task) -> Option<f64> {
        let output = u64::from(task.question.max_output_tokens);
        self.price(&task.model)?.at_most(task.most_input_tokens(), output)
    }
}

/// Asks for all of these answers, and keeps what comes.
pub(super) fn ask(
    opened: &Opened,
    tasks: &[Task],
    consent: arguments::Consent,
    progress: Progress,
) -> Result<(), Failure> {
    let prices = Prices::of(opened)?;
    let clients = Clients::of(opened, tasks)?;
    let ledger = Ledger::open(&ledger_folder(opened)).map_err(|error| Failure::usage(&error))?;
    let most: BTreeMap<String, f64> =
        tasks.iter().filter_map(|task| Some((task.model.clone(), prices.at_most(task)?))).collect();
    let limit = opened.study.budget.as_ref().map(|budget| budget.limit_usd);
    let purse = Purse::of(limit, ledger.records(), &most);
    let bounds = bounds(tasks, &prices);
    for bound in &bounds {
        progress.say("generate", &bound.to_string());
    }
    if clients.leave_this_machine() && !consent.yes {
        agree(&bounds, &purse)?;
    }
    let asking = Asking {
        opened,
        prices: &prices,
        clients: &clients,
        ledger: Mutex::new(ledger),
        purse: Mutex::new(purse),
        progress,
    };
    crate::road::block_on(asking.all(tasks))
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}, ", answers(self.answers), self.model)?;
        match self.at_most {
            Some(most) => write!(f, "at most ${most:.2}"),
            None => f.write_str("at a price that is not known here"),
        }
    }
}

/// A budget that covers the most it can cost is consent; else somebody must say so.
fn agree(bounds: &[Bound], purse: &Purse) -> Result<(), Failure> {
    let most: Option<f64> = bounds.iter().map(|bound| bound.at_most).sum();
    if let (Some(most), Some(left)) = (most, purse.left())
        && most <= left
    {
        return Ok(());
    }
    let (stdin, mut stderr) = (std::io::stdin(), std::io::stderr());
    if stdin.is_terminal() && stderr.is_terminal() {
        let asked = write!(stderr, "Ask for them? [y/N] ").and_then(|()| stderr.flush());
        let mut line = String::new();
        let read = asked.and_then(|()| stdin.read_line(&mut line));
        if read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes") {
            return Ok(());
        }
        return Err(Failure::Usage(Told::words("nothing was asked", None)));
    }
    let message = match most {
        Some(most) => {
            format!("asking may cost up to ${most:.2}, which no budget of the study covers")
        }
        None => "asking costs money at a price that is not known here".to_owned(),
    };
    let hint = "give --yes to ask all the same, or set `limit_usd` in the study's [budget]";
    Err(Failure::Usage(Told::words(message, Some(hint))))
}

/// One client for each provider and address.
struct Clients(Vec<(Provider, Option<String>, Client)>);

impl Clients {
    fn of(opened: &Opened, tasks: &[Task]) -> Result<Self, Failure> {
        let mut clients: Vec<(Provider, Option<String>, Client)> = Vec::new();
        let patience = Patience {
            deadline: Duration::from_secs(u64::from(opened.study.generate.deadline_s)),
            ..Patience::default()
        };
        let environment = |variable: &str| std::env::var(variable).ok();
        for task in tasks {
            let base_url = &task.asking.base_url;
            if clients.iter().any(|(p, url, _)| *p == task.provider && url == base_url) {
                continue;
            }
            let access = Access::find(task.provider, base_url.as_deref(), &environment)
                .map_err(|error| no_access(opened, task, &error))?;
            let at_once = opened.study.generate.at_once as usize;
            let client =
                Client::new(access, patience, at_once).map_err(|e| Failure::lacking(&e))?;
            clients.push((task.provider, base_url.clone(), client));
        }
        Ok(Self(clients))
    }

    fn client(&self, task: &Task) -> &Client {
        let mut clients = self.0.iter();
        let found = clients.find(|(p, url, _)| *p == task.provider && *url == task.asking.base_url);
        &found.expect("a client was made for each task").2
    }

    /// Whether any of them is asked over a network, where answers may cost money.
    fn leave_this_machine(&self) -> bool {
        self.0.iter().any(|(_, _, client)| !client.access().is_on_this_machine())
    }
}

fn no_access(opened: &Opened, task: &Task, error: &NoAccess) -> Failure {
    let hint = format!(
        "or print the prompts with `photofinish generate {file} --show`, paste them where the \
         model answers, and take each answer in with `photofinish import {file} --variant {} \
         --function {} FILE`",
        task.contestant,
        task.function,
        file = opened.file.display(),
    );
    let message = format!("{task} is not written yet: {error}");
    match error {
        NoAccess::NoKey { .. } | NoAccess::NoAddress { .. } => {
            Failure::Lacking(Told::words(message, Some(&hint)))
        }
        NoAccess::NotAKey { .. } | NoAccess::NotAnAddress { .. } => {
            Failure::Usage(Told::words(message, None))
        }
    }
}

/// What asking works on.
struct Asking<'a> {
    opened: &'a Opened,
    prices: &'a Prices,
    clients: &'a Clients,
    ledger: Mutex<Ledger>,
    purse: Mutex<Purse>,
    progress: Progress,
}

impl Asking<'_> {
    /// All of them; after a failure that would meet the others too, no new one is begun.
    async fn all(&self, tasks: &[Task]) -> Result<(), Failure> {
        let interrupt = Interrupt::listen();
        let work = self.each(tasks, &interrupt);
        tokio::select! {
            done = work => done,
            () = interrupt.twice("the answers that were asked for") => Err(Failure::Interrupted),
        }
    }

    async fn each(&self, tasks: &[Task], interrupt: &Interrupt) -> Result<(), Failure> {
        let failure: Mutex<Option<Failure>> = Mutex::new(None);
        let progress = Mutex::new((0, self.progress.bar("generate", tasks.len() as u64)));
        let stopped = || {
            interrupt.asked().load(std::sync::atomic::Ordering::Relaxed)
                || failure.lock().is_ok_and(|failure| failure.is_some())
        };
        let (stopped, first, bar) = (&stopped, &failure, &progress);
        let begun = tasks.iter().map(|task| async move {
            if stopped() {
                return;
            }
            match self.one(task).await {
                Ok(record) => advance(bar, task, &record),
                Err(failure) => {
                    if let Ok(mut first) = first.lock() {
                        first.get_or_insert(failure);
                    }
                }
            }
        });
        let at_once = self.opened.study.generate.at_once as usize * self.clients.0.len();
        futures::stream::iter(begun).buffer_unordered(at_once).collect::<()>().await;
        if let Ok((done, bar)) = progress.into_inner() {
            let spent = self.purse.lock().map_or(0.0, |purse| purse.spent());
            let spent = match self.prices.0.values().all(Option::is_none) {
                true => "what they cost is not known here".to_owned(),
                false => format!("${spent:.4} spent on the study so far"),
            };
            bar.end(&format!("{} had; {spent}", answers(done)));
        }
        if let Some(failure) = failure.into_inner().ok().flatten() {
            return Err(failure);
        }
        if interrupt.asked().load(std::sync::atomic::Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        Ok(())
    }

    /// One answer, from its question to its record.
    async fn one(&self, task: &Task) -> Result<Record, Failure> {
        let client = self.clients.client(task);
        let poisoned = || Failure::Usage(Told::words("an earlier answer panicked", None));
        let most = self.prices.at_most(task).unwrap_or(0.0);
        let reserved = self.purse.lock().map_err(|_| poisoned())?.reserve(most)?;
        let price = |usage: &Usage| self.prices.price(&task.model)?.cost(usage, &now());
        let subject = Subject {
            task: task.entry(),
            provider: task.provider,
            model: task.question.model.clone(),
            effort: task.question.effort.clone(),
            price: &price,
        };
        let recording = Recording::of(&self.ledger, subject);
        let mut scribe =
            Scribe { recording, asking: self, task, attempts: 0, usd: None, seconds: None };
        let asked = client.ask(&task.question, &mut scribe).await;
        let Scribe { attempts, usd, seconds, .. } = scribe;
        if let Ok(mut purse) = self.purse.lock() {
            purse.settle(reserved, usd.unwrap_or(0.0));
        }
        let mut record =
            Record::of(&task.contestant, &task.function, &task.model, kept::Origin::Api);
        record.attempts = attempts;
        record.seconds = seconds;
        record.usd = usd;
        record.request_sha256 = Some(Digest::of(&client.request(&task.question).body).to_string());
        if let Some(earlier) = self.answers(task).record(&task.function)? {
            record.after(&earlier);
        }
        match asked {
            Ok(reply) => keep(self.opened, task, record, &reply),
            Err(failure) => self.unanswered(task, record, &failure),
        }
    }

    /// A question without a reply. A refusal is an outcome like any other; that patience ended is
    /// one too, until somebody asks again. What stands in the way of asking is neither.
    fn unanswered(
        &self,
        task: &Task,
        mut record: Record,
        failure: &NotAnswered,
    ) -> Result<Record, Failure> {
        let hint = match &failure.why {
            WhyNot::Fatal { cause: Cause::RefusedContent, said } => {
                record.ending = Ending::Refused;
                record.why = Some(said.clone());
                return self.answers(task).keep(record, None, None);
            }
            WhyNot::GaveUp { .. } | WhyNot::TooLong { .. } => {
                record.ending = Ending::Failed;
                record.why = Some(failure.why.to_string());
                self.answers(task).keep(record, None, None)?;
                "every answer that was had is kept, and that this one was not is recorded: run it \
                 again to ask again, or go on without it with `photofinish measure` and `report`"
            }
            WhyNot::Fatal { .. } | WhyNot::Unrecorded(_) => {
                "every answer that was had is kept: run it again to ask for the others"
            }
        };
        Err(Failure::provider(failure).hint(hint))
    }

    fn answers(&self, task: &Task) -> Answers {
        Answers::of(&self.opened.generations, &task.contestant)
    }
}

fn advance(bar: &Mutex<(usize, Bar)>, task: &Task, record: &Record) {
    if let Ok(mut bar) = bar.lock() {
        bar.0 += 1;
        let done = bar.0 as u64;
        let text = match record.ending {
            Ending::Complete => task.to_string(),
            _ => format!("{task}: {}", record.reason()),
        };
        bar.1.at(done, &text);
    }
}

/// Takes the code out of a reply and keeps both.
pub(super) fn keep(
    opened: &Opened,
    task: &Task,
    mut record: Record,
    reply: &Reply,
) -> Result<Record, Failure> {
    record.served.clone_from(&reply.served);
    record.usage = reply.usage;
    let mut code = None;
    match (&reply.ending, code_of(&reply.text, ENTRY_POINT)) {
        (Ended::Refused(why), _) => {
            (record.ending, record.why) = (Ending::Refused, Some(why.clone()))
        }
        (Ended::CutOff(why), _) => {
            (record.ending, record.why) = (Ending::CutOff, Some(why.clone()))
        }
        (Ended::Complete, Err(none)) => {
            (record.ending, record.why) = (Ending::NoCode, Some(none.to_string()));
        }
        (Ended::Complete, Ok(extracted)) => {
            record.ending = Ending::Complete;
            record.code_is = Some(extracted.place.to_owned());
            record.look = Some(look(opened, &extracted.code));
            code = Some(extracted.code);
        }
    }
    let answers = Answers::of(&opened.generations, &task.contestant);
    answers.keep(record, Some(reply.text.as_bytes()), code.as_deref())
}

/// Enters a question's attempts into the ledger, and remembers what they came to.
struct Scribe<'a> {
    recording: Recording<'a>,
    asking: &'a Asking<'a>,
    task: &'a Task,
    attempts: u32,
    /// What all attempts cost, as far as that is known.
    usd: Option<f64>,
    /// Of the last attempt.
    seconds: Option<f64>,
}

impl Recorder for Scribe<'_> {
    fn intent(&mut self, request: &Request, sent_at: &str) -> Result<(), Unrecorded> {
        self.attempts += 1;
        self.recording.intent(request, sent_at)
    }

    fn outcome(&mut self, attempt: &Attempt) -> Result<(), Unrecorded> {
        self.seconds = Some(attempt.took.as_secs_f64());
        if let (Ok(response), Some(price)) =
            (&attempt.outcome, self.asking.prices.price(&self.task.model))
        {
            let usage = self.task.provider.usage(response);
            if let Some(cost) = price.cost(&usage, &attempt.sent_at) {
                self.usd = Some(self.usd.unwrap_or(0.0) + cost);
            }
        }
        self.recording.outcome(attempt)
    }

    fn pause(&mut self, length: Duration, why: &Fault) {
        let text = format!("{}: {why}; again in {} s", self.task, length.as_secs_f64().ceil());
        self.asking.progress.say("waiting", &text);
    }
}
