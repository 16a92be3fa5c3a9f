//! Images of functions: the same bytes twice, and layers that a registry and Lambda take.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use photofinish_package::{
    Base, BaseLayer, Image, ImageLayer, Start, bare_layer, base_layer, code_layer, write_layout,
    zip_directory,
};
use photofinish_runtimes::{Architecture, Cache, Runtime, Silent, python314};
use photofinish_study::Digest;
use serde_json::Value;

fn runtime() -> Runtime {
    let here = Architecture::of_this_machine().expect("the tests run on x86_64 or arm64");
    python314(&Cache::of_user().unwrap(), here, None, &Silent).unwrap()
}

fn code(text: &str) -> ImageLayer {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("lib")).unwrap();
    fs::write(folder.path().join("lambda_function.py"), text).unwrap();
    fs::write(folder.path().join("lib/more.py"), "more = 1\n").unwrap();
    code_layer(&zip_directory(folder.path()).unwrap()).unwrap()
}

fn unpacked(layer: &ImageLayer) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(&layer.blob.bytes[..]).read_to_end(&mut plain).unwrap();
    plain
}

/// Modes and owners of a layer's entries.
fn entries(plain: &[u8]) -> BTreeMap<String, (u32, u64, u64)> {
    let mut archive = tar::Archive::new(plain);
    let entries = archive.entries().unwrap().map(|entry| {
        let entry = entry.unwrap();
        let header = entry.header();
        let about = (header.mode().unwrap(), header.uid().unwrap(), header.mtime().unwrap());
        (entry.path().unwrap().display().to_string(), about)
    });
    entries.collect()
}

#[test]
fn the_code_of_an_image_lies_where_lambda_has_it_and_nothing_of_this_machine_is_in_it() {
    let (one, other) = (code("x = 1\n"), code("x = 1\n"));
    assert!(one.blob.bytes == other.blob.bytes);
    assert_ne!(one.blob.digest(), code("x = 2\n").blob.digest());
    let found = entries(&unpacked(&one));
    assert_eq!(found["var/task/lambda_function.py"], (0o644, 0, 0));
    assert_eq!(found["var/task/lib/"], (0o755, 0, 0));
    assert_eq!(found.len(), 5, "{found:?}");
    // Neither a name nor a time in gzip's header.
    assert_eq!(&one.blob.bytes[3..8], [0; 5]);
}

#[test]
fn an_image_made_twice_is_the_same_and_every_blob_is_what_its_name_says() {
    let runtime = runtime();
    let make = || {
        let layers = vec![base_layer(&runtime).unwrap(), code("x = 1\n")];
        let start = Start::of_runtime(&runtime, "lambda_function.lambda_handler");
        Image::new(runtime.architecture, layers, &start).unwrap()
    };
    let (image, again) = (make(), make());
    assert_eq!(image.digest(), again.digest());
    let folder = tempfile::tempdir().unwrap();
    write_layout(folder.path(), [&image]).unwrap();
    let read = |path: &Path| fs::read(folder.path().join(path)).unwrap();
    let index: Value = serde_json::from_slice(&read(Path::new("index.json"))).unwrap();
    assert_eq!(index["manifests"][0]["digest"], image.digest());
    for blob in image.blobs().chain([&image.manifest]) {
        let hash = blob.digest().replace("sha256:", "");
        let kept = read(&Path::new("blobs/sha256").join(&hash));
        assert_eq!(Digest::of(&kept).to_string(), hash);
    }
    let configuration: Value = serde_json::from_slice(&image.configuration.bytes).unwrap();
    for (layer, id) in
        image.layers.iter().zip(configuration["rootfs"]["diff_ids"].as_array().unwrap())
    {
        assert_eq!(*id, format!("sha256:{}", Digest::of(&unpacked(layer))));
    }
    assert_eq!(configuration["config"]["Cmd"][0], "lambda_function.lambda_handler");
    let root = entries(&unpacked(&image.layers[0]));
    assert!(root.contains_key("var/runtime/bootstrap.py") && root.contains_key("tmp/"));
    assert!(!root.keys().any(|path| path.starts_with("proc/") && path != "proc/"));
    // Whoever hands the root on hands its licences on with it.
    assert!(
        root.keys().any(|path| path.starts_with("usr/share/doc/") && path.ends_with("copyright"))
    );
}

/// A base of one layer, as it was pulled into a folder.
fn pulled(
    folder: &Path,
    media_type: &str,
    change: impl FnOnce(&mut Value),
) -> (Value, Vec<BaseLayer>) {
    let layer = code("x = 1\n");
    let path = folder.join("layer");
    fs::write(&path, &layer.blob.bytes).unwrap();
    let mut configuration = serde_json::json!({
        "architecture": "arm64",
        "os": "linux",
        "config": {
            "Entrypoint": ["/lambda-entrypoint.sh"],
            "Env": ["LD_LIBRARY_PATH=/var/lang/lib"],
            "WorkingDir": "/var/task",
        },
        "rootfs": {"diff_ids": [format!("sha256:{}", Digest::of(&unpacked(&layer)))]},
    });
    change(&mut configuration);
    (configuration, vec![BaseLayer { media_type: media_type.to_owned(), path }])
}

#[test]
fn a_function_on_anothers_image_is_started_as_that_one_says() {
    const DOCKERS: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    let folder = tempfile::tempdir().unwrap();
    let (configuration, layers) = pulled(folder.path(), DOCKERS, |_| {});
    let base = Base::new("r.example/a:1", &configuration, &layers, Architecture::Arm64).unwrap();
    let layers = base.layers.iter().cloned().chain([code("x = 2\n")]).collect();
    let image = Image::new(Architecture::Arm64, layers, &base.start("module.handler")).unwrap();
    let written: Value = serde_json::from_slice(&image.configuration.bytes).unwrap();
    assert_eq!(written["config"]["Entrypoint"], serde_json::json!(["/lambda-entrypoint.sh"]));
    assert_eq!(written["config"]["Cmd"], serde_json::json!(["module.handler"]));
    assert_eq!(written["config"]["Env"], configuration["config"]["Env"]);
    assert_eq!(written["rootfs"]["diff_ids"][0], configuration["rootfs"]["diff_ids"][0]);
    let manifest: Value = serde_json::from_slice(&image.manifest.bytes).unwrap();
    let kinds: Vec<_> =
        manifest["layers"].as_array().unwrap().iter().map(|l| &l["mediaType"]).collect();
    assert!(kinds.iter().all(|kind| *kind == "application/vnd.oci.image.layer.v1.tar+gzip"));
}

#[test]
fn what_no_function_can_stand_on_is_refused_with_what_to_take() {
    const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
    type Broken = (&'static str, fn(&mut Value), &'static str);
    let cases: [Broken; 5] = [
        (GZIP, |c| c["architecture"] = "amd64".into(), "it is for linux/amd64, not for arm64"),
        (GZIP, |c| c["config"]["Entrypoint"] = Value::Null, "public.ecr.aws/lambda/python:3.14"),
        (GZIP, |c| c["rootfs"]["diff_ids"][0] = "sha256:00".into(), "a layer should be sha256:00"),
        (GZIP, |c| c["rootfs"]["diff_ids"] = Value::Array(vec![]), "unlike layers"),
        (ZSTD, |_| {}, "Lambda takes layers in gzip"),
    ];
    for (media_type, change, wanted) in cases {
        let folder = tempfile::tempdir().unwrap();
        let (configuration, layers) = pulled(folder.path(), media_type, change);
        let made = Base::new("r.example/a:1", &configuration, &layers, Architecture::Arm64);
        let error = made.expect_err(wanted).to_string();
        assert!(error.contains("r.example/a:1") && error.contains(wanted), "{error}");
    }
}

#[test]
fn a_native_functions_image_holds_certificates_and_its_program() {
    let runtime = runtime();
    let root = bare_layer(&runtime).unwrap();
    let found = entries(&unpacked(&root));
    assert!(found.contains_key("etc/ssl/certs/ca-certificates.crt") && found.contains_key("tmp/"));
    assert!(!found.keys().any(|path| path.contains("python")), "{found:?}");
    let layers = vec![root, code("")];
    let image = Image::new(runtime.architecture, layers, &Start::of_program("resize")).unwrap();
    let written: Value = serde_json::from_slice(&image.configuration.bytes).unwrap();
    assert_eq!(written["config"]["Entrypoint"][0], "/var/task/bootstrap");
    let environment = written["config"]["Env"].as_array().unwrap();
    assert!(environment.contains(&"_HANDLER=resize".into()), "{environment:?}");
}
