//! The pictures on which implementations are tried: the contract's, or others of their kinds.

use std::collections::HashMap;
use std::sync::Arc;

use photofinish_study::{Application, InputError, Name};
use photofinish_verify::{Contract, Fixture, Judge, When, cut_otherwise};

use crate::road::verifying::{add_fixtures, chain_from};

/// The fixtures of every function.
pub(super) struct Draw {
    /// What they are, for headings.
    pub(super) title: String,
    pub(super) fixtures: HashMap<Name, Vec<Fixture>>,
}

impl Draw {
    /// The pictures that the application ships and its contract's fixtures; with a seed, the
    /// pictures cut otherwise and other fixtures.
    pub(super) fn make(
        application: &Application,
        contract: &Contract,
        judge: &Judge,
        seed: Option<u64>,
        thorough: bool,
    ) -> Result<Self, InputError> {
        let redrawn = seed.map(|seed| contract.redrawn(seed));
        let contract = redrawn.as_ref().unwrap_or(contract);
        let mut fixtures = HashMap::new();
        let mut whens = vec![When::Always];
        if thorough {
            whens.push(When::Thorough);
        }
        add_pictures(application, judge, seed, &mut fixtures)?;
        for when in whens {
            add_contract(application, contract, judge, when, &mut fixtures)?;
        }
        let title = match seed {
            None => "the contract's fixtures".to_owned(),
            Some(seed) => format!("other pictures, seed {seed}"),
        };
        Ok(Self { title, fixtures })
    }
}

type Fixtures = HashMap<Name, Vec<Fixture>>;

fn add_pictures(
    application: &Application,
    judge: &Judge,
    seed: Option<u64>,
    fixtures: &mut Fixtures,
) -> Result<(), InputError> {
    for image in &application.images {
        let fault = |message: String| InputError::of_file(&image.file, message);
        let mut bytes = std::fs::read(&image.file)
            .map_err(|error| fault(format!("cannot be read: {error}")))?;
        if let Some(seed) = seed {
            bytes = cut_otherwise(&bytes, seed)
                .map_err(|error| fault(format!("the picture {error}")))?;
        }
        let inputs = chain_from(&application.functions, judge, &Arc::from(bytes))
            .map_err(|error| fault(format!("the reference refuses it: {error}")))?;
        add_fixtures(fixtures, image.name.as_str(), &inputs);
    }
    Ok(())
}

fn add_contract(
    application: &Application,
    contract: &Contract,
    judge: &Judge,
    when: When,
    fixtures: &mut Fixtures,
) -> Result<(), InputError> {
    for fixture in contract.fixtures_for(when, &application.folder)? {
        let mut functions = application.functions.iter();
        let Some(first) = functions.position(|function| function.name == fixture.function) else {
            continue;
        };
        let inputs = chain_from(&application.functions[first..], judge, &fixture.bytes).map_err(
            |error| {
                let file = application.folder.join("contract.toml");
                let name = &fixture.name;
                InputError::of_file(&file, format!("the reference refuses `{name}`: {error}"))
            },
        )?;
        add_fixtures(fixtures, &fixture.name, &inputs);
    }
    Ok(())
}
