//! `margins`: a contract's limits tried on implementations that are known to be right or wrong.

mod found;
mod page;
mod pictures;
mod stand;
mod telling;

use std::sync::Arc;

use photofinish_runtimes::WheelSet;
use photofinish_study::{Application, Function, InputError, Name};
use photofinish_verify::{Contract, Judge, Mutant};

use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::progress::Progress;
use crate::road::interrupt::Interrupt;
use crate::road::margins::found::{Found, OfFunction};
use crate::road::margins::pictures::Draw;
use crate::road::margins::stand::Stand;
use crate::road::{opening, packing};

/// What is tried, and on what.
struct Wanted {
    application: Application,
    contract: Contract,
    judge: Judge,
    mutants: Vec<Mutant>,
}

/// Deploys each implementation, calls it on every fixture, and says where each limit lies between
/// the worst right value and the nearest wrong one.
pub(crate) fn margins(arguments: &arguments::Margins) -> Result<Answer, Failure> {
    let progress = Progress::new();
    let wanted = Wanted::read(arguments)?;
    let draws = draws(arguments, &wanted)?;
    let python = packing::python_of_host(arguments.python.python.as_deref(), progress)?;
    let layers = stand::pack_layers(&wanted.mutants, &python, progress)?;
    let functions = super::block_on(async {
        let interrupt = Interrupt::listen();
        let stand = Stand::set_up(python, layers, arguments.quick).await?;
        let ended = tokio::select! {
            ended = try_all(&wanted, &draws, &stand, progress) => ended,
            () = interrupt.once() => Err(Failure::Interrupted),
        };
        stand.take_down().await?;
        ended
    })?;
    let found = Found {
        application: wanted.application.name.clone(),
        draws: draws.iter().map(|draw| draw.title.clone()).collect(),
        functions,
        quick: arguments.quick,
    };
    if arguments.json {
        println!("{:#}", telling::as_json(&found));
    } else if arguments.markdown {
        print!("{}", page::markdown(&found));
    } else {
        telling::print(&found);
    }
    Ok(if found.is_as_it_must_be() { Answer::Yes } else { Answer::No })
}

/// The contract's own fixtures, and those of each seed.
fn draws(arguments: &arguments::Margins, wanted: &Wanted) -> Result<Vec<Draw>, Failure> {
    let Wanted { application, contract, judge, .. } = wanted;
    let seeds = std::iter::once(None).chain(arguments.seed.iter().copied().map(Some));
    seeds
        .map(|seed| Draw::make(application, contract, judge, seed, arguments.thorough))
        .collect::<Result<_, _>>()
        .map_err(Failure::from)
}

impl Wanted {
    fn read(arguments: &arguments::Margins) -> Result<Self, Failure> {
        let folder = opening::named_application(&arguments.application)?;
        let application = Application::read(&folder)?;
        let contract = Contract::read(&folder.join("contract.toml"))?;
        let judge = Judge::for_contract(&contract)?;
        let functions: Vec<Name> =
            application.functions.iter().map(|function| function.name.clone()).collect();
        if let Some(asked) = &arguments.function {
            opening::function_named(&application, asked)?;
        }
        let layers = WheelSet::LAYERS.map(WheelSet::as_str);
        let mut mutants = Mutant::read_all(&folder, &functions, &layers)?;
        for mutant in &mutants {
            complete(mutant)?;
        }
        mutants.retain(|mutant| {
            let function = arguments.function.as_deref();
            let only = arguments.only.as_deref().unwrap_or_default();
            function.is_none_or(|name| mutant.function.as_str() == name)
                && mutant.to_string().contains(only)
        });
        if mutants.is_empty() {
            let message = format!("there is no such implementation in {}", folder.display());
            let hint = "--only is looked for in places such as wrong/resize/nearest";
            return Err(Failure::Usage(Told::words(message, Some(hint))));
        }
        Ok(Self { application, contract, judge, mutants })
    }
}

/// Whether a layer has beside it what it cannot do without.
fn complete(mutant: &Mutant) -> Result<(), InputError> {
    let sets: Vec<WheelSet> =
        mutant.layers.iter().filter_map(|name| WheelSet::of_layer(name)).collect();
    let Some((set, needed)) = WheelSet::incomplete(&sets) else { return Ok(()) };
    let message = format!("layer `{}` wants `{}` beside it", set.as_str(), needed.as_str());
    let help = format!("write `layers: {}, {}`", needed.as_str(), mutant.layers.join(", "));
    Err(InputError::of_file(&mutant.path, message).help(help))
}

/// Function by function, so that only one's prepared inputs are in memory.
async fn try_all(
    wanted: &Wanted,
    draws: &[Draw],
    stand: &Stand,
    progress: Progress,
) -> Result<Vec<OfFunction>, Failure> {
    let mut bar = progress.bar("margins", wanted.mutants.len() as u64);
    let mut done = 0;
    let mut found = Vec::new();
    let last = wanted.application.functions.last();
    for function in &wanted.application.functions {
        let mutants = wanted.mutants.iter().filter(|mutant| mutant.function == function.name);
        let mutants: Vec<Mutant> = mutants.cloned().collect();
        if mutants.is_empty() {
            continue;
        }
        let count = mutants.len() as u64;
        let is_last = last.is_some_and(|last| last.name == function.name);
        let inputs = inputs(wanted, draws, function)?;
        let mut tell = |ended: u64| bar.at(done + ended, function.name.as_str());
        let tested = stand.try_each(function, is_last, mutants, inputs, &mut tell).await?;
        done += count;
        let limits = wanted.contract.rule(&function.name).map(|rule| rule.limits);
        found.push(OfFunction {
            function: function.name.clone(),
            limits: limits.unwrap_or_default(),
            by_draw: tested,
        });
    }
    let wrong = found.iter().flat_map(OfFunction::not_as_they_must_be).count();
    bar.end(&format!("{done} implementations tried, {wrong} not judged as they must be"));
    Ok(found)
}

/// The inputs of one function, for each draw, ready for judging.
fn inputs(
    wanted: &Wanted,
    draws: &[Draw],
    function: &Function,
) -> Result<Arc<stand::Inputs>, Failure> {
    let prepare = |draw: &Draw| {
        let fixtures = draw.fixtures.get(&function.name).map_or(&[][..], Vec::as_slice);
        fixtures
            .iter()
            .map(|fixture| {
                let bytes = Arc::clone(&fixture.bytes);
                let prepared = wanted.judge.prepare(&function.name, bytes)?;
                Ok((fixture.clone(), prepared))
            })
            .collect::<Result<Vec<_>, photofinish_verify::JudgeError>>()
    };
    let inputs = draws.iter().map(prepare).collect::<Result<_, _>>();
    inputs.map(Arc::new).map_err(|error| Failure::usage(&error))
}
