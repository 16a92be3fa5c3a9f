//! The native functions behind the line protocol that `contestants/protocol.py` describes; with
//! arguments `scene SEED WIDTH HEIGHT FILE` it writes a generated picture as PPM instead, and with
//! `floors COLOUR GREY` it says how long the parts of the work take that cannot be left out.

mod floors;
mod works;

use std::io::{BufRead, Write};
use std::process::ExitCode;

use rustix::time::{ClockId, clock_gettime};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [] => serve(),
        [asked, seed, width, height, file] if asked == "scene" => {
            works::scene(seed, width, height, file)
        }
        [asked, colour, grey] if asked == "floors" => floors::print(colour, grey, cpu_nanoseconds),
        _ => Err("give nothing, `scene SEED WIDTH HEIGHT FILE` or `floors COLOUR GREY`".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// Answers requests until there are no more.
fn serve() -> Result<(), String> {
    let mut answers = std::io::stdout();
    writeln!(answers, "{}", works::greeting()).map_err(|error| error.to_string())?;
    let mut held = Held::default();
    for request in std::io::stdin().lock().lines() {
        let request = request.map_err(|error| error.to_string())?;
        let answer = answer(&request, &mut held).unwrap_or_else(|reason| format!("! {reason}"));
        writeln!(answers, "{answer}").map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The last input, so that reading it is not timed.
#[derive(Default)]
struct Held {
    file: String,
    bytes: Vec<u8>,
}

impl Held {
    fn bytes(&mut self, file: &str) -> Result<&[u8], String> {
        if self.file != file {
            self.bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
            file.clone_into(&mut self.file);
        }
        Ok(&self.bytes)
    }
}

fn answer(request: &str, held: &mut Held) -> Result<String, String> {
    let fields: Vec<&str> = request.split('\t').collect();
    let &[work, _idiom, repeats, source, target] = fields.as_slice() else {
        return Err(format!("{} fields, not 5", fields.len()));
    };
    let run = works::named(work).ok_or_else(|| format!("no work is called {work}"))?;
    let repeats: u64 = repeats.parse().map_err(|_| format!("{repeats} repeats"))?;
    let input = held.bytes(source)?;
    let mut made = Vec::new();
    let start = cpu_nanoseconds();
    for _ in 0..repeats {
        made = run(input)?;
    }
    let taken = cpu_nanoseconds() - start;
    if !target.is_empty() {
        std::fs::write(target, &made).map_err(|error| format!("{target}: {error}"))?;
    }
    Ok(format!("{}\t{}", taken / repeats.max(1), made.len()))
}

/// What all threads of this process have used.
fn cpu_nanoseconds() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}
