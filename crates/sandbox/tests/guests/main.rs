//! Guests as their keeper's clients see them, run as root (where we are root) and as
//! an ordinary user.
//!
//! The test program is its own keeper, so its `main` is ours: `cargo test -p
//! photofinish-sandbox --test guests WORD` runs the stories whose names hold WORD.

mod confinement;
mod interpreter;
mod lifetime;
mod limits;
mod setting;
mod stories;

use std::process::ExitCode;

fn main() -> ExitCode {
    photofinish_sandbox::keeper::main_if_keeper();
    lifetime::main_if_client();
    let mut stories = stories::Stories::default();
    confinement::tell(&mut stories);
    interpreter::tell(&mut stories);
    limits::tell(&mut stories);
    lifetime::tell(&mut stories);
    stories.run()
}
