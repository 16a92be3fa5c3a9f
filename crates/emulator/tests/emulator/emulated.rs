//! Functions of the other architecture, under qemu.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libtest_mimic::Trial;
use photofinish_emulator::{Architecture, Emulation, Runtime, Runtimes};
use photofinish_imaging::{ColourJpeg, Limits, Palette, Sampling, metric};
use photofinish_package::layer_from_wheels;
use photofinish_runtimes::{Cache, Error, Qemu, Silent, WheelSet, python314, wheels};
use serde_json::{Value, json};

use crate::function::{FUNCTIONS, Invoked, zip};
use crate::image;
use crate::python::ARCHITECTURE;
use crate::stage::Stage;
use crate::story;

const GREYSCALE: &str = include_str!(
    "../../../assets/applications/image-pipeline/variants/pillow/greyscale/lambda_function.py"
);
const NATIVE: &str = include_str!("native_echo.rs");

/// What the stories need, for the architecture that this machine is not.
struct Other {
    architecture: photofinish_runtimes::Architecture,
    python: photofinish_runtimes::Runtime,
    qemu: Qemu,
}

impl Other {
    fn find() -> Result<Self, Error> {
        let architecture = match ARCHITECTURE {
            "x86_64" => photofinish_runtimes::Architecture::Arm64,
            _ => photofinish_runtimes::Architecture::X86_64,
        };
        let cache = Cache::of_user()?;
        let qemu = Qemu::find(&cache, architecture, &Silent)?;
        let python = python314(&cache, architecture, None, &Silent)?;
        Ok(Self { architecture, python, qemu })
    }

    fn name(&self) -> String {
        self.architecture.to_string()
    }

    fn is_arm64(&self) -> bool {
        self.name() == "arm64"
    }

    fn emulation(&self) -> Emulation {
        Emulation {
            program: self.qemu.path.clone(),
            arguments: self.qemu.arguments(),
            words: self.qemu.words(),
        }
    }

    fn runtimes(&self) -> Runtimes {
        let architecture = Architecture::parse(&self.name()).expect("one of the two");
        let python = Runtime {
            root: self.python.root.clone(),
            var_runtime: self.python.var_runtime.clone(),
            bootstrap: self.python.bootstrap(Runtime::HANDLER),
            emulation: Some(self.emulation()),
        };
        let provided = Runtime { bootstrap: vec!["/var/task/bootstrap".into()], ..python.clone() };
        let mut runtimes = Runtimes::new();
        runtimes.insert("python3.14", architecture, python);
        runtimes.insert("provided.al2023", architecture, provided);
        runtimes
    }

    /// Settings of a function for this architecture.
    fn settings(&self, more: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
        let mut settings = vec![("Architectures", json!([self.name()]))];
        settings.extend_from_slice(more);
        settings
    }
}

pub fn stories() -> Vec<Trial> {
    let other = match Other::find() {
        Ok(other) => Ok(Arc::new(other)),
        Err(lacking) => {
            eprintln!("NOT TOLD: functions of the other architecture: {lacking}");
            Err(())
        }
    };
    let mut told = Vec::new();
    macro_rules! add {
        ($name:ident) => {
            let name = concat!("emulated::", stringify!($name));
            told.push(match &other {
                Ok(other) => {
                    let other = Arc::clone(other);
                    story(name, move || async move {
                        $name(Stage::of(other.runtimes()).await, &other).await
                    })
                }
                Err(()) => Trial::test(name, || Ok(())).with_ignored_flag(true),
            });
        };
    }
    add!(a_function_finds_itself_on_the_other_architecture);
    add!(an_emulated_invocation_says_so_on_record_and_in_its_log);
    add!(an_emulated_function_is_given_more_time_than_its_timeout);
    add!(the_emulators_memory_is_not_the_functions);
    add!(an_emulated_function_is_confined_as_any);
    add!(the_other_architectures_pillow_writes_the_right_picture);
    let target = other.as_ref().map(|other| musl_target(&other.name())).ok();
    if target.as_deref().is_none_or(has_rust_target) {
        add!(a_static_program_runs_without_python);
        add!(an_image_of_the_other_architecture_runs_too);
    } else {
        let target = target.unwrap_or_default();
        eprintln!(
            "NOT TOLD: a static program: no rustc with {target} (rustup target add {target})"
        );
        let name = "emulated::a_static_program_runs_without_python";
        told.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
    }
    told
}

async fn a_function_finds_itself_on_the_other_architecture(stage: Stage, other: &Other) {
    let python = "
import ctypes, platform, struct
def lambda_handler(event, context):
    getauxval = ctypes.CDLL(None).getauxval
    getauxval.restype = ctypes.c_ulong
    return {'machine': platform.machine(), 'features': getauxval(16), 'bits': struct.calcsize('P')}
";
    stage.client.deploy("who", python, &other.settings(&[])).await;
    let value = stage.client.invoke("who", &json!({})).await.value();
    if !other.is_arm64() {
        assert_eq!(value["machine"], "x86_64");
        return;
    }
    assert_eq!((&value["machine"], &value["bits"]), (&json!("aarch64"), &json!(8)));
    // Bits of Linux' AT_HWCAP for arm64; a Neoverse N1 is Armv8.2 with some of what came later.
    let features = value["features"].as_u64().expect("a number");
    let has = |bit: u32| features & (1 << bit) != 0;
    for (bit, name) in [(3, "AES"), (7, "CRC32"), (8, "atomics"), (10, "half"), (20, "dot")] {
        assert!(has(bit), "{name} is missing from {features:#x}");
    }
    for (bit, name) in [(22, "SVE"), (30, "pointer authentication")] {
        assert!(!has(bit), "{name} is in {features:#x}");
    }
}

async fn an_emulated_invocation_says_so_on_record_and_in_its_log(stage: Stage, other: &Other) {
    let python = "def lambda_handler(event, context):\n    return 1 if event else 1 / 0\n";
    stage.client.deploy("echo", python, &other.settings(&[])).await;
    for event in [json!({"a": 1}), json!({})] {
        let invoked = stage.client.invoke("echo", &event).await;
        let report = invoked.report().to_owned();
        assert!(report.contains("\tMemory Size: 1769 MB\tMax Memory Used: "), "{report}");
        let line = invoked.log.lines().find(|line| line.starts_with("EMULATED RequestId: "));
        let line = line.unwrap_or_else(|| panic!("nothing says that it was: {}", invoked.log));
        assert!(line.contains(&other.qemu.words()), "{line}");
    }
    let text = std::fs::read_to_string(stage.folder.path().join("invocations.jsonl"));
    let text = text.expect("the record");
    let finished: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .filter(|line: &Value| line["event"] == "finished")
        .collect();
    assert_eq!(finished.len(), 2);
    for line in finished {
        assert_eq!(line["emulated"], json!(true), "{line}");
        assert_eq!(line["emulator"], json!(other.qemu.words()), "{line}");
    }
}

async fn an_emulated_function_is_given_more_time_than_its_timeout(stage: Stage, other: &Other) {
    let python = "
import time
def lambda_handler(event, context):
    time.sleep(2)
    return context.get_remaining_time_in_millis()
";
    let settings = other.settings(&[("Timeout", json!(1))]);
    stage.client.deploy("slow", python, &settings).await;
    let left = stage.client.invoke("slow", &json!({})).await.value();
    assert!(left.as_u64().is_some_and(|left| left > 0), "{left}");
}

async fn the_emulators_memory_is_not_the_functions(stage: Stage, other: &Other) {
    let python = "
def lambda_handler(event, context):
    taken = bytearray(event['mb'] << 20)
    return sum(taken[::4096])
";
    let settings = other.settings(&[("MemorySize", json!(128))]);
    stage.client.deploy("large", python, &settings).await;
    let fits = stage.client.invoke("large", &json!({"mb": 90})).await;
    assert_eq!(fits.value(), json!(0));
    let (_, used) = fits.report().split_once("Max Memory Used: ").expect("memory");
    let used: u32 = used.split(' ').next().and_then(|used| used.parse().ok()).expect("a number");
    assert!((1..=128).contains(&used), "{used}");
    let beyond = 128 + Emulation::MEMORY_MB;
    let (kind, _) = stage.client.invoke("large", &json!({"mb": beyond})).await.failure();
    // Where no cgroup counts, the allocation itself is refused.
    assert!(kind == "Runtime.OutOfMemory" || kind == "MemoryError", "{kind}");
}

async fn an_emulated_function_is_confined_as_any(stage: Stage, other: &Other) {
    let python = "
import ctypes, os, socket
def tried(what):
    try:
        what()
        return 'done'
    except OSError as error:
        return error.strerror
def lambda_handler(event, context):
    libc = ctypes.CDLL(None, use_errno=True)
    def mount():
        if libc.mount(b'none', b'/tmp', b'tmpfs', 0, None):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return [
        tried(mount),
        tried(lambda: os.unshare(os.CLONE_NEWUSER)),
        tried(lambda: socket.socket(40, socket.SOCK_STREAM)),
        tried(lambda: open('/.interpreter', 'ab')),
        tried(lambda: socket.create_connection(('198.51.100.1', 80), 1)),
        os.listdir('/tmp'),
    ]
";
    stage.client.deploy("bold", python, &other.settings(&[])).await;
    let value = stage.client.invoke("bold", &json!({})).await.value();
    let (denied, no_family) =
        ("Operation not permitted", "Address family not supported by protocol");
    let expected =
        json!([denied, denied, no_family, "Permission denied", "Network is unreachable", []]);
    assert_eq!(value, expected);
}

async fn the_other_architectures_pillow_writes_the_right_picture(stage: Stage, other: &Other) {
    let layer = publish_pillow(&stage, other).await;
    let settings = other.settings(&[("MemorySize", json!(512)), ("Layers", json!([layer]))]);
    stage.client.deploy("greyscale", GREYSCALE, &settings).await;
    let photograph = photofinish_imaging::scene(7, 401, 299, Palette::Natural);
    let how = ColourJpeg { quality: 95, sampling: Sampling::Quarter, progressive: false };
    let photograph = photofinish_imaging::encode_rgb(&photograph, how);
    let photograph = photograph.expect("a picture");
    stage.client.s3("PUT", "/pictures", "", &[]).await;
    stage.client.s3("PUT", "/pictures/in", photograph.clone(), &[]).await;
    let event = json!({
        "bucket": "pictures", "key": "in", "output_bucket": "pictures", "output_key": "out",
    });
    let value = stage.client.invoke("greyscale", &event).await.value();
    assert_eq!((&value["width"], &value["height"]), (&json!(401), &json!(299)));
    let out = stage.client.s3("GET", "/pictures/out", "", &[]).await;
    assert_eq!(out.header("content-type"), Some("image/jpeg"));
    let limits = Limits::default();
    let (given, _) = photofinish_imaging::decode_grey(&out.body, limits).expect("a grey JPEG");
    let reference = photofinish_imaging::upright_grey(&photograph, limits).expect("the reference");
    let psnr = metric::psnr(&given.map(f32::from), &reference.map(f32::from), 255.0);
    assert!(psnr > 40.0, "{psnr}");
}

/// Publishes the layer that a study would; gives its ARN.
async fn publish_pillow(stage: &Stage, other: &Other) -> String {
    let cache = Cache::of_user().expect("a cache");
    let wheels = wheels(&cache, &other.python, other.architecture, WheelSet::Pillow, &Silent);
    let wheels = wheels.expect("Pillow's wheel");
    let paths: Vec<&Path> = wheels.iter().map(|wheel| &*wheel.path).collect();
    let layer = layer_from_wheels(&paths, &other.python).expect("a layer");
    let request = json!({
        "Content": {"ZipFile": STANDARD.encode(&layer.bytes)},
        "CompatibleArchitectures": [other.name()],
    });
    let path = "/2018-10-31/layers/pillow/versions";
    let published = stage.client.lambda("POST", path, &request).await;
    assert_eq!(published.status, 201, "{published:?}");
    published.json()["LayerVersionArn"].as_str().expect("an ARN").to_owned()
}

async fn a_static_program_runs_without_python(stage: Stage, other: &Other) {
    let program = build_native(stage.folder.path(), &other.name());
    let code = zip(&[("bootstrap", &*program)]);
    let settings = other.settings(&[
        ("Runtime", json!("provided.al2023")),
        ("Code", json!({"ZipFile": STANDARD.encode(code)})),
    ]);
    stage.client.deploy("native", "", &settings).await;
    let invoked: Invoked = stage.client.invoke("native", &json!({"a": 1})).await;
    let expected = if other.is_arm64() { "aarch64" } else { "x86_64" };
    assert_eq!(invoked.value(), json!({"architecture": expected, "event": {"a": 1}}));
}

async fn an_image_of_the_other_architecture_runs_too(stage: Stage, other: &Other) {
    let program = build_native(stage.folder.path(), &other.name());
    let address = image::of_program(&stage.folder.path().join("image"), &other.name(), &program);
    let mut request = json!({
        "FunctionName": "image",
        "PackageType": "Image",
        "Role": "arn:aws:iam::000000000000:role/functions",
        "Code": {"ImageUri": address},
        "Timeout": 10,
    });
    // Lambda takes a function for x86_64 that does not say what it is for.
    let unlike = if other.is_arm64() { "x86_64" } else { "arm64" };
    request["Architectures"] = json!([unlike]);
    let refused = stage.client.lambda("POST", FUNCTIONS, &request).await;
    assert_eq!(refused.error(), (400, "InvalidParameterValueException"));
    request["Architectures"] = json!([other.name()]);
    let created = stage.client.lambda("POST", FUNCTIONS, &request).await;
    assert_eq!(created.status, 201, "{created:?}");
    stage.client.settled("image").await;
    let invoked = stage.client.invoke("image", &json!({"a": 1})).await;
    let expected = if other.is_arm64() { "aarch64" } else { "x86_64" };
    assert_eq!(invoked.value(), json!({"architecture": expected, "event": {"a": 1}}));
    assert!(invoked.log.contains("EMULATED RequestId"), "{invoked:?}");
}

/// Whether rustc is here with what a static program needs.
fn has_rust_target(target: &str) -> bool {
    let mut ask = Command::new("rustc");
    ask.args(["--print", "target-libdir", "--target", target]);
    ask.output().is_ok_and(|asked| {
        asked.status.success() && Path::new(String::from_utf8_lossy(&asked.stdout).trim()).is_dir()
    })
}

fn musl_target(architecture: &str) -> String {
    let machine = if architecture == "arm64" { "aarch64" } else { "x86_64" };
    format!("{machine}-unknown-linux-musl")
}

fn build_native(folder: &Path, architecture: &str) -> Vec<u8> {
    let (source, program) = (folder.join("native_echo.rs"), folder.join("bootstrap"));
    std::fs::write(&source, NATIVE).expect("the source");
    let built = Command::new("rustc")
        .args(["--edition=2024", "-O", "-C", "linker=rust-lld", "-C", "target-feature=+crt-static"])
        .args(["--target", &musl_target(architecture), "-o"])
        .args([&program, &source])
        .output()
        .expect("rustc");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    std::fs::read(program).expect("the program")
}
