//! The control plane's state, and the way from a request to its handler.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::arn::{Arns, LayerVersionName};
use super::function::{self, FunctionRecord};
use super::layers::{LayerShelf, SharedObjects, SharedShelf};
use super::route::{self, Operation};
use crate::config::Runtimes;
use crate::error::Error;
use crate::fault::Fault;
use crate::invocation::{Deployment, Pool};

/// Functions and layers of one data folder.
pub(crate) struct Lambda {
    pub(super) data: PathBuf,
    pub(super) arns: Arns,
    pub(super) runtimes: Runtimes,
    pub(super) objects: SharedObjects,
    pub(super) functions: Mutex<BTreeMap<String, FunctionRecord>>,
    pub(super) layers: SharedShelf,
    pub(super) publishing: tokio::sync::Mutex<()>,
    /// What invocations run in; it changes when an update is complete.
    pub(super) deployed: Mutex<BTreeMap<String, Deployment>>,
    pub(super) pool: Arc<Pool>,
    /// How many bytes all packages may have together.
    pub(super) code_storage: u64,
}

/// The state behind a lock. A handler that panicked has not left it half changed:
/// each change is one insertion.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lambda {
    /// Opens a data folder with what it holds.
    pub(crate) fn open(
        data: PathBuf,
        region: String,
        runtimes: Runtimes,
        objects: SharedObjects,
        pool: Arc<Pool>,
        code_storage: u64,
    ) -> Result<Arc<Self>, Error> {
        let functions = function::load_all(&data)?;
        let layers = LayerShelf::load(&data.join("layers"))?;
        let lambda = Self {
            data,
            arns: Arns { region },
            runtimes,
            objects,
            functions: Mutex::new(functions),
            layers: Mutex::new(layers),
            publishing: tokio::sync::Mutex::new(()),
            deployed: Mutex::default(),
            pool,
            code_storage,
        };
        lambda.deploy_what_is_active();
        Ok(Arc::new(lambda))
    }

    /// Breaks off what runs.
    pub(crate) async fn shut_down(&self) -> Result<(), Error> {
        self.pool.shut_down().await
    }

    /// Answers a request whose signature was found good.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        parts: &Parts,
        body: Bytes,
        request_id: &str,
    ) -> Response<Bytes> {
        let mut response = match self.dispatch(parts, body, request_id).await {
            Ok(response) => response,
            Err(fault) => return fault.into_response(request_id),
        };
        if let Ok(id) = HeaderValue::from_str(request_id) {
            response.headers_mut().insert("x-amzn-requestid", id);
        }
        response
    }

    async fn dispatch(
        self: &Arc<Self>,
        parts: &Parts,
        body: Bytes,
        request_id: &str,
    ) -> Result<Response<Bytes>, Fault> {
        let query = parts.uri.query().unwrap_or("");
        match route::operation(&parts.method, parts.uri.path(), query)? {
            Operation::CreateFunction => created(&self.create_function(read(&body)?).await?),
            Operation::ListFunctions => ok(&self.list_functions(query)?),
            Operation::GetFunction(name) => ok(&self.get_function(&name, query)?),
            Operation::DeleteFunction(name) => {
                self.delete_function(&name, query).await.map(|()| empty())
            }
            Operation::GetFunctionConfiguration(name) => {
                ok(&self.get_function_configuration(&name, query)?)
            }
            Operation::UpdateFunctionConfiguration(name) => {
                ok(&self.update_function_configuration(&name, read(&body)?)?)
            }
            Operation::UpdateFunctionCode(name) => {
                ok(&self.update_function_code(&name, read(&body)?).await?)
            }
            Operation::Invoke(name) => {
                self.invoke(&name, query, &parts.headers, body, request_id).await
            }
            Operation::PutFunctionConcurrency(name) => {
                ok(&self.put_function_concurrency(&name, read(&body)?)?)
            }
            Operation::GetFunctionConcurrency(name) => ok(&self.get_function_concurrency(&name)?),
            Operation::DeleteFunctionConcurrency(name) => {
                self.delete_function_concurrency(&name).map(|()| empty())
            }
            Operation::GetFunctionCodeSigningConfig(name) => {
                ok(&self.get_function_code_signing_config(&name)?)
            }
            Operation::TagResource(arn) => self.tag_resource(&arn, read(&body)?).map(|()| empty()),
            Operation::UntagResource(arn) => {
                self.untag_resource(&arn, &route::parameters(query, "tagKeys")).map(|()| empty())
            }
            Operation::ListTags(arn) => ok(&self.list_tags(&arn)?),
            Operation::PublishLayerVersion(name) => {
                created(&self.publish_layer_version(&name, read(&body)?).await?)
            }
            Operation::ListLayerVersions(name) => ok(&self.list_layer_versions(&name, query)?),
            Operation::ListLayers => ok(&self.list_layers(query)?),
            Operation::ListVersionsByFunction(name) => ok(&self.list_versions(&name)?),
            Operation::GetAccountSettings => ok(&self.account_settings()),
            Operation::GetLayerVersion(layer, version) => {
                ok(&self.get_layer_version(&self.version_name(&layer, &version)?)?)
            }
            Operation::GetLayerVersionByArn => {
                let arn = route::parameter(query, "Arn").unwrap_or_default();
                ok(&self.get_layer_version(&self.arns.parse_layer_version(&arn)?)?)
            }
            Operation::DeleteLayerVersion(layer, version) => {
                self.delete_layer_version(&self.version_name(&layer, &version)?).map(|()| empty())
            }
        }
    }

    fn version_name(&self, layer: &str, version: &str) -> Result<LayerVersionName, Fault> {
        let invalid =
            |_| Fault::validation(format!("Value '{version}' at 'versionNumber' is not a number"));
        Ok(LayerVersionName {
            layer: self.arns.parse_layer(layer)?,
            version: version.parse().map_err(invalid)?,
        })
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        Fault::new(
            "SerializationException",
            StatusCode::BAD_REQUEST,
            format!("Could not parse request body into json: {error}"),
        )
    })
}

fn ok<T: Serialize>(answer: &T) -> Result<Response<Bytes>, Fault> {
    json(StatusCode::OK, answer)
}

fn created<T: Serialize>(answer: &T) -> Result<Response<Bytes>, Fault> {
    json(StatusCode::CREATED, answer)
}

fn empty() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn json<T: Serialize>(status: StatusCode, answer: &T) -> Result<Response<Bytes>, Fault> {
    let text = serde_json::to_vec(answer)
        .map_err(|error| Fault::service(format!("cannot write the answer: {error}")))?;
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    Ok(response)
}
