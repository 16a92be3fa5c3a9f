//! Programs that are given to another one to run.
//!
//! A shell stands for an emulator here: it says what it was given, and runs it.

use photofinish_sandbox::{GuestSpec, Interpreter};

use crate::setting::{Root, keeper, run};
use crate::stories::Stories;

pub(crate) fn tell(stories: &mut Stories) {
    stories.add("an_interpreter_is_given_the_program_and_its_arguments", program_and_arguments);
    stories.add("an_interpreter_is_seen_and_cannot_be_written", its_place);
    stories.add("a_missing_program_is_named_and_not_its_interpreter", missing_program);
}

fn through_a_shell(mut spec: GuestSpec) -> GuestSpec {
    let script = "echo \"given $0 $*\"; exec \"$0\" \"$@\"";
    spec.interpreter =
        Some(Interpreter { host: "/bin/bash".into(), arguments: vec!["-c".into(), script.into()] });
    spec
}

async fn program_and_arguments() {
    let (root, keeper) = (Root::new(), keeper().await);
    for program in ["/usr/bin/env", "env"] {
        let spec = through_a_shell(root.command(&[program, "expr", "40", "+", "2"]));
        let (output, exit) = run(&keeper, &spec).await;
        assert_eq!(output, "given /usr/bin/env expr 40 + 2\n42\n");
        assert_eq!(exit.code, Some(0));
    }
}

async fn its_place() {
    let (root, keeper) = (Root::new(), keeper().await);
    let script = format!(
        "cmp {0} /bin/bash && echo same; : >> {0} || echo kept; ls -A /proc/$$/root/ | grep -c interp",
        Interpreter::PLACE
    );
    let (output, _) = run(&keeper, &through_a_shell(root.script(&script))).await;
    assert!(output.contains("\nsame\n") && output.contains("\nkept\n"), "{output}");
    assert!(output.ends_with("1\n"), "{output}");
    let (output, _) = run(&keeper, &root.script(&script)).await;
    assert!(!output.contains("same") && output.ends_with("0\n"), "{output}");
}

async fn missing_program() {
    let (root, keeper) = (Root::new(), keeper().await);
    for program in ["/no/such/program", "no-such-program"] {
        let refused = keeper.spawn(&through_a_shell(root.command(&[program]))).await;
        let refused = refused.expect_err("there is no such program").to_string();
        assert!(refused.contains(program) && refused.contains("No such file"), "{refused}");
    }
}
