//! One output held against the reference: the verdict, every check, and where it is worst.

use std::path::Path;

use photofinish_imaging::{
    Depth, Limits, Plane, decode_png, decode_rgb, encode_grey, encode_png8, greyscale, resize,
};
use serde_json::Value;

use crate::desk::Desk;

const LIMITS: Limits = Limits { pixels: 100_000_000 };

/// A desk with a photograph, what greyscale makes of it, and wrong ways to grey.
fn desk() -> Desk {
    let desk = Desk::small();
    let application =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/applications/image-pipeline");
    let photograph = std::fs::read(application.join("inputs/coffee.jpg")).unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(desk.path(name), bytes).unwrap();
    put("coffee.jpg", &photograph);
    let right = greyscale(&photograph, 95, LIMITS).unwrap();
    put("grey.jpg", &right);
    put("grey.png", &right);
    put("grey", &right);
    let (picture, _) = decode_rgb(&photograph, LIMITS).unwrap();
    let weigh = |[r, g, b]: &[u8; 3]| {
        let level = 0.2126 * f64::from(*r) + 0.7152 * f64::from(*g) + 0.0722 * f64::from(*b);
        level.round() as u8
    };
    let samples = picture.samples.as_chunks::<3>().0.iter().map(weigh).collect();
    let other = Plane::new(picture.width, picture.height, samples);
    put("bt709.jpg", &encode_grey(&other, 95).unwrap());
    put("turned.jpg", &encode_grey(&other.clockwise(), 95).unwrap());
    put("ten.png", &resize(&right, 800, 600, LIMITS).unwrap());
    put("eight.png", &encode_png8(&other).unwrap());
    put("empty.jpg", b"");
    desk
}

fn check(desk: &Desk, arguments: &str) -> crate::desk::Came {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    desk.run(&[&["check", "--function"], words.as_slice()].concat())
}

#[track_caller]
fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in:\n{text}");
    }
}

#[test]
fn a_right_output_is_right_with_every_figure_and_its_limit() {
    let came = check(&desk(), "greyscale coffee.jpg grey.jpg").expect(0);
    let first = "right: grey.jpg as `greyscale` of coffee.jpg\n";
    assert!(came.stdout.starts_with(first), "{}", came.stdout);
    let figures =
        ["block mean difference", "largest block difference", "quality above a q88 JPEG, dB"];
    for figure in figures {
        let line = came.stdout.lines().find(|line| line.contains(figure));
        let line = line.unwrap_or_else(|| panic!("no {figure} in:\n{}", came.stdout));
        assert!(line.starts_with("ok    ") && line.contains("= "), "{line}");
    }
    says(&came.stdout, &["<= 1.6", "<= 8", ">= -6", "worst pixel: column "]);
    assert!(!came.stdout.contains("WRONG"), "{}", came.stdout);
    assert_eq!(came.stderr, "");
}

#[test]
fn a_wrong_output_is_named_and_shown_where_it_is_worst() {
    let desk = desk();
    let came = check(&desk, "greyscale coffee.jpg bt709.jpg --difference off.png").expect(1);
    let first = "wrong: bt709.jpg as `greyscale` of coffee.jpg\n\
                 it looks like BT.709 weights instead of ITU-R 601\n";
    assert!(came.stdout.starts_with(first), "{}", came.stdout);
    says(&came.stdout, &["WRONG block mean difference", "off.png: the difference, "]);
    let too_wide = came.stdout.lines().find(|line| line.chars().count() > 80);
    assert_eq!(too_wide, None);
    let Depth::Eight(difference) =
        decode_png(&std::fs::read(desk.path("off.png")).unwrap(), LIMITS).unwrap()
    else {
        panic!("it has 16 bits");
    };
    assert_eq!((difference.width, difference.height), (600, 400));
    assert_eq!(difference.samples.iter().max(), Some(&255));
    let worst = difference.samples.iter().position(|&level| level == 255).unwrap();
    let place = format!("worst pixel: column {}, row {}:", worst % 600, worst / 600);
    says(&came.stdout, &[&place]);
}

#[test]
fn as_data_it_says_the_same_under_stable_names() {
    let desk = desk();
    let read = |arguments: &str, code: i32| -> Value {
        let came = check(&desk, &format!("{arguments} --json")).expect(code);
        serde_json::from_str(&came.stdout).unwrap()
    };
    let found = read("greyscale coffee.jpg bt709.jpg --difference off.png", 1);
    let keys: Vec<&str> = found.as_object().unwrap().keys().map(String::as_str).collect();
    let names = [
        "format",
        "application",
        "function",
        "input",
        "output",
        "right",
        "mistake",
        "reason",
        "checks",
        "worst_pixel",
        "left_out",
        "findings",
        "difference",
    ];
    assert_eq!(keys, names);
    assert_eq!((&found["format"], &found["right"]), (&1.into(), &false.into()));
    assert_eq!(found["application"], "image-pipeline");
    assert_eq!(found["mistake"], "BT.709 weights instead of ITU-R 601");
    let reason = found["reason"].as_str().unwrap();
    let begin = "it looks like BT.709 weights instead of ITU-R 601: block mean difference ";
    assert!(reason.starts_with(begin), "{reason}");
    let of = |name: &str| {
        let checks = found["checks"].as_array().unwrap();
        checks.iter().find(|check| check["limit_name"] == name).unwrap().clone()
    };
    let mean = of("block_mean");
    assert_eq!((&mean["limit"], &mean["bound"]), (&1.6.into(), &"most".into()));
    assert!(mean["value"].as_f64().unwrap() > 1.6 && mean["passed"] == false);
    assert!(mean["place"]["column"].is_u64() && mean["place"]["row"].is_u64());
    assert_eq!(of("above_q88")["bound"], "least");
    let worst = &found["worst_pixel"];
    let off = worst["found"].as_f64().unwrap() - worst["expected"].as_f64().unwrap();
    let gain = found["difference"]["gain"].as_f64().unwrap();
    assert!((off.abs() * gain - 255.0).abs() < 0.01, "{off} times {gain}");
    assert_eq!(found["difference"]["written"], true);

    let found = read("resize grey.jpg ten.png", 0);
    assert_eq!((&found["right"], &found["mistake"]), (&true.into(), &Value::Null));
    assert!(found["checks"].as_array().unwrap().iter().all(|check| check["passed"] == true));
    assert_eq!(found["difference"], Value::Null);
}

#[test]
fn a_files_name_stands_for_its_content_type() {
    let desk = desk();
    let renamed = check(&desk, "greyscale coffee.jpg grey.png").expect(1).stdout;
    says(&renamed, &["it looks like a JPEG under a PNG's name", "WRONG file name"]);
    let untold = check(&desk, "greyscale coffee.jpg grey").expect(0).stdout;
    says(&untold, &["not looked at: its content type"]);
    let empty = check(&desk, "greyscale coffee.jpg empty.jpg").expect(1).stdout;
    says(&empty, &["it looks like an empty file"]);
    let passed_on = check(&desk, "greyscale coffee.jpg coffee.jpg").expect(1).stdout;
    says(&passed_on, &["it looks like the input, passed on as it came"]);
}

#[test]
fn a_difference_of_two_sizes_is_not_written_and_said_not_to_be() {
    let desk = desk();
    let came = check(&desk, "greyscale coffee.jpg turned.jpg --difference off.png").expect(1);
    says(&came.stdout, &["WRONG size", "it is 400x600, 600x400 is asked for"]);
    says(&came.stdout, &["not looked at: its pixels", "off.png: not written"]);
    assert!(!desk.path("off.png").exists());
}

#[test]
fn what_cannot_be_judged_is_refused_with_what_would_be_taken() {
    let desk = desk();
    let refused = |arguments: &str, words: &[&str]| {
        let came = check(&desk, arguments).expect(2);
        assert_eq!(came.stdout, "");
        came.says(words);
    };
    let near = ["image-pipeline has no function `greyscal`", "did you mean `greyscale`?"];
    refused("greyscal coffee.jpg grey.jpg", &near);
    refused("blur coffee.jpg grey.jpg", &["it has greyscale, resize, depth, rotate, convert"]);
    refused("greyscale nowhere.jpg grey.jpg", &["nowhere.jpg cannot be read", "INPUT"]);
    refused("greyscale coffee.jpg nowhere.jpg", &["nowhere.jpg cannot be read", "OUTPUT"]);
    refused("greyscale study.toml grey.jpg", &["study.toml is no JPEG", "takes a whole JPEG"]);
    refused("greyscale empty.jpg grey.jpg", &["it is empty", "takes a whole JPEG"]);
    refused("resize coffee.jpg ten.png", &["a JPEG in colour", "takes a whole grey JPEG"]);
    refused("depth eight.png grey.png", &["8-bit PNG", "16-bit greyscale PNG"]);
    refused("rotate ten.png grey.jpg", &["16-bit PNG", "8-bit greyscale PNG"]);
    refused("greyscale coffee.jpg", &["OUTPUT"]);
    let place = "greyscale coffee.jpg grey.jpg --difference no/such/off.png";
    refused(place, &["no/such/off.png cannot be written", "--difference"]);
    let own = "greyscale coffee.jpg grey.jpg --difference ./grey.jpg";
    refused(own, &["./grey.jpg is one of the pictures"]);
    refused("greyscale coffee.jpg grey.jpg --application in", &["in", "no application.toml"]);
}

#[test]
fn another_applications_contract_counts_if_its_folder_is_given() {
    let desk = desk();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/applications/image-pipeline");
    std::fs::create_dir_all(desk.path("strict/inputs")).unwrap();
    for input in std::fs::read_dir(from.join("inputs")).unwrap().flatten() {
        let copy = desk.path("strict/inputs").join(input.file_name());
        std::fs::copy(input.path(), copy).unwrap();
    }
    let text = std::fs::read_to_string(from.join("application.toml")).unwrap();
    desk.write("strict/application.toml", &text.replace("\"image-pipeline\"", "\"strict\""));
    let contract = std::fs::read_to_string(from.join("contract.toml")).unwrap();
    let limit = "limits = { block_mean = 1.6, block_max = 8.0, above_q88 = -6.0 }";
    assert!(contract.contains(limit));
    let strict = contract.replace(limit, "limits = { block_mean = 0.0001 }");
    desk.write("strict/contract.toml", &strict);
    let came = check(&desk, "greyscale coffee.jpg grey.jpg --application strict").expect(1);
    says(&came.stdout, &["WRONG block mean difference", "<= 0.0001"]);
    check(&desk, "greyscale coffee.jpg grey.jpg").expect(0);
}
