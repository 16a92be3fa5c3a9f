//! A container image of one layer, as an OCI layout.

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Writes an image that holds one program and starts it. Gives its address.
pub fn of_program(folder: &Path, architecture: &str, program: &[u8]) -> String {
    let mut header = tar::Header::new_gnu();
    header.set_size(program.len() as u64);
    header.set_mode(0o755);
    let mut layer = tar::Builder::new(Vec::new());
    layer.append_data(&mut header, "program", program).expect("an entry");
    let layer = layer.into_inner().expect("a layer");
    let named = if architecture == "arm64" { "arm64" } else { "amd64" };
    let configuration = json!({
        "architecture": named,
        "os": "linux",
        "config": {"Entrypoint": ["/program"]},
        "rootfs": {"type": "layers", "diff_ids": [digest(&layer)]},
    });
    let blobs = folder.join("blobs/sha256");
    std::fs::create_dir_all(&blobs).expect("a folder");
    let keep = |bytes: &[u8]| {
        let digest = digest(bytes);
        std::fs::write(blobs.join(&digest[7..]), bytes).expect("a blob");
        json!({"digest": digest, "size": bytes.len()})
    };
    let manifest = json!({
        "schemaVersion": 2,
        "config": keep(configuration.to_string().as_bytes()),
        "layers": [keep(&layer)],
    });
    let index: Value = json!({"manifests": [keep(manifest.to_string().as_bytes())]});
    std::fs::write(folder.join("index.json"), index.to_string()).expect("an index");
    format!("oci:{}", folder.display())
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}
