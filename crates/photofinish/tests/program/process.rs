//! A pipeline used on a folder of pictures.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use photofinish_imaging::{Limits, convert, depth, greyscale, metric, resize, rotate};
use photofinish_study::Name;
use photofinish_verify::{Contract, Judge, Output};

use crate::desk::{Came, Desk, small};

/// The application that the program ships, in the sources.
fn application() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/applications/image-pipeline")
}

fn picture(name: &str) -> Vec<u8> {
    std::fs::read(application().join(format!("inputs/{name}.jpg"))).unwrap()
}

/// A desk with a folder `in` of real pictures, one of them below, one broken, and a note.
fn desk_with_pictures() -> Desk {
    let desk = Desk::small();
    std::fs::create_dir_all(desk.path("in/holiday")).unwrap();
    std::fs::write(desk.path("in/coffee.jpg"), picture("coffee")).unwrap();
    std::fs::write(desk.path("in/holiday/rocket.JPEG"), picture("rocket")).unwrap();
    let whole = picture("dandelions");
    std::fs::write(desk.path("in/broken.jpg"), &whole[..whole.len() / 3]).unwrap();
    desk.write("in/notes.txt", "not a picture");
    desk
}

/// What the reference makes of a picture, by its own functions.
fn by_hand(picture: &[u8]) -> Vec<u8> {
    let limits = Limits::default();
    let grey = greyscale(picture, 95, limits).unwrap();
    let small = resize(&grey, 800, 600, limits).unwrap();
    let eight = depth(&small, limits).unwrap();
    let turned = rotate(&eight, 95, limits).unwrap();
    convert(&turned, limits).unwrap()
}

/// Every file below, hidden ones too, by its path.
fn files(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        match entry.path().is_dir() {
            true => {
                all.extend(files(&entry.path()).into_iter().map(|below| format!("{name}/{below}")));
            }
            false => all.push(name),
        }
    }
    all.sort();
    all
}

#[test]
fn native_makes_what_the_reference_makes_and_lists_what_it_cannot() {
    let desk = desk_with_pictures();
    let run = ["process", "--variant", "native", "in", "out"];
    let came = desk.run(&run).expect(1);
    came.says(&["2 pictures made, 1 failed", "broken.jpg: greyscale: ", "truncated", "notes.txt"]);
    assert_eq!(files(&desk.path("out")), ["coffee.png", "holiday/rocket.png"]);
    let made = |name: &str| std::fs::read(desk.path(name)).unwrap();
    assert_eq!(made("out/coffee.png"), by_hand(&picture("coffee")));
    assert_eq!(made("out/holiday/rocket.png"), by_hand(&picture("rocket")));

    // What is there is kept, whatever it is, until it is asked for again.
    std::fs::write(desk.path("in/broken.jpg"), picture("dandelions")).unwrap();
    std::fs::write(desk.path("out/coffee.png"), "mine").unwrap();
    let came = desk.run(&run).expect(0);
    came.says(&["2 outputs are there already; --again makes them anew", "1 picture made"]);
    assert_eq!(made("out/coffee.png"), b"mine");
    desk.run(&[&run[..], &["--again", "--jobs", "1"]].concat()).expect(0);
    assert_eq!(made("out/coffee.png"), by_hand(&picture("coffee")));
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_made() {
    let desk = desk_with_pictures();
    let refused = |arguments: &[&str], words: &[&str]| {
        desk.run(&[&["process"], arguments].concat()).expect(2).says(words);
    };
    refused(&["--variant", "native", "in"], &["OUT"]);
    refused(&["in", "out"], &["--variant"]);
    refused(&["--variant", "native", "nowhere", "out"], &["nowhere is not there", "hint: IN"]);
    refused(&["--variant", "native", "study.toml", "out"], &["study.toml is a file"]);
    refused(&["--variant", "native", "in", "study.toml"], &["study.toml is a file", "OUT"]);
    refused(&["--variant", "native", "in", "in/out"], &["in/out lies in in", "outside"]);
    refused(&["--variant", "pilow", "in", "out"], &["no variant `pilow`", "pillow", "plain"]);
    let folder = ["--variant", "./in", "in", "out"];
    refused(&folder, &["./in has no function `greyscale`", "greyscale/lambda_function.py"]);
    let study = ["--study", "study.toml", "--variant", "plain", "in", "out"];
    refused(&study, &["study.toml has no variant `plain`", "it has pillow/1"]);
    std::fs::create_dir(desk.path("empty")).unwrap();
    refused(&["--variant", "native", "empty", "out"], &["no JPEG in empty", ".jpg"]);
    assert!(files(&desk.path("out")).is_empty());
}

#[test]
fn what_a_hundred_thousand_pictures_cost_is_told_without_an_account() {
    let desk = Desk::small();
    let folders = ["s3://holiday/2026", "s3://holiday-png/2026"];
    let plan = |architecture: &str| -> serde_json::Value {
        let flags = ["process", "--on", "aws", "--variant", "pillow", "--plan", "--json"];
        let what = ["--images", "100000", "--architecture", architecture];
        let came = desk.run(&[&flags[..], &what, &folders].concat());
        serde_json::from_str(&came.expect(0).stdout).unwrap()
    };
    let (arm, x86) = (plan("arm64"), plan("x86_64"));
    let usd = |plan: &serde_json::Value, term: &str| {
        plan["estimate"][format!("{term}_usd")].as_f64().unwrap()
    };
    assert_eq!(arm["images"], 100_000);
    let (batches, each) = (arm["batches"].as_u64().unwrap(), arm["images_in_a_batch"].as_u64());
    assert_eq!(batches * each.unwrap(), 100_000);
    for plan in [&arm, &x86] {
        assert!(usd(plan, "orchestration") < usd(plan, "compute") / 10.0, "{plan}");
        assert!(usd(plan, "total") < plan["at_most_usd"].as_f64().unwrap());
    }
    // 500,000 calls of 150 ms with 1,769 MB, by hand.
    let by_hand = 500_000.0 * 0.150 * 1769.0 / 1024.0 * 0.000_013_333_4;
    assert!((usd(&arm, "compute") - by_hand).abs() < 1e-6, "{arm}");
    assert!((usd(&x86, "compute") / usd(&arm, "compute") - 1.25).abs() < 1e-3);
    assert!((usd(&arm, "requests") - 0.1).abs() < 1e-9);
    assert_eq!(std::fs::read_dir(desk.path(".")).unwrap().count(), 1, "nothing is written");
}

#[test]
fn what_means_something_on_aws_only_or_not_there_is_refused() {
    let desk = desk_with_pictures();
    let refused = |arguments: &[&str], words: &[&str]| {
        desk.run(&[&["process", "--variant", "pillow"], arguments].concat()).expect(2).says(words);
    };
    refused(&["--plan", "in", "out"], &["--plan means something with --on aws only"]);
    refused(&["--images", "3", "in", "out"], &["--plan"]);
    let aws = |more: &[&'static str]| [&["--on", "aws", "--plan", "--images", "3"], more].concat();
    refused(&aws(&["in", "s3://holiday/out"]), &["in is no folder of a bucket", "s3://BUCKET"]);
    refused(&aws(&["s3://holiday", "s3://holiday/out"]), &["lies in s3://holiday/"]);
    let study =
        ["--study", "study.toml", "--memory-mb", "512", "s3://holiday/in", "s3://holiday/out"];
    refused(&aws(&study), &["no target like that", "aws/x86_64/1769"]);
}

#[test]
fn pillow_makes_the_same_picture_in_the_sandbox_as_the_reference_does() {
    let desk = desk_with_pictures();
    let came = desk.run(&["process", "--variant", "pillow", "in", "out"]).expect(1);
    came.says(&["2 pictures made, 1 failed", "broken.jpg: greyscale: "]);
    assert_eq!(files(&desk.path("out")), ["coffee.png", "holiday/rocket.png"]);
    let limits = Limits::default();
    for (made, name) in [("out/coffee.png", "coffee"), ("out/holiday/rocket.png", "rocket")] {
        let open = |bytes: &[u8]| match photofinish_imaging::decode_png(bytes, limits).unwrap() {
            photofinish_imaging::Depth::Eight(plane) => plane.map(f32::from),
            photofinish_imaging::Depth::Sixteen(_) => panic!("{made} has 16 bits"),
        };
        let (made, reference) =
            (open(&std::fs::read(desk.path(made)).unwrap()), open(&by_hand(&picture(name))));
        assert_eq!((made.width, made.height), (600, 800));
        let difference = metric::psnr(&made, &reference, 255.0);
        assert!(difference > 35.0, "{name}: {difference} dB");
    }
}

#[test]
fn a_folder_of_ones_own_is_a_variant_by_its_path_and_a_bundled_name_stays_one() {
    let desk = Desk::small();
    std::fs::create_dir(desk.path("in")).unwrap();
    std::fs::write(desk.path("in/coffee.jpg"), picture("coffee")).unwrap();
    let code = "def lambda_handler(event, context):\n    raise ValueError('mine')\n";
    let functions = ["greyscale", "resize", "depth", "rotate", "convert"].map(|name| (name, code));
    desk.variant("pillow", &functions);
    let run = |variant: &str, out: &str| desk.run(&["process", "--variant", variant, "in", out]);
    run("./pillow", "one").expect(1).says(&["coffee.jpg: greyscale: ValueError: mine"]);
    let whole = desk.path("pillow");
    run(whole.to_str().unwrap(), "two").expect(1).says(&["ValueError: mine"]);
    run("pillow", "three").expect(0);
    assert_eq!(files(&desk.path("three")), ["coffee.png"]);
}

#[test]
fn a_studys_own_functions_are_what_is_used_and_the_judge_accepts_their_outputs() {
    let text = small()
        .replace("[\"greyscale\", \"resize\"]", "[\"greyscale\"]")
        .replace("[[target]]", "[[variant]]\nname = \"moody\"\nsource = \"moody\"\n\n[[target]]");
    let desk = Desk::with(&text);
    std::fs::create_dir(desk.path("in")).unwrap();
    std::fs::write(desk.path("in/coffee.jpg"), picture("coffee")).unwrap();
    desk.variant(
        "moody",
        &[("greyscale", "def lambda_handler(event, context):\n    raise ValueError('too dark')\n")],
    );
    let run = |variant: &str, out: &str| {
        desk.run(&["process", "--study", "study.toml", "--variant", variant, "in", out])
    };
    run("pillow", "out").expect(0);
    let made = std::fs::read(desk.path("out/coffee.jpg")).unwrap();
    let contract = Contract::read(&application().join("contract.toml")).unwrap();
    let judge = Judge::for_contract(&contract).unwrap();
    let function = Name::new("greyscale").unwrap();
    let output = Output { bytes: &made, content_type: Some("image/jpeg") };
    let judgement = judge.judge(&function, &picture("coffee"), &output).unwrap();
    assert!(judgement.accepted, "{judgement:?}");

    run("moody", "other").expect(1).says(&["coffee.jpg: greyscale: ValueError: too dark"]);
    assert!(files(&desk.path("other")).is_empty());
    assert!(!desk.path("results").exists(), "a study directory was made");
}

/// Starts it, waits until `begun` says so, and presses Ctrl-C.
fn interrupted(desk: &Desk, arguments: &[&str], begun: impl Fn() -> bool) -> Came {
    let mut command = desk.command(arguments);
    let temporary = desk.path("temporary");
    std::fs::create_dir(&temporary).unwrap();
    command.env("TMPDIR", &temporary);
    let stderr = std::fs::File::create(desk.path("stderr")).unwrap();
    let child = command.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    while !begun() {
        assert!(Instant::now() < deadline, "it did not begin: {}", desk.read("stderr"));
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = i32::try_from(child.id()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let mut came = Came::from(child.wait_with_output().unwrap());
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "something is left");
    came.stderr = desk.read("stderr");
    came
}

#[test]
fn ctrl_c_keeps_what_is_done_and_leaves_nothing_half_done() {
    const MANY: usize = 200;
    let desk = Desk::small();
    std::fs::create_dir(desk.path("in")).unwrap();
    for number in 0..MANY {
        std::fs::write(desk.path(&format!("in/{number:03}.jpg")), picture("coffee")).unwrap();
    }
    let run = ["process", "--variant", "native", "--jobs", "1", "in", "out"];
    let out = desk.path("out");
    let came = interrupted(&desk, &run, || files(&out).len() > 2);
    came.expect(130).says(&["interrupted", "left"]);
    let made = files(&out);
    assert!((3..MANY).contains(&made.len()), "{}", made.len());
    let whole = by_hand(&picture("coffee"));
    for name in &made {
        assert!(name.ends_with(".png") && !name.starts_with('.'), "{name}");
        assert_eq!(std::fs::read(out.join(name)).unwrap(), whole, "{name}");
    }
}

#[test]
fn ctrl_c_does_not_wait_for_a_function_that_takes_its_time() {
    let text = small()
        .replace("[\"greyscale\", \"resize\"]", "[\"greyscale\"]")
        .replace("timeout_s = 5", "timeout_s = 900")
        .replace("\"pillow\"", "\"slow\"");
    let desk = Desk::with(&text);
    std::fs::create_dir(desk.path("in")).unwrap();
    std::fs::write(desk.path("in/coffee.jpg"), picture("coffee")).unwrap();
    let code = "import time\ndef lambda_handler(event, context):\n    time.sleep(600)\n";
    desk.variant("slow", &[("greyscale", code)]);
    let arguments = ["process", "--study", "study.toml", "--variant", "slow", "in", "out"];
    let stderr = desk.path("stderr");
    let came = interrupted(&desk, &arguments, || {
        std::fs::read_to_string(&stderr).is_ok_and(|said| said.contains("in place"))
    });
    came.expect(130).says(&["0 pictures made, 1 left"]);
    assert!(files(&desk.path("out")).is_empty());
}
