//! The doctor looks at everything, says what follows, and touches nothing.

use crate::desk::{Came, Desk};

fn examine(desk: &Desk, arguments: &[&str], environment: &[(&str, &str)]) -> Came {
    let mut command = desk.command(arguments);
    command.envs(environment.iter().copied());
    Came::from(command.output().unwrap())
}

#[test]
fn every_row_says_what_was_found_and_the_last_line_what_follows() {
    let desk = Desk::small();
    let came = examine(&desk, &["doctor"], &[]).expect(0);
    for row in [
        "machine",
        "Python 3.14",
        "apt or uv",
        "sandbox",
        "user namespaces",
        "cgroups",
        "qemu-user",
        "native variant",
        "disk",
    ] {
        assert!(came.stdout.contains(&format!("  {row} ")), "{row}:\n{}", came.stdout);
    }
    let last = came.stdout.lines().last().unwrap();
    assert!(last.starts_with("On this machine: run local studies: yes; check "), "{last}");
    // Whatever is not as it should be has a mend on the next line.
    let mut lines = came.stdout.lines().peekable();
    while let Some(line) = lines.next() {
        let mark = line.split_whitespace().next().unwrap_or_default();
        if ["without", "LACKING"].contains(&mark) {
            assert!(lines.peek().is_some_and(|next| next.trim().starts_with("mend: ")), "{line}");
        }
    }
}

#[test]
fn a_machine_without_programs_or_cache_is_told_how_to_get_them_and_nothing_is_made() {
    let desk = Desk::small();
    let nowhere = desk.path("cache");
    let empty = desk.path("empty");
    std::fs::create_dir(&empty).unwrap();
    let environment =
        [("XDG_CACHE_HOME", nowhere.to_str().unwrap()), ("PATH", empty.to_str().unwrap())];
    let came = examine(&desk, &["doctor", "--json"], &environment).expect(3);
    came.says(&["this machine cannot run the local platform as it is"]);
    let came = examine(&desk, &["doctor", "--json"], &environment);
    let found: serde_json::Value = serde_json::from_str(&came.stdout).unwrap();
    assert_eq!(found["local_studies"], false);
    assert_eq!(found["native_variant"], false);
    assert_eq!(found["checks_of_other_architecture"], false);
    let row = |what: &str| {
        let rows = found["findings"].as_array().unwrap();
        rows.iter().find(|row| row["what"] == what).unwrap_or_else(|| panic!("{what}")).clone()
    };
    assert_eq!(row("Python 3.14")["state"], "lacking");
    for what in ["Python 3.14", "apt or uv"] {
        assert!(row(what)["mend"].as_str().unwrap().contains("install uv"), "{}", row(what));
    }
    assert!(row("native variant")["mend"].as_str().unwrap().contains("install Rust"));
    // It is looked for in /usr/bin as well, so it may be there.
    let mend = row("qemu-user")["mend"].as_str().unwrap_or("apt install qemu-user").to_owned();
    assert!(mend.contains("apt install qemu-user"), "{mend}");
    assert_eq!(row("disk")["state"], "ok");
    assert!(!nowhere.exists(), "the doctor made a cache");
}

#[test]
fn a_chosen_python_that_will_not_do_is_refused_with_the_reason() {
    let desk = Desk::small();
    let came = examine(&desk, &["doctor", "--python", "/bin/sh"], &[]).expect(3);
    let row = came.stdout.lines().find(|line| line.contains("Python 3.14")).unwrap();
    assert!(row.contains("LACKING") && row.contains("is no Python"), "{row}");
    assert!(came.stdout.contains("mend: give the path of a python3.14"), "{}", came.stdout);
}

#[test]
fn whoever_has_no_credentials_is_told_so_by_what_only_asks() {
    let desk = Desk::small();
    let mut command = desk.command(&["prices", "--refresh", "--into", "book"]);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.env("HOME", desk.path("nobody")).env("AWS_EC2_METADATA_DISABLED", "true");
    let came = Came::from(command.output().unwrap()).expect(3);
    came.says(&["set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"]);
    assert!(!desk.path("book").exists());
}
