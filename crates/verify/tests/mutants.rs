//! Mutants: how their files are read, that there are enough of the application's own, and what
//! margins are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use photofinish_imaging::jpeg_header;
use photofinish_study::{InputError, Name};
use photofinish_verify::{
    Bound, Check, Contract, ContractFixture, Extreme, Judgement, Limits, Margin, Mutant, Side,
    Tested, cut_otherwise, margins,
};

const LAYERS: [&str; 3] = ["pillow", "numpy", "opencv"];

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn application() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/applications/image-pipeline")
}

/// An application's folder with these files below `mutants`.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join("mutants").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn read(files: &[(&str, &str)]) -> Result<Vec<Mutant>, InputError> {
    let functions = [name("greyscale"), name("resize")];
    Mutant::read_all(folder(files).path(), &functions, &LAYERS)
}

#[test]
fn a_file_says_what_is_wrong_of_which_kind_it_is_and_what_it_imports() {
    let wrong =
        "\"\"\"Other weights.\n\nkind: other-weights\nlayers: numpy, opencv\n\"\"\"\npass\n";
    let right = "\"\"\"As it should be.\n\nSome more prose: of no matter.\nlayers: none\n\"\"\"\n";
    let all = read(&[
        ("wrong/resize/weights.py", wrong),
        ("right/greyscale/plain.py", right),
        ("README.md", "about them"),
        ("right/greyscale/__pycache__/plain.pyc", ""),
    ])
    .unwrap();
    let places: Vec<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(places, ["right/greyscale/plain", "wrong/resize/weights"]);
    assert_eq!((&all[0].side, all[0].layers.len()), (&Side::Right, 0));
    assert_eq!(all[1].side, Side::Wrong { kind: "other-weights".to_owned() });
    assert_eq!((&*all[1].says, &*all[1].code), ("Other weights.", wrong));
    assert_eq!(all[1].layers, ["numpy", "opencv"]);
}

#[test]
fn a_header_that_lacks_something_is_refused_with_its_place_and_its_mend() {
    let faults = [
        ("import io\n", "1:1", "docstring", "begin with"),
        ("\"\"\"No end.\n", "1:1", "no end", "begin with"),
        ("\"\"\"\nkind: a\nlayers: none\n\"\"\"\n", "1:1", "empty", "begin with"),
        ("\"\"\"Says.\n\nlayers: none\n\"\"\"\n", "1:1", "`kind`", "kind: exif-ignored"),
        ("\"\"\"Says.\n\nkind: a\n\"\"\"\n", "1:1", "`layers`", "layers: pillow"),
        ("\"\"\"Says.\n\nkind: Two words\nlayers: none\n\"\"\"\n", "3:7", "Two words", "kebab"),
        ("\"\"\"Says.\n\nkind: a\nkind: b\nlayers: none\n\"\"\"\n", "4:7", "twice", ""),
        ("\"\"\"Says.\n\nkind: a\nlayers: pilow\n\"\"\"\n", "4:9", "`pilow`", "`pillow`"),
        ("\"\"\"Says.\n\nkind: a\nlayers: scipy\n\"\"\"\n", "4:9", "`scipy`", "or none"),
    ];
    for (text, place, message, mend) in faults {
        let error = read(&[("wrong/resize/x.py", text)]).unwrap_err().to_string();
        let at = format!("wrong/resize/x.py:{place}: ");
        assert!(error.contains(&at) && error.contains(message) && error.contains(mend), "{error}");
    }
    let text = "\"\"\"Says.\n\nkind: a\nlayers: none\n\"\"\"\n";
    let error = read(&[("right/resize/x.py", text)]).unwrap_err().to_string();
    assert!(error.contains("x.py:3:7") && error.contains("leave the line out"), "{error}");
}

#[test]
fn what_has_no_place_in_the_folder_is_named() {
    let error = read(&[("wrong/resiz/x.py", "")]).unwrap_err().to_string();
    assert!(error.contains("`resiz`") && error.contains("did you mean `resize`"), "{error}");
    let error = read(&[("wrng/resize/x.py", "")]).unwrap_err().to_string();
    assert!(error.contains("did you mean `wrong`"), "{error}");
    let error = read(&[("wrong/resize/x.txt", "")]).unwrap_err().to_string();
    assert!(error.contains("x.txt") && error.contains("no Python file"), "{error}");
    let error = read(&[]).unwrap_err().to_string();
    assert!(error.contains("mutants") && error.contains("not there"), "{error}");
}

#[test]
fn the_application_has_enough_of_them_and_never_many_of_one_kind() {
    let functions = ["greyscale", "resize", "depth", "rotate", "convert"].map(name);
    let all = Mutant::read_all(&application(), &functions, &LAYERS).unwrap();
    let right = all.iter().filter(|mutant| mutant.side == Side::Right).count();
    assert!(right >= 30 && all.len() - right >= 100, "{right} of {}", all.len());
    for function in functions {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for mutant in all.iter().filter(|mutant| mutant.function == function) {
            if let Side::Wrong { kind } = &mutant.side {
                *kinds.entry(kind).or_default() += 1;
            }
        }
        let wrong: usize = kinds.values().sum();
        assert!(wrong >= 15, "{function}: {wrong} wrong ones");
        let many: Vec<_> = kinds.into_iter().filter(|(_, files)| *files > 4).collect();
        assert!(many.is_empty(), "{function}: more than four of a kind: {many:?}");
    }
}

/// A right or wrong implementation, by the values of one limit on the fixtures `a`, `b`, ….
fn tested(mutant: &str, is_right: bool, limit: &'static str, values: &[(f64, bool)]) -> Tested {
    let judgement = |&(value, passed): &(f64, bool)| {
        let mut judgement = Judgement::rejected("a check", "off");
        judgement.accepted = passed;
        judgement.checks[0] = Check {
            limit_name: Some(limit),
            value: Some(value),
            limit: Some(1.0),
            passed,
            ..judgement.checks[0].clone()
        };
        judgement
    };
    let fixtures = ["a", "b", "c"].into_iter().map(Into::into);
    let kind = "some".to_owned();
    Tested {
        mutant: Mutant {
            function: name("resize"),
            name: mutant.to_owned(),
            path: PathBuf::new(),
            code: String::new(),
            side: if is_right { Side::Right } else { Side::Wrong { kind } },
            says: String::new(),
            layers: Vec::new(),
        },
        judged: fixtures.zip(values.iter().map(judgement)).collect(),
    }
}

fn only(margins: Vec<Margin>) -> Margin {
    assert_eq!(margins.len(), 1, "one limit is set");
    margins.into_iter().next().unwrap()
}

#[test]
fn a_margin_is_the_worst_right_value_and_the_wrong_one_that_is_rejected_most_narrowly() {
    let limits = Limits { block_mean: Some(1.0), ..Limits::default() };
    let all = [
        tested("good", true, "block_mean", &[(0.2, true), (0.6, true)]),
        tested("better", true, "block_mean", &[(0.1, true)]),
        tested("near", false, "block_mean", &[(0.9, true), (1.4, false), (1.2, false)]),
        tested("far", false, "block_mean", &[(9.0, false)]),
        tested("elsewhere", false, "block_max", &[(1.1, false)]),
    ];
    let margin = only(margins(&limits, &all));
    let extreme = |value, name: &str, fixture: &str| {
        Some(Extreme { value, name: name.to_owned(), fixture: fixture.into() })
    };
    assert_eq!((margin.limit, margin.allowed, margin.bound), ("block_mean", 1.0, Bound::Most));
    assert_eq!(margin.worst_right, extreme(0.6, "good", "b"));
    assert_eq!(margin.nearest_wrong, extreme(1.4, "near", "b"));
    assert_eq!((margin.rejects, margin.alone.len()), (2, 2));
}

#[test]
fn where_right_values_are_high_the_lowest_is_the_worst() {
    let limits = Limits { psnr: Some(1.0), ..Limits::default() };
    let mut also = tested("also", false, "psnr", &[(0.9, false)]);
    let other = tested("", false, "outside", &[(3.0, false)]).judged.remove(0).1;
    also.judged[0].1.checks.extend(other.checks);
    let all = [
        tested("good", true, "psnr", &[(1.5, true), (1.2, true)]),
        tested("near", false, "psnr", &[(0.8, false), (2.0, true)]),
        also,
    ];
    let margin = only(margins(&limits, &all));
    assert_eq!(margin.worst_right.unwrap().value, 1.2);
    assert_eq!(margin.nearest_wrong.unwrap().value, 0.9);
    assert_eq!((margin.rejects, margin.alone), (2, vec!["near".to_owned()]));
}

#[test]
fn a_right_one_must_be_accepted_everywhere_and_a_wrong_one_rejected_somewhere() {
    let mixed = [(0.5, true), (1.5, false)];
    assert!(!tested("x", true, "pixel", &mixed).is_as_it_must_be());
    assert!(tested("x", false, "pixel", &mixed).is_as_it_must_be());
    assert!(tested("x", true, "pixel", &mixed[..1]).is_as_it_must_be());
    assert!(!tested("x", false, "pixel", &mixed[..1]).is_as_it_must_be());

    let mut failed = tested("x", false, "pixel", &mixed);
    assert!(!failed.only_failed());
    failed.judged[1].1 = Judgement::rejected(photofinish_verify::ANSWER, "it failed");
    assert!(failed.only_failed());
    assert_eq!(failed.deciding(), [("answer".to_owned(), 1)]);
}

#[test]
fn another_draw_has_other_pictures_of_the_same_names_and_the_same_table_of_codes() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
        format = 1
        [function.greyscale]
        reference = "builtin:greyscale"
        comparison = "image"
        media_type = "image/jpeg"
        limits = {}
        [[fixture]]
        name = "landscape"
        function = "greyscale"
        generate = "natural"
        seed = 1
        width = 97
        height = 61
        [[fixture]]
        name = "all-codes"
        function = "depth"
        generate = "all-codes"
        width = 64
        height = 48
    "#;
    std::fs::write(folder.path().join("contract.toml"), text).unwrap();
    let contract = Contract::read(&folder.path().join("contract.toml")).unwrap();
    let made = |contract: &Contract| contract.fixtures(folder.path()).unwrap();
    let (own, one, again) =
        (made(&contract), made(&contract.redrawn(1)), made(&contract.redrawn(1)));
    let names = |fixtures: &[ContractFixture]| -> Vec<String> {
        fixtures.iter().map(|fixture| fixture.name.clone()).collect()
    };
    assert_eq!(names(&own), names(&one));
    assert_eq!(one[0].bytes, again[0].bytes, "a seed is a seed");
    assert_ne!(own[0].bytes, one[0].bytes);
    assert_eq!(own[1].bytes, one[1].bytes, "a table of codes is always the same");
    assert_ne!(one[0].bytes, contract.redrawn(2).fixtures(folder.path()).unwrap()[0].bytes);
}

#[test]
fn a_photograph_is_cut_otherwise_by_its_seed() {
    let photograph = std::fs::read(application().join("inputs/rocket.jpg")).unwrap();
    let (one, again) = (cut_otherwise(&photograph, 1).unwrap(), cut_otherwise(&photograph, 1));
    assert_eq!(one, again.unwrap());
    let size = |jpeg: &[u8]| jpeg_header(jpeg).map(|header| (header.width, header.height)).unwrap();
    let ((width, height), (given, high)) = (size(&one), size(&photograph));
    assert!(width < given && width >= given * 3 / 4, "{width} of {given}");
    assert!(height < high && height >= high * 3 / 4, "{height} of {high}");
    assert_ne!(size(&cut_otherwise(&photograph, 2).unwrap()), (width, height));
}
