//! The names that AWS gives to functions and layer versions.

use crate::fault::Fault;

/// Whose everything is.
pub(crate) const ACCOUNT: &str = "000000000000";

/// The ARNs of one region.
#[derive(Clone, Debug)]
pub(crate) struct Arns {
    pub(crate) region: String,
}

/// One version of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LayerVersionName {
    pub(crate) layer: String,
    pub(crate) version: u64,
}

impl Arns {
    pub(crate) fn function(&self, name: &str) -> String {
        format!("arn:aws:lambda:{}:{ACCOUNT}:function:{name}", self.region)
    }

    pub(crate) fn layer(&self, name: &str) -> String {
        format!("arn:aws:lambda:{}:{ACCOUNT}:layer:{name}", self.region)
    }

    pub(crate) fn layer_version(&self, name: &LayerVersionName) -> String {
        format!("{}:{}", self.layer(&name.layer), name.version)
    }

    /// Reads a function as clients may name it: by name, `ACCOUNT:function:NAME`
    /// or ARN, each with an optional qualifier.
    pub(crate) fn parse_function(&self, given: &str) -> Result<FunctionName, Fault> {
        let rest = given.strip_prefix(&format!("arn:aws:lambda:{}:", self.region)).unwrap_or(given);
        let rest = rest.strip_prefix(&format!("{ACCOUNT}:function:")).unwrap_or(rest);
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier.to_owned())),
            None => (rest, None),
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
            return Err(Fault::validation(format!(
                "1 validation error detected: Value '{given}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{{2}}(-gov)?-[a-z]+-\\d{{1}}:)?(\\d{{12}}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?"
            )));
        }
        Ok(FunctionName { name: name.to_owned(), qualifier })
    }

    /// Reads the ARN of a layer version of this region and account.
    pub(crate) fn parse_layer_version(&self, arn: &str) -> Result<LayerVersionName, Fault> {
        let invalid = || Fault::invalid_parameter(format!("Layer version {arn} does not exist."));
        let rest = arn
            .strip_prefix(&format!("arn:aws:lambda:{}:{ACCOUNT}:layer:", self.region))
            .ok_or_else(invalid)?;
        let (layer, version) = rest.split_once(':').ok_or_else(invalid)?;
        Ok(LayerVersionName {
            layer: layer.to_owned(),
            version: version.parse().map_err(|_| invalid())?,
        })
    }

    /// A layer by its name or ARN.
    pub(crate) fn parse_layer(&self, given: &str) -> Result<String, Fault> {
        let name = given
            .strip_prefix(&format!("arn:aws:lambda:{}:{ACCOUNT}:layer:", self.region))
            .unwrap_or(given);
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 140 || !name.chars().all(allowed) {
            return Err(Fault::validation(format!(
                "1 validation error detected: Value '{given}' at 'layerName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+"
            )));
        }
        Ok(name.to_owned())
    }
}

/// A function, and which version of it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionName {
    pub(crate) name: String,
    pub(crate) qualifier: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_under_each_of_its_names() {
        let arns = Arns { region: "us-east-1".to_owned() };
        for given in
            ["f", "000000000000:function:f", "arn:aws:lambda:us-east-1:000000000000:function:f"]
        {
            assert_eq!(arns.parse_function(given).expect(given).name, "f");
        }
        let qualified = arns.parse_function("f:$LATEST").expect("a qualified name");
        assert_eq!(qualified.qualifier.as_deref(), Some("$LATEST"));
        for given in ["", "../f", "a/b", "f.g", &"x".repeat(65)] {
            assert!(arns.parse_function(given).is_err(), "{given}");
        }
    }
}
