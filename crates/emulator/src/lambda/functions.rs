//! Functions: created, shown, changed and deleted.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::code::{self, Code, check_unzipped};
use super::function::{FORMAT, FunctionRecord, LastUpdate, State};
use super::layers;
use super::paging::{page, page_length};
use super::protocol::{
    Concurrency, CreateFunction, Function, FunctionConfiguration, Functions, Settings, UpdateCode,
    UpdateConfiguration, Versions,
};
use super::route::parameter;
use super::service::{Lambda, lock};
use super::validation;
use crate::clock;
use crate::config::{Architecture, Runtime};
use crate::error::Error;
use crate::fault::Fault;
use crate::identifier::uuid;
use crate::invocation::{Deployment, Pool};

impl Lambda {
    pub(crate) async fn create_function(
        self: &Arc<Self>,
        request: CreateFunction,
    ) -> Result<FunctionConfiguration, Fault> {
        let name = self.arns.parse_function(&request.function_name)?.name;
        let (mut settings, architecture) =
            (validation::defaults(), validation::architecture(request.architectures.as_deref())?);
        let is_image = is_image(&request)?;
        let role = check_creation(&request, is_image)?;
        validation::apply(&mut settings, &request.settings)?;
        if is_image {
            self.check_architecture_is_here(architecture)?;
        } else {
            self.check_runtime_is_here(&settings.runtime, architecture)?;
        }
        if let Some(asked) = &request.settings.layers {
            settings.layers = lock(&self.layers).uses(asked, architecture, &self.arns)?;
        }
        if lock(&self.functions).contains_key(&name) {
            return Err(already_exists(&name));
        }
        let beside = settings.layers.iter().map(|used| used.unpacked_bytes).sum();
        let code = if is_image {
            code::find_image(request.code, architecture).await?
        } else {
            Code::Zip(code::fetch(request.code, &self.objects, beside).await?)
        };
        self.check_code_storage(code.record().zip_bytes)?;
        let record = FunctionRecord {
            format: FORMAT,
            name: name.clone(),
            role,
            code: code.record(),
            image: code.image_record(),
            architecture,
            settings,
            last_modified: clock::last_modified(),
            revision_id: uuid()?,
            state: State::Pending,
            last_update: LastUpdate::InProgress,
            tags: request.tags.unwrap_or_default(),
            reserved_concurrency: None,
        };
        {
            let mut functions = lock(&self.functions);
            // Looked at again: another request may have created it while we read the package.
            if functions.contains_key(&name) {
                return Err(already_exists(&name));
            }
            record.save(&self.functions_folder())?;
            functions.insert(name, record.clone());
        }
        self.prepare_in_background(record.clone(), Some(code));
        Ok(record.configuration(&self.arns))
    }

    pub(crate) async fn update_function_code(
        self: &Arc<Self>,
        name: &str,
        request: UpdateCode,
    ) -> Result<FunctionConfiguration, Fault> {
        refuse_publishing(request.publish)?;
        validation::refuse_others(&request.others)?;
        let old = self.function(name)?;
        let beside = old.settings.layers.iter().map(|used| used.unpacked_bytes).sum();
        let architecture = match &request.architectures {
            Some(asked) => validation::architecture(Some(asked))?,
            None => old.architecture,
        };
        let code = if old.image.is_some() {
            self.check_architecture_is_here(architecture)?;
            code::find_image(request.code, architecture).await?
        } else {
            self.check_runtime_is_here(&old.settings.runtime, architecture)?;
            Code::Zip(code::fetch(request.code, &self.objects, beside).await?)
        };
        self.check_code_storage(code.record().zip_bytes)?;
        let dry_run = request.dry_run;
        let change = |record: &mut FunctionRecord| {
            record.architecture = architecture;
            record.code = code.record();
            record.image = code.image_record();
            Ok(())
        };
        if dry_run {
            let mut record = old;
            change(&mut record)?;
            return Ok(record.configuration(&self.arns));
        }
        let record = self.change(&old.name, request.revision_id.as_deref(), change)?;
        self.prepare_in_background(record.clone(), Some(code));
        Ok(record.configuration(&self.arns))
    }

    pub(crate) fn update_function_configuration(
        self: &Arc<Self>,
        name: &str,
        request: UpdateConfiguration,
    ) -> Result<FunctionConfiguration, Fault> {
        let old = self.function(name)?;
        validation::refuse_others(&request.others)?;
        validation::check_kind(&request.settings, old.image.is_some())?;
        let record = self.change(&old.name, request.revision_id.as_deref(), |record| {
            validation::apply(&mut record.settings, &request.settings)?;
            if record.image.is_none() {
                self.check_runtime_is_here(&record.settings.runtime, record.architecture)?;
            }
            self.apply_layers(record, &request.settings)?;
            if let Some(role) = &request.role {
                record.role.clone_from(role);
            }
            Ok(())
        })?;
        self.prepare_in_background(record.clone(), None);
        Ok(record.configuration(&self.arns))
    }

    fn apply_layers(&self, record: &mut FunctionRecord, settings: &Settings) -> Result<(), Fault> {
        let Some(asked) = &settings.layers else {
            return Ok(());
        };
        record.settings.layers = lock(&self.layers).uses(asked, record.architecture, &self.arns)?;
        check_unzipped(record.settings.layers.iter().map(|used| used.unpacked_bytes).sum())
    }

    pub(crate) fn get_function(&self, name: &str, query: &str) -> Result<Function, Fault> {
        let record = self.qualified(name, query)?;
        Ok(Function {
            configuration: record.configuration(&self.arns),
            code: record.location(),
            tags: record.tags,
            concurrency: record.reserved_concurrency.map(|reserved_concurrent_executions| {
                Concurrency { reserved_concurrent_executions }
            }),
        })
    }

    pub(crate) fn get_function_configuration(
        &self,
        name: &str,
        query: &str,
    ) -> Result<FunctionConfiguration, Fault> {
        Ok(self.qualified(name, query)?.configuration(&self.arns))
    }

    pub(crate) fn list_functions(&self, query: &str) -> Result<Functions, Fault> {
        let after = parameter(query, "Marker").unwrap_or_default();
        let functions = lock(&self.functions);
        let records = functions.values().filter(|record| record.name > after);
        let (shown, next) = page(records, page_length(query)?);
        Ok(Functions {
            functions: shown.iter().map(|record| record.configuration(&self.arns)).collect(),
            next_marker: next.map(|last| last.name.clone()),
        })
    }

    /// There is one version of each function: the latest.
    pub(crate) fn list_versions(&self, name: &str) -> Result<Versions, Fault> {
        let mut latest = self.function(name)?.configuration(&self.arns);
        latest.function_arn += ":$LATEST";
        Ok(Versions { versions: [latest] })
    }

    pub(crate) async fn delete_function(&self, name: &str, query: &str) -> Result<(), Fault> {
        let record = self.qualified(name, query)?;
        lock(&self.functions).remove(&record.name);
        lock(&self.deployed).remove(&record.name);
        self.pool.retire(&record.name, Pool::NO_REVISION).await;
        let folder = self.functions_folder().join(&record.name);
        fs::remove_dir_all(&folder).map_err(Error::data("remove a deleted function", folder))?;
        Ok(())
    }

    /// The function of that name.
    pub(crate) fn function(&self, given: &str) -> Result<FunctionRecord, Fault> {
        self.qualified(given, "")
    }

    /// The function of that name, in the version that the name or the query asks for.
    pub(crate) fn qualified(&self, given: &str, query: &str) -> Result<FunctionRecord, Fault> {
        let name = self.arns.parse_function(given)?;
        let arn = self.arns.function(&name.name);
        match name.qualifier.or_else(|| parameter(query, "Qualifier")) {
            Some(qualifier) if qualifier != "$LATEST" => {
                return Err(Fault::not_found(format!("Function not found: {arn}:{qualifier}")));
            }
            _ => {}
        }
        lock(&self.functions)
            .get(&name.name)
            .cloned()
            .ok_or_else(|| Fault::not_found(format!("Function not found: {arn}")))
    }

    /// Changes what needs no new sandboxes.
    pub(super) fn amend(
        &self,
        name: &str,
        change: impl FnOnce(&mut FunctionRecord),
    ) -> Result<(), Fault> {
        let name = self.function(name)?.name;
        let mut functions = lock(&self.functions);
        let record = functions
            .get_mut(&name)
            .ok_or_else(|| Fault::not_found(format!("Function not found: {name}")))?;
        change(record);
        Ok(record.save(&self.functions_folder())?)
    }

    /// Changes a function that no other change is in progress for.
    fn change(
        &self,
        name: &str,
        revision: Option<&str>,
        change: impl FnOnce(&mut FunctionRecord) -> Result<(), Fault>,
    ) -> Result<FunctionRecord, Fault> {
        let mut functions = lock(&self.functions);
        let arn = self.arns.function(name);
        let record = functions
            .get_mut(name)
            .ok_or_else(|| Fault::not_found(format!("Function not found: {arn}")))?;
        if record.state == State::Pending {
            return Err(Fault::conflict(
                "The operation cannot be performed at this time. The function is currently in the following state: Pending",
            ));
        }
        if record.last_update == LastUpdate::InProgress {
            return Err(Fault::conflict(format!(
                "The operation cannot be performed at this time. An update is in progress for resource: {arn}"
            )));
        }
        if revision.is_some_and(|revision| revision != record.revision_id) {
            return Err(Fault::new(
                "PreconditionFailedException",
                http::StatusCode::PRECONDITION_FAILED,
                "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
            ));
        }
        let mut changed = record.clone();
        change(&mut changed)?;
        changed.revision_id = uuid()?;
        changed.last_modified = clock::last_modified();
        changed.last_update = LastUpdate::InProgress;
        changed.save(&self.functions_folder())?;
        *record = changed.clone();
        Ok(changed)
    }

    /// Unpacks code and merges layers; then the function is active, or failed with the reason.
    fn prepare_in_background(self: &Arc<Self>, record: FunctionRecord, code: Option<Code>) {
        let lambda = Arc::clone(self);
        tokio::spawn(async move {
            let (preparing, wanted) = (Arc::clone(&lambda), record.clone());
            let prepared =
                tokio::task::spawn_blocking(move || preparing.prepare(wanted, code.as_ref())).await;
            let prepared = prepared
                .unwrap_or_else(|error| Err(format!("preparing the function failed: {error}")));
            // Old sandboxes go before the update is called successful, so that the
            // next invocation is surely in a new one.
            let prepared = match prepared {
                Ok(deployment) => {
                    let (name, revision) = (record.name.clone(), record.revision_id.clone());
                    lock(&lambda.deployed).insert(name.clone(), deployment);
                    lambda.pool.retire(&name, &revision).await;
                    Ok(())
                }
                Err(reason) => Err(reason),
            };
            lambda.settle(&record, prepared);
        });
    }

    fn prepare(&self, record: FunctionRecord, code: Option<&Code>) -> Result<Deployment, String> {
        let content = record.content(&self.data);
        if let Some(code) = code {
            code.unpack(&content)?;
        }
        Ok(Deployment {
            arn: self.arns.function(&record.name),
            region: self.arns.region.clone(),
            runtime: self.runtime_of(&record, &content)?,
            code: content,
            layers: layers::merge(&self.data, &record.settings.layers)?,
            function: record,
        })
    }

    /// What starts the function: an image is a runtime of its own.
    fn runtime_of(&self, record: &FunctionRecord, content: &Path) -> Result<Runtime, String> {
        let architecture = record.architecture;
        let Some(image) = &record.image else {
            let id = &record.settings.runtime;
            return self.runtimes.get(id, architecture).cloned().ok_or_else(|| {
                format!("this emulator was not given the runtime {id} for {architecture}")
            });
        };
        let asked = &record.settings.image_config;
        // As Docker has it: another entry point does not get the image's arguments.
        let (entry_point, own) = if asked.entry_point.is_empty() {
            (&image.start.entry_point, image.start.command.as_slice())
        } else {
            (&asked.entry_point, [].as_slice())
        };
        let command = if asked.command.is_empty() { own } else { &asked.command };
        Ok(Runtime {
            root: content.to_owned(),
            var_runtime: content.join("var/runtime"),
            bootstrap: entry_point.iter().chain(command).cloned().collect(),
            emulation: self.runtimes.emulation(architecture).cloned(),
        })
    }

    /// Makes the functions of an earlier start ready. One that cannot be is failed, with the reason.
    pub(super) fn deploy_what_is_active(&self) {
        for record in
            lock(&self.functions).values_mut().filter(|record| record.state == State::Active)
        {
            match self.prepare(record.clone(), None) {
                Ok(deployment) => {
                    lock(&self.deployed).insert(record.name.clone(), deployment);
                }
                Err(reason) => record.state = State::Failed(reason),
            }
        }
    }

    fn settle(&self, prepared_for: &FunctionRecord, prepared: Result<(), String>) {
        let mut functions = lock(&self.functions);
        let Some(record) = functions.get_mut(&prepared_for.name) else {
            return;
        };
        if record.revision_id != prepared_for.revision_id {
            return;
        }
        match prepared {
            Ok(()) => {
                record.state = State::Active;
                record.last_update = LastUpdate::Successful;
            }
            Err(reason) => {
                if record.state == State::Pending {
                    record.state = State::Failed(reason.clone());
                }
                record.last_update = LastUpdate::Failed(reason);
            }
        }
        // If this is lost, the next start settles it by what lies on the disk.
        let _ = record.save(&self.functions_folder());
    }

    fn check_architecture_is_here(&self, architecture: Architecture) -> Result<(), Fault> {
        let can =
            architecture.is_this_machines() || self.runtimes.emulation(architecture).is_some();
        if can {
            return Ok(());
        }
        Err(Fault::invalid_parameter(format!(
            "This emulator was not given anything that runs {architecture} images on this machine."
        )))
    }

    fn check_runtime_is_here(
        &self,
        runtime: &str,
        architecture: Architecture,
    ) -> Result<(), Fault> {
        if self.runtimes.get(runtime, architecture).is_some() {
            return Ok(());
        }
        Err(Fault::invalid_parameter(format!(
            "The runtime {runtime} for {architecture} is a Lambda runtime that this emulator was not given."
        )))
    }

    pub(super) fn functions_folder(&self) -> PathBuf {
        self.data.join("functions")
    }
}

/// What a new function needs beside its settings. Returns the role.
fn check_creation(request: &CreateFunction, is_image: bool) -> Result<String, Fault> {
    refuse_publishing(request.publish)?;
    validation::refuse_others(&request.others)?;
    validation::check_kind(&request.settings, is_image)?;
    let role = request.role.clone().unwrap_or_default();
    if !role.starts_with("arn:aws") || !role.contains(":iam::") {
        return Err(Fault::validation(format!(
            "1 validation error detected: Value '{role}' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{{12}}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"
        )));
    }
    if is_image {
        return Ok(role);
    }
    if request.settings.runtime.is_none() {
        return Err(Fault::invalid_parameter(
            "Runtime is mandatory for functions created with deployment packages.",
        ));
    }
    if request.settings.handler.is_none() {
        return Err(Fault::invalid_parameter(
            "Handler is mandatory for functions created with deployment packages.",
        ));
    }
    Ok(role)
}

fn is_image(request: &CreateFunction) -> Result<bool, Fault> {
    match request.package_type.as_deref() {
        None | Some("Zip") => Ok(false),
        Some("Image") => Ok(true),
        Some(other) => Err(validation::constraint(
            "packageType",
            other,
            "Member must satisfy enum value set: [Zip, Image]",
        )),
    }
}

fn refuse_publishing(publish: bool) -> Result<(), Fault> {
    if publish { Err(Fault::unsupported("published versions of functions")) } else { Ok(()) }
}

fn already_exists(name: &str) -> Fault {
    Fault::conflict(format!("Function already exist: {name}"))
}
