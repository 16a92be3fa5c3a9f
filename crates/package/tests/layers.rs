//! Layers made of real wheels and of our inspector, for a real Python 3.14.

use std::path::Path;
use std::sync::OnceLock;

use photofinish_package::{
    GlibcVersion, LAMBDA_GLIBC, Package, audit_elf, check_function, check_layer, layer_from_files,
    layer_from_wheels, zip_directory,
};
use photofinish_runtimes::{
    Architecture, Cache, Runtime, Silent, Wheel, WheelSet, python314, wheels,
};

fn here() -> Architecture {
    Architecture::of_this_machine().expect("the tests run on x86_64 or arm64")
}

fn cache() -> Cache {
    Cache::of_user().unwrap()
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| python314(&cache(), here(), None, &Silent).unwrap())
}

fn pillow(architecture: Architecture) -> Vec<Wheel> {
    wheels(&cache(), runtime(), architecture, WheelSet::Pillow, &Silent).unwrap()
}

fn layer(wheels: &[Wheel], runtime: &Runtime) -> Result<Package, photofinish_package::Error> {
    let paths: Vec<&Path> = wheels.iter().map(|wheel| wheel.path.as_path()).collect();
    layer_from_wheels(&paths, runtime)
}

#[test]
fn pillow_becomes_the_same_layer_twice_with_its_bytecode_and_its_record() {
    let wheels = pillow(here());
    let (one, other) = (layer(&wheels, runtime()).unwrap(), layer(&wheels, runtime()).unwrap());
    assert_eq!(one.sha256, other.sha256);
    let has = |path: &str| one.manifest.files.iter().any(|file| file.path == path);
    assert!(has("python/PIL/Image.py"));
    assert!(has("python/PIL/__pycache__/Image.cpython-314.pyc"));
    assert!(has("python/pillow-13.0.0.dist-info/METADATA"));
    assert_eq!(one.manifest.wheels[0].name, "pillow");
    assert_eq!(one.manifest.wheels[0].sha256, wheels[0].record.sha256);
}

#[test]
fn a_wheel_for_another_architecture_is_refused_by_its_name_and_by_its_binaries() {
    let other = match here() {
        Architecture::X86_64 => Architecture::Arm64,
        Architecture::Arm64 => Architecture::X86_64,
    };
    let wheels = pillow(other);
    let why = layer(&wheels, runtime()).unwrap_err().to_string();
    assert!(why.contains("is not for CPython 3.14 on"), "{why}");

    // Under a false name the binaries still tell.
    let folder = tempfile::tempdir().unwrap();
    let disguised = folder.path().join("pillow-13.0.0-cp314-cp314-any.whl");
    std::fs::copy(&wheels[0].path, &disguised).unwrap();
    let why = layer_from_wheels(&[&disguised], runtime()).unwrap_err().to_string();
    assert!(why.contains(&format!("is for {other}, and the layer is for {}", here())), "{why}");
}

#[test]
fn a_layer_for_the_other_architecture_is_made_on_this_machine() {
    let other = match here() {
        Architecture::X86_64 => Architecture::Arm64,
        Architecture::Arm64 => Architecture::X86_64,
    };
    let theirs = python314(&cache(), other, None, &Silent).unwrap();
    let package = layer(&pillow(other), &theirs).unwrap();
    let ours = layer(&pillow(here()), runtime()).unwrap();
    let bytecode = |package: &Package| {
        let path = "python/PIL/__pycache__/Image.cpython-314.pyc";
        package.manifest.files.iter().find(|file| file.path == path).cloned().unwrap()
    };
    assert_eq!(bytecode(&package), bytecode(&ours));
    assert_ne!(package.sha256, ours.sha256);
}

#[test]
fn a_binary_that_needs_a_newer_libc_is_named_with_both_versions() {
    // Debian's own Python was built for Debian's own libc, far newer than Lambda's.
    let content = std::fs::read(runtime().root.join("usr/bin/python3.14")).unwrap();
    let why = audit_elf("bin/python3.14", &content, here(), LAMBDA_GLIBC).unwrap_err().to_string();
    assert!(why.starts_with("bin/python3.14 needs GLIBC_2."), "{why}");
    assert!(why.ends_with("and the target has 2.34"), "{why}");
    let newest = GlibcVersion { major: 2, minor: 999 };
    audit_elf("bin/python3.14", &content, here(), newest).unwrap();
    audit_elf("a.py", b"print()", here(), LAMBDA_GLIBC).unwrap();
    let cut = audit_elf("cut.so", &content[..40], here(), LAMBDA_GLIBC).unwrap_err();
    assert!(cut.to_string().contains("cut.so"), "{cut}");
}

#[test]
fn opencv_with_numpy_beside_it_is_imported_and_within_lambdas_limits() {
    let needed = WheelSet::Opencv.needs().unwrap();
    let modules = tempfile::tempdir().unwrap();
    let mut layers = Vec::new();
    for set in [WheelSet::Opencv, needed] {
        let wheels = wheels(&cache(), runtime(), here(), set, &Silent).unwrap();
        for wheel in &wheels {
            wheel.unpack(modules.path()).unwrap();
        }
        layers.push(layer(&wheels, runtime()).unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lambda_function.py"), "import cv2\n").unwrap();
    let code = zip_directory(folder.path()).unwrap();
    check_function(&code, &layers.iter().collect::<Vec<_>>()).unwrap();

    let mut python = runtime().unconfined();
    let script = "import sys; sys.path.insert(0, sys.argv[1]); import cv2, numpy\n\
                  print(cv2.flip(numpy.uint8([[1, 2]]), 1))";
    let output = python.arg("-c").arg(script).arg(modules.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.trim(), "[[2 1]]", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_inspector_becomes_a_layer() {
    let package = layer_from_files(photofinish_assets::inspector(), runtime()).unwrap();
    let has = |path: &str| package.manifest.files.iter().any(|file| file.path == path);
    assert!(has("python/photofinish_inspector/__init__.py"));
    assert!(has("python/photofinish_inspector/__pycache__/__init__.cpython-314.pyc"));
}

#[test]
fn a_layer_larger_than_a_zip_may_be_is_made_for_images_and_refused_for_zips() {
    let weights = vec![0; 251 << 20];
    let layer = layer_from_files([("weights.bin", weights)], runtime()).unwrap();
    let error = check_layer(&layer).unwrap_err().to_string();
    assert!(error.contains("package = \"image\""), "{error}");
}
