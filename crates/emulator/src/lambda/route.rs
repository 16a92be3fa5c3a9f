//! Which operation a request is for.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::fault::Fault;

/// An operation with the names that its path carries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateFunction,
    ListFunctions,
    GetFunction(String),
    DeleteFunction(String),
    GetFunctionConfiguration(String),
    UpdateFunctionConfiguration(String),
    UpdateFunctionCode(String),
    ListVersionsByFunction(String),
    GetAccountSettings,
    Invoke(String),
    PutFunctionConcurrency(String),
    GetFunctionConcurrency(String),
    DeleteFunctionConcurrency(String),
    GetFunctionCodeSigningConfig(String),
    TagResource(String),
    UntagResource(String),
    ListTags(String),
    PublishLayerVersion(String),
    ListLayerVersions(String),
    ListLayers,
    GetLayerVersion(String, String),
    DeleteLayerVersion(String, String),
    GetLayerVersionByArn,
}

/// Whether an unsigned request looks as if it was meant for Lambda.
pub(crate) fn is_lambda_path(path: &str) -> bool {
    let mut segments = path.split('/').skip(1);
    let dated = segments.next().is_some_and(|date| {
        date.len() == 10
            && date
                .bytes()
                .enumerate()
                .all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() })
    });
    dated
        && segments.next().is_some_and(|kind| {
            matches!(
                kind,
                "functions" | "layers" | "tags" | "account-settings" | "event-source-mappings"
            )
        })
}

/// The operation of a method, path and query.
pub(crate) fn operation(method: &Method, path: &str, query: &str) -> Result<Operation, Fault> {
    let segments: Vec<String> = path
        .trim_matches('/')
        .split('/')
        .map(|segment| percent_decode_str(segment).decode_utf8().map(|text| text.into_owned()))
        .collect::<Result<_, _>>()
        .map_err(|_| Fault::validation("the path is not UTF-8"))?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let own = |name: &str| name.to_owned();
    Ok(match (method.as_str(), segments.as_slice()) {
        ("POST", ["2015-03-31", "functions"]) => Operation::CreateFunction,
        ("GET", ["2015-03-31", "functions"]) => Operation::ListFunctions,
        ("GET", ["2015-03-31", "functions", name]) => Operation::GetFunction(own(name)),
        ("DELETE", ["2015-03-31", "functions", name]) => Operation::DeleteFunction(own(name)),
        ("GET", ["2015-03-31", "functions", name, "configuration"]) => {
            Operation::GetFunctionConfiguration(own(name))
        }
        ("PUT", ["2015-03-31", "functions", name, "configuration"]) => {
            Operation::UpdateFunctionConfiguration(own(name))
        }
        ("PUT", ["2015-03-31", "functions", name, "code"]) => {
            Operation::UpdateFunctionCode(own(name))
        }
        ("GET", ["2015-03-31", "functions", name, "versions"]) => {
            Operation::ListVersionsByFunction(own(name))
        }
        ("GET", ["2016-08-19", "account-settings"]) => Operation::GetAccountSettings,
        ("POST", ["2015-03-31", "functions", name, "invocations"]) => Operation::Invoke(own(name)),
        ("PUT", ["2017-10-31", "functions", name, "concurrency"]) => {
            Operation::PutFunctionConcurrency(own(name))
        }
        ("DELETE", ["2017-10-31", "functions", name, "concurrency"]) => {
            Operation::DeleteFunctionConcurrency(own(name))
        }
        ("GET", ["2019-09-30", "functions", name, "concurrency"]) => {
            Operation::GetFunctionConcurrency(own(name))
        }
        ("GET", ["2020-06-30", "functions", name, "code-signing-config"]) => {
            Operation::GetFunctionCodeSigningConfig(own(name))
        }
        ("POST", ["2017-03-31", "tags", arn]) => Operation::TagResource(own(arn)),
        ("DELETE", ["2017-03-31", "tags", arn]) => Operation::UntagResource(own(arn)),
        ("GET", ["2017-03-31", "tags", arn]) => Operation::ListTags(own(arn)),
        ("POST", ["2018-10-31", "layers", name, "versions"]) => {
            Operation::PublishLayerVersion(own(name))
        }
        ("GET", ["2018-10-31", "layers", name, "versions"]) => {
            Operation::ListLayerVersions(own(name))
        }
        ("GET", ["2018-10-31", "layers", name, "versions", version]) => {
            Operation::GetLayerVersion(own(name), own(version))
        }
        ("DELETE", ["2018-10-31", "layers", name, "versions", version]) => {
            Operation::DeleteLayerVersion(own(name), own(version))
        }
        ("GET", ["2018-10-31", "layers"])
            if parameter(query, "find").as_deref() == Some("LayerVersion") =>
        {
            Operation::GetLayerVersionByArn
        }
        ("GET", ["2018-10-31", "layers"]) => Operation::ListLayers,
        (method, _) => {
            return Err(Fault::unsupported(format_args!(
                "the Lambda operation behind {method} {path}"
            )));
        }
    })
}

/// A parameter of a query, decoded.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    parameters(query, name).into_iter().next()
}

/// All values of a parameter that may be repeated.
pub(crate) fn parameters(query: &str, name: &str) -> Vec<String> {
    query
        .split('&')
        .filter_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then(|| {
                percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned()
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_path_is_unsupported_and_says_which() {
        let fault = operation(&Method::GET, "/2019-09-25/functions/f/event-invoke-config", "")
            .expect_err("not supported");
        assert_eq!(fault.code, "UnsupportedOperation");
        assert!(fault.message.contains("event-invoke-config"));
    }

    #[test]
    fn a_bucket_that_looks_like_a_date_is_not_lambda() {
        assert!(is_lambda_path("/2015-03-31/functions/f"));
        assert!(!is_lambda_path("/2015-03-31/object"));
        assert!(!is_lambda_path("/bucket/functions/f"));
    }
}
