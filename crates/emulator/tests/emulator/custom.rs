//! Functions that are a runtime of their own, and the native variant among them.

use std::io::{Cursor, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libtest_mimic::Trial;
use photofinish_runtimes::{Architecture, Cache, Silent, build_native};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::function::Invoked;
use crate::python::Python;
use crate::stage::{Stage, Stories};
use crate::story;

pub fn stories(python: &Python) -> Vec<Trial> {
    let mut stories = Stories::new("custom", python);
    stories.add("a_bootstrap_that_will_not_run_is_told_in_lambdas_words", invalid_entrypoints);
    stories.add("a_bootstrap_is_taken_from_the_code_before_a_layer", bootstraps);
    stories.add("a_custom_runtime_finds_no_language_in_its_environment", environment);
    let mut told = stories.told;
    told.push(with_native("writes_what_the_reference_does", python, native_pipeline));
    told.push(with_native("says_what_went_wrong", python, native_failures));
    told
}

/// A story of the native variant, which is built before the stage is set: requests are signed for
/// the time at which that is.
fn with_native<F, T>(name: &str, python: &Python, tell: F) -> Trial
where
    F: FnOnce(Stage, Vec<u8>) -> T + Send + 'static,
    T: Future<Output = ()>,
{
    let python = python.clone();
    story(&format!("custom::the_native_variant_{name}"), move || async move {
        let code = native().await;
        tell(Stage::with(&python).await, code).await;
    })
}

/// A zip of one file with these permissions.
fn zip(name: &str, content: &[u8], permissions: u32) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(permissions);
    writer.start_file(name, options).expect("an entry");
    writer.write_all(content).expect("its content");
    writer.finish().expect("an archive").into_inner()
}

async fn deploy(stage: &Stage, name: &str, zip: &[u8], settings: &[(&str, Value)]) {
    let mut all = vec![
        ("Runtime", json!("provided.al2023")),
        ("Handler", json!(name)),
        ("Code", json!({"ZipFile": STANDARD.encode(zip)})),
    ];
    all.extend_from_slice(settings);
    stage.client.deploy(name, "", &all).await;
}

/// A runtime that answers each event by a Python expression.
fn bootstrap_that_tells(expression: &str) -> Vec<u8> {
    let script = format!(
        "#!/var/lang/bin/python3.14
import http.client, json, os
connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
while True:
    connection.request('GET', '/2018-06-01/runtime/invocation/next')
    event = connection.getresponse()
    event.read()
    path = f\"/2018-06-01/runtime/invocation/{{event.headers['Lambda-Runtime-Aws-Request-Id']}}/response\"
    connection.request('POST', path, json.dumps({expression}))
    connection.getresponse().read()
"
    );
    zip("bootstrap", script.as_bytes(), 0o755)
}

async fn invalid_entrypoints(stage: Stage) {
    for (name, code, message) in [
        (
            "missing",
            zip("elsewhere/bootstrap", b"", 0o755),
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
        ),
        (
            "folder",
            zip("bootstrap/file", b"", 0o755),
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
        ),
        (
            "plain",
            zip("bootstrap", b"#!/var/lang/bin/python3.14", 0o644),
            "fork/exec /var/task/bootstrap: permission denied",
        ),
        (
            "text",
            zip("bootstrap", b"print('hello')", 0o755),
            "fork/exec /var/task/bootstrap: exec format error",
        ),
        (
            "interpreter",
            zip("bootstrap", b"#!/not/there", 0o755),
            "fork/exec /var/task/bootstrap: no such file or directory",
        ),
    ] {
        deploy(&stage, name, &code, &[]).await;
        let failed = stage.client.invoke(name, &json!({})).await;
        let id = failed.answer.header("x-amzn-requestid").expect("an id");
        let told = format!("RequestId: {id} Error: {message}");
        assert_eq!(failed.failure(), ("Runtime.InvalidEntrypoint".to_owned(), told.clone()));
        assert!(failed.log.contains(&format!("{told}\nRuntime.InvalidEntrypoint\n")), "{name}");
        assert!(
            failed.report().ends_with("\tStatus: error\tError Type: Runtime.InvalidEntrypoint"),
            "{name}: {}",
            failed.report()
        );
    }
}

async fn bootstraps(stage: Stage) {
    let layer = json!({
        "CompatibleRuntimes": ["provided.al2023"],
        "Content": {"ZipFile": STANDARD.encode(bootstrap_that_tells("'layer'"))},
    });
    let path = "/2018-10-31/layers/runtime/versions";
    let published = stage.client.lambda("POST", path, &layer).await;
    assert_eq!(published.status, 201, "{published:?}");
    let layers = [("Layers", json!([published.json()["LayerVersionArn"]]))];
    deploy(&stage, "own", &bootstrap_that_tells("'code'"), &layers).await;
    deploy(&stage, "borrowed", &zip("readme", b"", 0o644), &layers).await;
    assert_eq!(stage.client.invoke("own", &json!({})).await.value(), "code");
    assert_eq!(stage.client.invoke("borrowed", &json!({})).await.value(), "layer");
    assert!(!stage.client.invoke("borrowed", &json!({})).await.was_cold());
}

async fn environment(stage: Stage) {
    deploy(&stage, "tell", &bootstrap_that_tells("dict(os.environ)"), &[]).await;
    let told = stage.client.invoke("tell", &json!({})).await.value();
    for (name, value) in [
        ("_HANDLER", "tell"),
        ("AWS_LAMBDA_FUNCTION_NAME", "tell"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("TZ", ":UTC"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    for name in ["AWS_EXECUTION_ENV", "PYTHONPATH"] {
        assert_eq!(told[name], Value::Null, "{name}");
    }
}

/// The native variant as a function's code, built for this machine.
async fn native() -> Vec<u8> {
    let built = tokio::task::spawn_blocking(|| {
        let cache = Cache::of_user().expect("a cache");
        let applications = cache.path().join("applications");
        let application =
            photofinish_assets::lay_out("image-pipeline", &applications).expect("an application");
        let here = Architecture::of_this_machine().expect("x86_64 or arm64");
        build_native(&application.join("variants/native"), here, &cache, &Silent)
    });
    let bootstrap =
        built.await.expect("a build to its end").unwrap_or_else(|error| panic!("{error}"));
    let folder = bootstrap.parent().expect("its folder");
    let package = photofinish_package::zip_directory(folder).expect("a package");
    package.bytes
}

/// What the contract asks for, of an answer in its envelope.
fn returned(invoked: &Invoked) -> Value {
    let mut answer = invoked.value();
    let identity = answer["photofinish"].take();
    assert!(identity["logStreamName"].as_str().is_some_and(|stream| stream.contains("[$LATEST]")));
    assert_eq!(identity["initializationType"], "on-demand");
    assert_eq!(identity.as_object().map(|fields| fields.len()), Some(3), "{identity}");
    answer["value"].take()
}

async fn native_pipeline(stage: Stage, code: Vec<u8>) {
    use photofinish_imaging::{Limits, convert, depth, greyscale, resize, rotate};
    let pictures =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/applications/image-pipeline/inputs");
    let mut picture = std::fs::read(Path::new(pictures).join("coffee.jpg")).expect("a picture");
    stage.client.s3("PUT", "/pictures", "", &[]).await;
    stage.client.s3("PUT", "/pictures/to%20greyscale", picture.clone(), &[]).await;
    let limits = Limits::default();
    type Step<'a> = (&'a str, Box<dyn Fn(&[u8]) -> Vec<u8>>, &'a str, [u32; 2]);
    let steps: [Step<'_>; 5] = [
        (
            "greyscale",
            Box::new(move |x| greyscale(x, 95, limits).expect("grey")),
            "image/jpeg",
            [600, 400],
        ),
        (
            "resize",
            Box::new(move |x| resize(x, 800, 600, limits).expect("resized")),
            "image/png",
            [800, 600],
        ),
        ("depth", Box::new(move |x| depth(x, limits).expect("8 bits")), "image/png", [800, 600]),
        (
            "rotate",
            Box::new(move |x| rotate(x, 95, limits).expect("turned")),
            "image/jpeg",
            [600, 800],
        ),
        ("convert", Box::new(move |x| convert(x, limits).expect("a PNG")), "image/png", [600, 800]),
    ];
    for (at, (name, reference, content_type, [width, height])) in steps.iter().enumerate() {
        deploy(&stage, name, &code, &[]).await;
        let next = steps.get(at + 1).map_or("end", |(next, ..)| next);
        let event = json!({
            "bucket": "pictures",
            "key": format!("to {name}"),
            "output_bucket": "pictures",
            "output_key": format!("to {next}"),
        });
        let first = stage.client.invoke(name, &event).await;
        assert_eq!(
            returned(&first),
            json!({
                "bucket": "pictures",
                "key": format!("to {next}"),
                "content_type": content_type,
                "width": width,
                "height": height,
            })
        );
        assert!(first.was_cold());
        let written = stage.client.s3("GET", &format!("/pictures/to%20{next}"), "", &[]).await;
        assert_eq!(written.header("content-type"), Some(*content_type));
        picture = reference(&picture);
        assert!(written.body == picture, "{name} wrote another picture than the reference");
        let second = stage.client.invoke(name, &event).await;
        assert!(!second.was_cold() && returned(&second)["width"] == *width, "{second:?}");
    }
}

async fn native_failures(stage: Stage, code: Vec<u8>) {
    stage.client.s3("PUT", "/pictures", "", &[]).await;
    stage.client.s3("PUT", "/pictures/text", "no picture", &[]).await;
    deploy(&stage, "rotate", &code, &[]).await;
    let event = |key: &str| json!({"bucket": "pictures", "key": key, "output_bucket": "pictures", "output_key": "out"});
    for (key, kind, message) in [
        ("nowhere", "NoSuchKey", "GET s3://pictures/nowhere was answered 404"),
        ("text", "PictureError", "the picture is no PNG"),
        ("../text", "AddressError", "s3://pictures/../text has no address"),
    ] {
        let (told_kind, told) = stage.client.invoke("rotate", &event(key)).await.failure();
        assert_eq!(told_kind, kind, "{told}");
        assert!(told.starts_with(message), "{told}");
    }
    assert!(
        !stage.client.invoke("rotate", &event("text")).await.was_cold(),
        "a sandbox outlives an error"
    );
    deploy(&stage, "mirror", &code, &[]).await;
    let (kind, told) = stage.client.invoke("mirror", &event("text")).await.failure();
    assert_eq!(kind, "Runtime.HandlerNotFound", "{told}");
    assert!(told.starts_with("the handler is `mirror`"), "{told}");
}
