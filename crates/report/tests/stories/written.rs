//! What is told of the models: on the page, in the terminal, in the tables.

use photofinish_analyse::Interval;
use photofinish_report::page::render;
use photofinish_report::terminal::{self, Ink, View};
use photofinish_report::{ReportData, Sent};
use photofinish_study::Digest;
use photofinish_study::record::{Channel, Ending, Generation};

use crate::demo;

const PIPE: View = View { width: None, ink: Ink::Plain };

/// The page's section of the models.
fn section(data: &ReportData) -> String {
    let page = render(data);
    let section = page.split("<h2 id=\"written\">").nth(1).expect("a section of the models");
    section.split("</section>").next().unwrap().to_owned()
}

/// The figures of a row of a table, from its function's first row on.
fn row(section: &str, table: &str, function: &str, variant: &str) -> String {
    let table = section.split(&format!("aria-label=\"{table}\"")).nth(1).expect(table);
    let table = table.split("</table>").next().unwrap();
    let rows = table.split(&format!("<th scope=\"row\">{function}</th>")).nth(1).expect(function);
    let row = rows.split("</tr>").find(|row| row.contains(&format!("<td>{variant}")));
    row.expect(variant).to_owned()
}

#[test]
fn a_study_without_models_says_nothing_of_them() {
    let data = demo::whole();
    assert!(!render(&data).contains("Written by models"));
    assert!(!render(&data).contains("What the models were asked"));
    assert!(!terminal::render(&data, PIPE).contains("written by models"));
}

#[test]
fn each_model_and_function_is_right_so_often_with_an_interval_and_at_a_price() {
    let data = demo::authored();
    let section = section(&data);
    let greyscale = row(&section, "How often first answers are right", "greyscale", "gpt-5");
    assert!(greyscale.contains("<b>9</b> of 10</td>"), "{greyscale}");
    assert!(greyscale.contains("<td class=\"n\">90 [55, 100]</td>"), "{greyscale}");
    for heading in ["pass@1", "pass@3", "pass@5", "pass^3", "eff@1"] {
        assert!(section.contains(&format!(">{heading}</th>")), "{heading}");
    }
    assert!(section.contains("<th scope=\"row\">pipeline</th>"));
    assert!(section.contains("Speeds on aws/x86_64/1769, gpt-5/1 being 1."));
    let took = row(&section, "What first answers took", "greyscale", "gpt-5");
    assert!(took.contains("<td class=\"n\">$0.0"), "{took}");
}

#[test]
fn an_interval_that_says_next_to_nothing_is_called_wide() {
    let mut data = demo::authored();
    let convert = |data: &ReportData| {
        row(&section(data), "How often first answers are right", "convert", "gpt-5")
    };
    let shown = convert(&data);
    assert!(shown.contains("60 [26, 88] <span class=\"note small\">wide</span>"), "{shown}");
    for score in &mut data.written.scores {
        for draw in &mut score.of_all.one_of {
            draw.interval = draw.interval.map(|ends| Interval { low: ends.high - 0.2, ..ends });
        }
    }
    assert!(!section(&data).contains(">wide<"));
    assert!(convert(&data).contains("60 ["));
}

#[test]
fn no_right_answer_is_told_with_what_it_cost() {
    let mut data = demo::authored();
    let money = &mut data.written.scores[0].money;
    (money.spent_usd, money.per_right_usd) = (Some(0.25), None);
    money.interval = Some(Interval { low: 0.08, high: f64::INFINITY });
    let said = "no right one for $0.2500";
    assert!(section(&data).contains(said));
    assert!(terminal::render(&data, PIPE).contains(said));
}

#[test]
fn repaired_answers_stand_apart_from_first_ones() {
    let section = section(&demo::authored());
    let (first, repaired) = section.split_once("<h3>After repairs</h3>").expect("a table of them");
    assert!(!first.contains("after r1") && repaired.contains("<td>gpt-5 after r1</td>"));
    let mut data = demo::authored();
    data.written.scores.retain(|score| score.repair == 0);
    assert!(!render(&data).contains("After repairs"));
}

#[test]
fn another_model_than_was_asked_is_flagged_and_a_stand_in_is_named() {
    let mut data = demo::authored();
    let rows = data.written.generations.len();
    let of_gemini = |row: &&Generation| row.contestant.variant.as_str() == "gemini-3-pro";
    let all = data.written.generations.iter().filter(of_gemini).count();
    let other =
        format!("gemini:gemini-3.1-pro was asked, and gemini-3-flash gave 2 of {all} answers");
    let flagged = format!("<b>gemini-3-pro</b>: <span class=\"bad\">{other}</span>");
    assert!(section(&data).contains(&flagged), "{flagged}");
    let stand_in = "openai:gpt-5.6-sol stands in for openai:gpt-5, which cannot be asked";
    let text = terminal::render(&data, PIPE);
    assert!(text.contains(&other) && text.contains(stand_in) && section(&data).contains(stand_in));
    assert!(text.contains("imports what is not there: cv2 (one answer)"));
    data.written.generations.iter_mut().for_each(|row| row.as_asked = Some(true));
    assert!(!section(&data).contains("gave 2 of"));
    assert_eq!(data.written.generations.len(), rows);
}

#[test]
fn what_was_pasted_and_what_has_no_code_is_said() {
    let mut data = demo::authored();
    let rows = &mut data.written.generations;
    rows.iter_mut().for_each(|row| row.ending = Ending::Complete);
    rows.truncate(2);
    (rows[0].channel, rows[1].ending, rows[1].served) = (Channel::Pasted, Ending::Refused, None);
    let text = terminal::render(&data, PIPE);
    for said in [
        "one answer pasted by hand: that openai:gpt-5.6-sol wrote them is what whoever did it says",
        "of 2 answers, 1 refused",
        "1 of 2 answers do not say which model gave them",
    ] {
        assert!(text.contains(said), "{said}: {text}");
        assert!(section(&data).contains(said), "{said}");
    }
}

#[test]
fn what_reading_the_code_shows_stands_beside_the_figures_and_judges_nothing() {
    let mut data = demo::authored();
    let said =
        "seen in its code, not judged: bare except (one answer), loop over pixels (one answer)";
    let text = terminal::render(&data, PIPE);
    assert!(text.contains(said), "{text}");
    let shown = section(&data);
    let table = shown.split("aria-label=\"What is seen in the code\"").nth(1).expect("a table");
    let row = table.split("<tr>").find(|row| row.contains("bare except")).expect("a row");
    let answer = &data.written.generations[5];
    for cell in [
        format!("<td>{}</td>", answer.contestant),
        "<td class=\"n\">40</td><td class=\"n\">6</td>".to_owned(),
        "line 12: getpixel in a loop; loop over pixels in line 30".to_owned(),
    ] {
        assert!(row.contains(&cell), "{cell}: {row}");
    }
    let before = data.written.scores.clone();
    data.written.generations.iter_mut().for_each(|row| (row.lines, row.seen) = (None, vec![]));
    assert!(!section(&data).contains("What is seen in the code"));
    assert_eq!(data.written.scores, before);
}

#[test]
fn when_dearer_writing_has_paid_is_a_sentence_for_each_pair() {
    let data = demo::authored();
    let section = section(&data);
    assert!(!data.written.repaid.is_empty());
    assert!(section.contains("When dearer writing has paid"), "{section}");
    let text = terminal::render(&data, PIPE);
    let sentences = text.lines().filter(|line| line.contains("more to write than"));
    assert_eq!(sentences.count(), data.written.repaid.len());
    assert!(text.contains("and has repaid it after ") || text.contains("never repays it"));
}

#[test]
fn the_appendix_proves_that_all_were_asked_the_same_but_for_the_notes() {
    let mut data = demo::authored();
    let page = render(&data);
    assert!(page.contains("Of 15 prompts sent, 10 are the common text and 5 the common text and a note; none is anything else."));
    let prompt = &data.written.prompts[0];
    assert!(page.contains(Digest::of(prompt.text.as_bytes()).as_str()));
    assert!(page.contains("Put the file into one fenced block."));
    let found: Vec<Sent> = prompt.models.iter().map(|to| prompt.sent(to)).collect();
    assert_eq!(found, [Sent::Same, Sent::Same, Sent::WithNote]);
    data.written.prompts[0].models[0].sha256 = Digest::of(b"and be quick about it");
    assert!(render(&data).contains("<b class=\"bad\">1 are neither.</b>"));
}

#[test]
fn what_an_answer_says_stays_text() {
    let mut data = demo::authored();
    for row in &mut data.written.generations {
        row.asked = "</td><script>".into();
        (row.served, row.as_asked) = (Some("\u{1b}[31m<img>".into()), Some(false));
        row.missing_imports = vec!["<b>".into()];
        row.seen = vec!["<img>".into()];
    }
    data.written.prompts[0].text = "</pre><script>".into();
    let page = render(&data);
    assert!(!page.contains("<script") && !page.contains("<img>") && !page.contains("(<b>"));
    assert!(!terminal::render(&data, PIPE).contains('\u{1b}'));
}
