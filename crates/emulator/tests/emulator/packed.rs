//! Images as `photofinish-package` makes them, from the same packages as zips are.

use std::path::Path;

use libtest_mimic::Trial;
use photofinish_package::{
    Image, Start, base_layer, code_layer, layer_from_files, layer_from_wheels, library_layer,
    write_layout, zip_directory,
};
use photofinish_runtimes::{Architecture, Cache, Silent, WheelSet, wheels};
use serde_json::json;

use crate::python::{ARCHITECTURE, Python};
use crate::stage::Stage;
use crate::story;

const FUNCTIONS: &str = "/2015-03-31/functions";

const CODE: &str = "
import os
import PIL
from PIL import Image

def lambda_handler(event, context):
    grey = Image.new('RGB', (4, 2), (255, 0, 0)).convert('L')
    return {'event': event, 'pillow': PIL.__file__, 'grey': grey.getpixel((0, 0)),
            'folder': os.getcwd(), 'memory': context.memory_limit_in_mb}
";

pub fn stories(python: &Python) -> Vec<Trial> {
    let python = python.clone();
    let name = "packed::an_image_with_pillow_and_the_inspector_answers_as_its_zip_does";
    vec![story(name, move || async move {
        // Made before the stage is set: requests are signed for the time at which that is.
        let folder = tempfile::tempdir().expect("a folder");
        let (image, at) = (made(&python, folder.path()), folder.path().join("image"));
        write_layout(&at, [&image]).expect("a layout");
        answers(Stage::with(&python).await, &image, &at).await;
    })]
}

fn made(python: &Python, folder: &Path) -> Image {
    let runtime = python.runtime();
    let code = folder.join("code");
    std::fs::create_dir(&code).expect("a folder");
    std::fs::write(code.join("lambda_function.py"), CODE).expect("code");
    let cache = Cache::of_user().expect("a cache");
    let here = Architecture::of_this_machine().expect("x86_64 or arm64");
    let pillow = wheels(&cache, runtime, here, WheelSet::Pillow, &Silent).expect("wheels");
    let pillow: Vec<&Path> = pillow.iter().map(|wheel| wheel.path.as_path()).collect();
    let pillow = layer_from_wheels(&pillow, runtime).expect("a layer");
    let inspector = layer_from_files(photofinish_assets::inspector(), runtime).expect("a layer");
    let layers = vec![
        base_layer(runtime).expect("a root"),
        library_layer(&pillow).expect("a layer"),
        library_layer(&inspector).expect("a layer"),
        code_layer(&zip_directory(&code).expect("a package")).expect("a layer"),
    ];
    let start = Start::of_runtime(runtime, "photofinish_inspector.handler");
    Image::new(runtime.architecture, layers, &start).expect("an image")
}

async fn answers(stage: Stage, image: &Image, at: &Path) {
    let request = json!({
        "FunctionName": "image",
        "PackageType": "Image",
        "Role": "arn:aws:iam::000000000000:role/functions",
        "Code": {"ImageUri": format!("oci:{}", at.display())},
        "Architectures": [ARCHITECTURE],
        "MemorySize": 512,
        "Timeout": 30,
        "Environment": {"Variables": {"PHOTOFINISH_HANDLER": "lambda_function.lambda_handler"}},
    });
    let created = stage.client.lambda("POST", FUNCTIONS, &request).await;
    assert_eq!(created.status, 201, "{created:?}");
    stage.client.settled("image").await;
    let invoked = stage.client.invoke("image", &json!({"n": 1})).await;
    let mut answer = invoked.value();
    assert!(answer["photofinish"].is_object(), "{invoked:?}");
    assert_eq!(
        answer["value"].take(),
        json!({
            "event": {"n": 1},
            "pillow": "/opt/python/PIL/__init__.py",
            "grey": 76,
            "folder": "/var/task",
            "memory": "512",
        })
    );
    let found = stage.client.lambda("GET", &format!("{FUNCTIONS}/image"), &json!(null)).await;
    let told = format!("{found:?}");
    assert!(told.contains(image.digest().trim_start_matches("sha256:")), "{told}");
}
