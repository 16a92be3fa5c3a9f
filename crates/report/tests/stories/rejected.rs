//! Rejected outputs, in words and in pictures.

use photofinish_report::page::render;

use crate::demo;
use crate::simulated::name;

#[test]
fn a_rejected_output_stands_beside_what_was_asked_for() {
    let page = render(&demo::whole());
    assert_eq!(page.matches("<figure class=\"pictures\">").count(), 3);
    assert_eq!(page.matches("src=\"data:image/png;base64,iVBORw0KGgo").count(), 3 + 2 + 1);
    assert_eq!(page.matches("nothing to show").count(), 1 + 2);
    assert!(page.contains("<h3>plain/1@x86_64, rotate of meadow</h3>"));
    assert!(page.contains("alt=\"rotate: difference\""));
    assert!(page.contains("it is 800x600 where 600x800 is asked for"));
}

#[test]
fn no_more_than_twelve_are_shown_and_each_function_has_its_turn() {
    let mut data = demo::whole();
    let one = data.pictures[0].clone();
    data.pictures = vec![one.clone(); 20];
    data.pictures[19].function = name("convert");
    let page = render(&data);
    assert_eq!(page.matches("<figure class=\"pictures\">").count(), 12);
    assert!(page.contains("<h3>plain/1@x86_64, convert of meadow</h3>"), "the last is shown too");
    assert!(page.contains("8 more are not shown."));
}

#[test]
fn the_table_names_the_check_that_failed() {
    let page = render(&demo::whole());
    assert!(page.contains("<span class=\"bad\">✕ largest block difference</span>"));
    assert!(page.contains("rejected, 3 of 3"));
}
