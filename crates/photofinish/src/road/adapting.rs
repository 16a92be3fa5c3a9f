//! Code of another tool's style, packed with what calls it as that tool does.

use std::path::Path;

use photofinish_package::{Error, Package, zip_adapted};
use photofinish_study::{Adapter, Name, VariantFolder};

/// What the report says of adapted code.
pub(crate) fn words(adapter: &Adapter) -> String {
    format!(
        "called as a function of {} is, `{}` in {}, by an adapter of photofinish",
        adapter.style.title(),
        adapter.function,
        adapter.file.display()
    )
}

/// A function's folder with its adapter.
pub(super) fn zip(folder: &Path, adapter: &Adapter, function: &Name) -> Result<Package, Error> {
    let assets = photofinish_assets::adapter(adapter.style.as_str())
        .expect("there is an adapter for each style");
    let entry_point = assets.entry_point.replace("@SETTINGS@", &settings(adapter, function));
    let file = folder.join(&adapter.file);
    let code = file.parent().unwrap_or(folder);
    let mut written = vec![(VariantFolder::PYTHON_FILE, entry_point.as_bytes())];
    written.extend(assets.modules.iter().map(|(name, text)| (*name, text.as_bytes())));
    let stand_ins: Vec<(&str, &[u8])> =
        assets.stand_ins.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    zip_adapted(code, assets.below, &written, &stand_ins)
}

/// The settings as a string of Python that holds JSON: a string of JSON is one of Python, too.
fn settings(adapter: &Adapter, function: &Name) -> String {
    let settings = serde_json::json!({
        "module": adapter.module(),
        "function": adapter.function,
        "request": adapter.request,
        "parameters": adapter.parameters.get(function).cloned().unwrap_or_default(),
    });
    serde_json::Value::from(settings.to_string()).to_string()
}
