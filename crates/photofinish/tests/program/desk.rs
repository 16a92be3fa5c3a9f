//! The program as a user has it: a study in a folder of its own, a command, what it printed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with a study in it.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A study that is over in seconds: two functions, one picture, two rounds.
pub(crate) const SMALL: &str = r#"
application = "image-pipeline"
functions = ["greyscale", "resize"]
passes = 2
rounds = 2
stages = 1
timeout_s = 5
flow = ["chained"]
images = ["IMAGE"]

[[variant]]
name = "pillow"
source = "pillow"

[[target]]
platform = "local"
"#;

impl Desk {
    /// A desk with this text as `study.toml`.
    pub(crate) fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let desk = Self { folder };
        desk.write("study.toml", text);
        desk
    }

    /// A desk with the small study.
    pub(crate) fn small() -> Self {
        Self::with(&small())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A variant folder beside the study, with this code for each of its functions.
    pub(crate) fn variant(&self, name: &str, functions: &[(&str, &str)]) {
        for (function, code) in functions {
            self.write(&format!("{name}/{function}/lambda_function.py"), code);
        }
    }

    /// A copy of functions of a bundled variant, as a variant folder beside the study.
    pub(crate) fn bundled_variant(&self, bundled: &str, name: &str, functions: &[&str]) {
        let variants = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../assets/applications/image-pipeline/variants");
        for function in functions {
            let code = variants.join(bundled).join(function).join("lambda_function.py");
            let code = std::fs::read_to_string(&code).unwrap();
            self.write(&format!("{name}/{function}/lambda_function.py"), &code);
        }
    }

    /// The command, not yet started, in this folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_photofinish"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Came {
        Came::from(self.command(arguments).output().unwrap())
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The rows of a CSV in the report, each a map from column to value.
    pub(crate) fn table(
        &self,
        study: &str,
        name: &str,
    ) -> Vec<std::collections::HashMap<String, String>> {
        let path = self.path(&format!("results/{study}/report/data/{name}.csv"));
        rows(&path)
    }
}

/// The small study over the smallest bundled picture.
pub(crate) fn small() -> String {
    SMALL.replace("IMAGE", smallest_image())
}

/// The name of the smallest picture that the application ships.
pub(crate) fn smallest_image() -> &'static str {
    let inputs =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/applications/image-pipeline/inputs");
    let mut pictures: Vec<(u64, String)> = std::fs::read_dir(inputs)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "jpg"))
        .map(|entry| {
            let stem = entry.path().file_stem().unwrap().to_string_lossy().into_owned();
            (entry.metadata().unwrap().len(), stem)
        })
        .collect();
    pictures.sort();
    pictures.swap_remove(0).1.leak()
}

fn rows(path: &Path) -> Vec<std::collections::HashMap<String, String>> {
    let mut reader =
        csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    reader.deserialize().map(Result::unwrap).collect()
}

impl From<Output> for Came {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Came {
    /// Fails the test with everything that was printed unless the exit code is this one.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails the test unless stderr says all of these.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is missing in:\n{}", self.stderr);
        }
        self
    }
}
