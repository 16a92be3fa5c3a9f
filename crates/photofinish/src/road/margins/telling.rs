//! The margins on a terminal and as JSON.

use photofinish_verify::{Bound, Extreme, Margin, Side, Tested, figure};
use serde_json::{Value, json};

use super::found::{Counts, Found, OfFunction};
use crate::progress::counted;

pub(super) fn print(found: &Found) {
    for (draw, title) in found.draws.iter().enumerate() {
        println!("{} on {title}", found.application);
        for (function, tested) in found.of_draw(draw) {
            println!("\n{}: {}", function.function, counts(&Counts::of(tested)));
            if !found.quick {
                function.margins(tested).iter().for_each(print_margin);
            }
        }
        let wrong: Vec<&Tested> = found
            .of_draw(draw)
            .flat_map(|(_, tested)| tested)
            .filter(|tested| !tested.is_as_it_must_be())
            .collect();
        println!();
        for tested in &wrong {
            print_fault(tested);
        }
        if wrong.is_empty() {
            println!("every right one is accepted, and every wrong one rejected\n");
        }
    }
}

/// How many there are and how they fared.
pub(super) fn counts(counts: &Counts) -> String {
    let Counts { right, accepted, wrong, rejected, by_failing } = counts;
    let failing = match by_failing {
        0 => String::new(),
        some => format!(", {some} of them by failing"),
    };
    format!("{accepted} of {right} right accepted, {rejected} of {wrong} wrong rejected{failing}")
}

fn print_margin(margin: &Margin) {
    println!("  {:<13} {}", margin.limit, allowed(margin));
    print_extreme("worst right", margin.worst_right.as_ref(), "");
    let rejects = match (margin.rejects, margin.alone.len()) {
        (0, _) => "rejects none".to_owned(),
        (all, 0) => format!("rejects {all}"),
        (all, alone) => format!("rejects {all}, {alone} of them alone"),
    };
    print_extreme("nearest wrong", margin.nearest_wrong.as_ref(), &rejects);
}

fn print_extreme(what: &str, extreme: Option<&Extreme>, more: &str) {
    let Some(extreme) = extreme else {
        println!("    {what:<13}         -  {more}");
        return;
    };
    let more = if more.is_empty() { String::new() } else { format!("; {more}") };
    let (value, name) = (figure(extreme.value), &extreme.name);
    println!("    {what:<13} {value:>9}  {name} on {}{more}", extreme.fixture);
}

/// The limit with its side.
pub(super) fn allowed(margin: &Margin) -> String {
    match margin.bound {
        Bound::Most => format!("at most {}", figure(margin.allowed)),
        Bound::Least => format!("at least {}", figure(margin.allowed)),
    }
}

fn print_fault(tested: &Tested) {
    let Tested { mutant, judged } = tested;
    match mutant.side {
        Side::Right => {
            for (fixture, judgement) in tested.rejections() {
                let reason = judgement.reason.as_deref().unwrap_or_default();
                println!("REJECTED {mutant} on {fixture}: {reason}");
            }
        }
        Side::Wrong { .. } => {
            let on = counted(judged.len(), "fixture");
            println!("ACCEPTED {mutant} on {on}: {}", mutant.says);
        }
    }
}

pub(super) fn as_json(found: &Found) -> Value {
    let draws = found.draws.iter().enumerate().map(|(draw, title)| {
        let functions = found.of_draw(draw).map(|(function, tested)| of_function(function, tested));
        json!({ "pictures": title, "functions": functions.collect::<Vec<_>>() })
    });
    json!({
        "format": 1,
        "application": found.application.as_str(),
        "is_as_it_must_be": found.is_as_it_must_be(),
        "draws": draws.collect::<Vec<_>>(),
    })
}

fn of_function(function: &OfFunction, tested: &[Tested]) -> Value {
    let counts = Counts::of(tested);
    json!({
        "function": function.function.as_str(),
        "right": { "files": counts.right, "accepted": counts.accepted },
        "wrong": {
            "files": counts.wrong,
            "rejected": counts.rejected,
            "by_failing": counts.by_failing,
        },
        "limits": function.margins(tested),
        "files": tested.iter().map(of_file).collect::<Vec<_>>(),
    })
}

fn of_file(tested: &Tested) -> Value {
    let mutant = &tested.mutant;
    let kind = match &mutant.side {
        Side::Right => None,
        Side::Wrong { kind } => Some(kind),
    };
    let judged = tested.judged.iter().map(|(fixture, judgement)| {
        json!({
            "fixture": fixture,
            "accepted": judgement.accepted,
            "reason": judgement.reason,
            "mistake": judgement.mistake,
            "checks": judgement.checks,
        })
    });
    json!({
        "file": mutant.to_string(),
        "is_right": kind.is_none(),
        "kind": kind,
        "says": mutant.says,
        "layers": mutant.layers,
        "is_as_it_must_be": tested.is_as_it_must_be(),
        "fixtures": judged.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_the_decimals_that_tell() {
        let figures = [255.0, 1.6, 0.002, 38.517, -6.0, 0.0, f64::INFINITY].map(figure);
        assert_eq!(figures, ["255", "1.6", "0.002", "38.517", "-6", "0", "inf"]);
    }
}
