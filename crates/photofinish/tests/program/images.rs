//! Studies whose functions are container images, on our own root and on one from a registry.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use photofinish_cloud::{Blob, ImageUpload, Reference, Registry};
use serde_json::Value;

use crate::desk::{Desk, small};

/// The CNCF distribution's registry, letting everybody in; it ends with this value.
struct DockerRegistry {
    child: Child,
    host: String,
}

impl DockerRegistry {
    fn open() -> Self {
        const SERVE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/aws/registry.py");
        let mut serve = Command::new("python3");
        serve.args([SERVE, "--open"]).env("PYTHONDONTWRITEBYTECODE", "1");
        let mut child = serve.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let host = url.trim().strip_prefix("http://").expect("Debian's docker-registry serves");
        Self { host: host.to_owned(), child }
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The image of a study's layout that starts so, as it is pushed.
fn image_of(desk: &Desk, starts_with: &str) -> ImageUpload {
    let layout = desk.path("results/study/packages/images");
    let read = |digest: &str| {
        std::fs::read(layout.join("blobs/sha256").join(digest.replace("sha256:", ""))).unwrap()
    };
    let blob = |described: &Value| {
        let digest = described["digest"].as_str().unwrap();
        let media_type = described["mediaType"].as_str().unwrap();
        Blob::new(digest.to_owned(), media_type, read(digest).into())
    };
    let index: Value =
        serde_json::from_slice(&std::fs::read(layout.join("index.json")).unwrap()).unwrap();
    let mut images = index["manifests"].as_array().unwrap().iter().map(|described| {
        let manifest: Value = serde_json::from_slice(&blob(described).bytes).unwrap();
        let layers = manifest["layers"].as_array().unwrap();
        let blobs = layers.iter().chain([&manifest["config"]]).map(blob).collect();
        ImageUpload { blobs, manifest: blob(described), tag: "base".to_owned() }
    });
    let fitting = images.find(|image| {
        let configuration: Value =
            serde_json::from_slice(&image.blobs.last().unwrap().bytes).unwrap();
        configuration["config"]["Entrypoint"][0].as_str().unwrap().contains(starts_with)
    });
    fitting.expect("the study has such an image")
}

#[test]
fn a_study_of_images_runs_on_our_own_root_and_on_one_from_a_registry() {
    let text = small()
        .replace("[\"greyscale\", \"resize\"]", "[\"greyscale\"]")
        .replace("platform = \"local\"", "platform = \"local\"\npackage = \"image\"");
    let native = "[[variant]]\nname = \"native\"\nsource = \"native\"\n\n[[target]]";
    let desk = Desk::with(&text.replace("[[target]]", native));
    desk.run(&["verify", "study.toml"]).expect(0).says(&["2 of 2 deployments accepted"]);

    let server = DockerRegistry::open();
    let reference = format!("{}/roots/python:base", server.host);
    let registry = Registry::of(&Reference::new(&reference).unwrap()).unwrap();
    let run = tokio::runtime::Runtime::new().unwrap();
    run.block_on(registry.push(&image_of(&desk, "python"))).unwrap();
    let on_base = |base: &str| text.replace("\"image\"", &format!("\"image\"\nbase = \"{base}\""));
    let other = Desk::with(&on_base(&reference));
    other
        .run(&["verify", "study.toml"])
        .expect(0)
        .says(&[&reference, "1 of 1 deployments accepted"]);

    // Which image the tag was is in the journal: the registry is not asked again.
    drop(server);
    let again = other.run(&["verify", "study.toml"]).expect(0);
    assert!(again.stderr.contains("roots/python@sha256:"), "{}", again.stderr);
    let nowhere = Desk::with(&on_base("127.0.0.1:9/none:1"));
    nowhere.run(&["package", "study.toml"]).expect(5).says(&["127.0.0.1:9/none:1"]);
}
