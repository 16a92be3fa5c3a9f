//! Where the kernel gives no sandbox, everything works but what needs one, and that says so.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::desk::{Came, Desk, smallest_image};

/// Runs a command as somebody who may make no namespaces: without a capability, in a user
/// namespace that allows no other.
fn without_namespaces(desk: &Desk, arguments: &[&str]) -> Came {
    const CONFINE: &str = "echo 0 > /proc/sys/user/max_user_namespaces && \
                           exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", CONFINE, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_photofinish")).args(arguments);
    command.current_dir(desk.path(".")).stdin(Stdio::null());
    Came::from(command.output().unwrap())
}

#[test]
fn without_namespaces_everything_works_but_running_functions() {
    const LACK: &str = "user namespaces are forbidden here by user.max_user_namespaces=0";
    let desk = Desk::small();
    let examined = without_namespaces(&desk, &["doctor"]).expect(3);
    let row = examined.stdout.lines().find(|line| line.contains("  sandbox "));
    assert!(row.is_some_and(|row| row.contains("LACKING") && row.contains(LACK)), "{examined:?}");
    assert!(examined.stdout.contains("mend: run `sudo sysctl -w user.max_user_namespaces="));
    assert!(examined.stdout.contains("run local studies: no"), "{}", examined.stdout);

    without_namespaces(&desk, &["plan", "study.toml"]).expect(0);
    without_namespaces(&desk, &["package", "study.toml"]).expect(0);
    without_namespaces(&desk, &["verify", "study.toml"]).expect(3).says(&[LACK, "sysctl"]);
    without_namespaces(&desk, &["serve"]).expect(3).says(&[LACK]);
    let told = without_namespaces(&desk, &["status", "study.toml"]).expect(0);
    assert!(told.stdout.contains("tries 1 of 1 deployments"), "{}", told.stdout);

    std::fs::create_dir(desk.path("in")).unwrap();
    let image = format!("applications/image-pipeline/inputs/{}.jpg", smallest_image());
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets").join(image);
    std::fs::copy(image, desk.path("in/a.jpg")).unwrap();
    without_namespaces(&desk, &["process", "--variant", "native", "in", "out"]).expect(0);
    assert!(desk.path("out/a.png").is_file());
    let pillow = ["process", "--variant", "pillow", "in", "other"];
    without_namespaces(&desk, &pillow).expect(3).says(&[LACK]);

    // What was raced where it can be is analysed and reported where it cannot.
    desk.run(&["measure", "study.toml"]).expect(0);
    without_namespaces(&desk, &["analyse", "study.toml"]).expect(0);
    without_namespaces(&desk, &["report", "study.toml"]).expect(0);
    assert!(desk.path("results/study/report/index.html").is_file());
}
