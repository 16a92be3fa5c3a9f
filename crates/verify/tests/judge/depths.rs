//! Wrong ways from 10 bits to 8.

use photofinish_imaging::{Plane, encode_grey, to_eight_bits};

use crate::desk::*;

#[test]
fn wrong_depths_are_rejected_by_name() {
    let input = input_of("depth");
    let given = codes(&input);
    for (map, mistake) in [
        ((|code| code.min(255)) as fn(u16) -> u16, "codes clipped at 255 instead of scaled"),
        (|code| code & 255, "the low byte of the code"),
        (|code| code >> 8, "the high byte of the code, as if it reached 65535"),
        (|code| (code >> 1).min(255), "codes divided by 2 and cut off"),
        (|code| code >> 3, "codes divided by 8"),
        (|code| code >> 4, "codes divided by 16, as if they were of 12 bits"),
        (|code| 255 - (code >> 2), "an inverted picture"),
        (|_| 0, "a black picture"),
    ] {
        let made = given.map(|code| map(code.min(1023)) as u8);
        assert_mistake("depth", &input, &png8(&made), mistake);
    }
    let right = to_eight_bits(&given);
    assert_mistake("depth", &input, &input, "the input, passed on as it came");
    assert_mistake(
        "depth",
        &input,
        &png16(&right.map(u16::from)),
        "8-bit levels left in a 16-bit picture",
    );
    assert_mistake("depth", &input, &jpeg(&right), "a JPEG under a PNG's name");
}

#[test]
fn a_depth_map_keeps_its_levels_and_gives_one_for_each_code() {
    let input = fixture("all-codes");
    let right = to_eight_bits(&codes(&input));
    let judgement = assert_accepted("depth", &input, &png8(&right), "exact");
    let levels = judgement.checks.iter().find(|check| check.name == "levels over all codes");
    assert_eq!(levels.and_then(|check| check.value), Some(256.0));
    let failed = |made: &Plane<u8>| {
        let judgement = judged("depth", &input, &png8(made));
        assert!(!judgement.accepted);
        judgement.deciding().expect("a check").name.to_string()
    };
    // Each pixel within 1, and wrong all the same.
    let mut dithered = right.clone();
    let dither = |(place, level): (usize, &mut u8)| {
        *level = level.saturating_add(u8::from(place % 2 == 1 && *level < 254));
    };
    dithered.samples.iter_mut().enumerate().for_each(dither);
    assert_eq!(failed(&dithered), "one level for each code");
    assert_eq!(failed(&right.map(|level| (level | 1).min(254))), "0 stays 0 and 1023 becomes 255");
    let halved = right.map(|level| if level < 2 { 0 } else { level | 1 });
    assert_eq!(failed(&halved), "levels over all codes");
}

#[test]
fn a_depth_map_that_wraps_a_filters_overshoot_is_wrong() {
    let input = fixture("overshoot");
    let given = codes(&input);
    assert!(given.samples.iter().any(|&code| code > 1023));
    let right = given.map(|code| ((f64::from(code.min(1023)) * 255.0 / 1023.0).round()) as u8);
    assert_accepted("depth", &input, &png8(&right), "overshoot counts as white");
    let wrapped = given.map(|code| ((f64::from(code) * 255.0 / 1023.0).round() as u32 % 256) as u8);
    let mistake = "codes above 1023 wrapped instead of white";
    assert_mistake("depth", &input, &png8(&wrapped), mistake);
}

#[test]
fn depths_that_go_astray_in_other_ways_are_named() {
    let input = input_of("depth");
    let given = codes(&input);
    let right = to_eight_bits(&given);
    let through = grey(&encode_grey(&right, 75).expect("a JPEG"));
    let mut dithered = right.clone();
    let mut carried = 0_i32;
    for (level, right) in dithered.samples.iter_mut().zip(&right.samples) {
        let wanted = i32::from(*right) + carried;
        *level = if wanted < 128 { 0 } else { 255 };
        carried = wanted - i32::from(*level);
    }
    for (made, mistake) in [
        (right.map(|level| level & 0xfc), "a picture posterised to 6 bits"),
        (
            right.map(|level| ((u16::from(level) + 2) / 4 * 4).min(255) as u8),
            "a picture posterised to 6 bits",
        ),
        (through, "another lossy JPEG on the way"),
        (dithered, "a picture dithered to black and white"),
        (
            given.map(|code| byte(255.0 * (f32::from(code) / 1023.0).powf(1.0 / 2.2))),
            "a gamma of 2.2 applied",
        ),
        (
            given.map(|code| (u32::from(code) * 255 % 65_536 / 1023) as u8),
            "a product that overflowed 16 bits",
        ),
        (shifted(&right, 1, 1), "a shift by one pixel to the right and one row down"),
    ] {
        assert_mistake("depth", &input, &png8(&made), mistake);
    }
    for (made, mistake) in [
        (given.clone(), "the input, passed on as it came"),
        (
            right.map(|level| u16::from(level) * 257),
            "levels scaled to 16 bits instead of left at 8",
        ),
    ] {
        assert_mistake("depth", &input, &png16(&made), mistake);
    }
    // The same samples, but not the same bytes.
    let codes = given.map(|code| if code == 512 { 513 } else { code });
    assert_mistake("depth", &input, &png16(&codes), "10-bit samples left in a 16-bit picture");
}

#[test]
fn levels_dithered_between_neighbours_are_told_from_rounding() {
    let input = fixture("all-codes");
    let mut made = to_eight_bits(&codes(&input));
    for level in made.samples.iter_mut().step_by(3) {
        *level = level.saturating_add(1);
    }
    assert_mistake("depth", &input, &png8(&made), "levels dithered between neighbours");
}
