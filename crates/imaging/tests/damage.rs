//! Damaged, truncated, oversized and foreign files: an error that says what, never a panic.

use std::path::Path;

use photofinish_imaging::{
    ColourJpeg, Error, Limits, Palette, Sampling, Scale, convert, decode_grey_scaled, decode_png,
    decode_rgb, depth, encode_png8, encode_rgb, greyscale, jpeg_header, luma, luma_jpeg,
    png_header, resize, rotate, scene,
};

fn golden(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(name);
    std::fs::read(path).expect("a golden file")
}

const LIMITS: Limits = Limits { pixels: 1_000_000, bytes: 1 << 20, memory: 64 << 20 };

#[test]
fn a_jpeg_cut_anywhere_is_an_error_even_when_it_is_closed_with_an_end_marker() {
    for name in ["baseline-420.jpg", "progressive-444.jpg", "restarts-420.jpg", "grey.jpg"] {
        let whole = golden(name);
        assert!(greyscale(&whole, 95, LIMITS).is_ok(), "{name}");
        for part in 1..20 {
            let cut = &whole[..whole.len() * part / 20];
            assert!(greyscale(cut, 95, LIMITS).is_err(), "{name} cut after {part} twentieths");
            let closed = [cut, &[0xff, 0xd9]].concat();
            // Cut in its last scan, a progressive picture only lacks its finest detail, but the
            // blocks are counted all the same.
            assert!(greyscale(&closed, 95, LIMITS).is_err(), "{name} closed after {part}");
        }
        assert!(greyscale(&whole[..whole.len() - 2], 95, LIMITS).is_err(), "{name} without end");
    }
}

#[test]
fn a_png_cut_or_changed_anywhere_is_an_error() {
    let whole = golden("codes.png");
    for length in 0..whole.len() {
        assert!(depth(&whole[..length], LIMITS).is_err(), "{length} bytes");
    }
    for at in 8..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        assert!(png_header(&changed).is_err(), "byte {at}");
        assert!(depth(&changed, LIMITS).is_err(), "byte {at}");
    }
    let longer = [whole.as_slice(), b"more"].concat();
    assert_eq!(png_header(&longer).expect("whole").trailing_bytes, 4);
}

#[test]
fn each_function_says_what_it_was_given_instead() {
    let (jpeg, png8, png16) = (golden("grey.jpg"), golden("codes-8.png"), golden("codes.png"));
    let said = |result: Result<Vec<u8>, Error>| result.expect_err("refused").to_string();
    assert_eq!(said(greyscale(&png8, 95, LIMITS)), "is no JPEG: it begins with a PNG's signature");
    assert_eq!(said(depth(&jpeg, LIMITS)), "is no PNG: it begins with a JPEG's signature");
    assert_eq!(
        said(depth(&png8, LIMITS)),
        "is an 8-bit PNG, and 16-bit greyscale PNG is asked for"
    );
    assert_eq!(
        said(rotate(&png16, 95, LIMITS)),
        "is a 16-bit PNG, and 8-bit greyscale PNG is asked for"
    );
    assert_eq!(said(convert(b"", LIMITS)), "is no JPEG: it begins with nothing: it is empty");
    let cmyk = said(greyscale(&golden("cmyk.jpg"), 95, LIMITS));
    assert_eq!(cmyk, "is a CMYK JPEG, and 8-bit grey or colour JPEG is asked for");
}

#[test]
fn size_is_refused_from_the_header() {
    let mut jpeg = golden("grey.jpg");
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    let refused = resize(&jpeg, 800, 600, LIMITS).expect_err("too large");
    assert_eq!(refused, Error::TooLarge { width: 65_535, height: 65_535, limit: 1_000_000 });
    let picture = luma(&scene(1, 1200, 900, Palette::Smooth));
    let png = encode_png8(&picture).expect("a PNG");
    let refused = decode_png(&png, LIMITS).expect_err("too large");
    assert_eq!(refused, Error::TooLarge { width: 1200, height: 900, limit: 1_000_000 });
}

#[test]
fn a_second_frame_header_after_the_scans_is_an_error_wherever_it_is_met() {
    // Of progressive scans it would make baseline ones, which lack tables.
    let whole = golden("progressive-444.jpg");
    let frame = whole.windows(2).position(|pair| pair == [0xff, 0xc2]).expect("a frame");
    let mut second = whole[frame..frame + 19].to_vec();
    second[1] = 0xc0;
    let end = whole.len() - 2;
    let two = [&whole[..end], &second, &whole[end..]].concat();
    let refused = Error::Damaged("it has two frame headers".to_owned());
    assert_eq!(jpeg_header(&two), Err(refused.clone()));
    assert_eq!(luma_jpeg(&two, LIMITS), Err(refused.clone()));
    assert_eq!(greyscale(&two, 95, LIMITS), Err(refused.clone()));
    assert_eq!(resize(&two, 80, 60, LIMITS), Err(refused.clone()));
    assert_eq!(convert(&two, LIMITS), Err(refused));
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xff, marker], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
}

/// Bits as bytes, filled up with ones.
fn packed(bits: &str) -> Vec<u8> {
    let bits: Vec<u8> = bits.bytes().filter(u8::is_ascii_digit).map(|bit| bit - b'0').collect();
    let bit = |eight: &[u8], at: usize| eight.get(at).copied().unwrap_or(1);
    bits.chunks(8).map(|eight| (0..8).fold(0, |byte, at| byte << 1 | bit(eight, at))).collect()
}

/// What a grey JPEG of one block begins with. The code of its mean is 0, which says that it is none.
/// Of its other coefficients' 0 says that the block ends, 110 sixteen zeros, 1110 and a bit five zeros
/// and a one, 11110 and ten bits a number.
fn opening(frame: u8, steps: &[u8]) -> Vec<u8> {
    let (mut dc, mut ac) = ([0; 16], [0; 16]);
    dc[0] = 1;
    ac[..5].fill(1);
    [
        &[0xff, 0xd8],
        segment(0xdb, steps).as_slice(),
        &segment(frame, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]),
        &segment(0xc4, &[[0x00].as_slice(), &dc, &[0]].concat()),
        &segment(0xc4, &[[0x10].as_slice(), &ac, &[0x00, 0x10, 0xf0, 0x51, 0x0a]].concat()),
    ]
    .concat()
}

/// A progressive JPEG of one block: its mean, then scans of its other coefficients, each with how
/// many of the lowest bits were and are left, and with its bits. In them 10 and a bit says that two or
/// three blocks end.
fn one_block(steps: &[u8], scans: &[(u8, &str)]) -> Vec<u8> {
    let mut file = opening(0xc2, steps);
    file.extend(segment(0xda, &[1, 1, 0, 0, 0, 0]));
    file.push(0x7f);
    for &(left, bits) in scans {
        file.extend(segment(0xda, &[1, 1, 0, 1, 63, left]));
        file.extend(packed(bits));
    }
    file.extend([0xff, 0xd9]);
    file
}

/// A baseline JPEG of one block.
fn baseline_block(bits: &str) -> Vec<u8> {
    let scan = segment(0xda, &[1, 1, 0, 0, 63, 0]);
    [opening(0xc0, &ONES), scan, packed(bits), vec![0xff, 0xd9]].concat()
}

const ONES: [u8; 65] = {
    let mut steps = [1; 65];
    steps[0] = 0;
    steps
};

#[test]
fn a_scan_that_says_what_its_blocks_cannot_hold_is_an_error() {
    assert!(convert(&one_block(&ONES, &[(0x00, "0")]), LIMITS).is_ok());
    let begun = (0x01, "0");
    for (scans, what) in [
        // Two blocks end where there is one; 16 zeros four times; five zeros before the last two.
        ([(0x00, "100")].as_slice(), "are damaged: after 1 of"),
        (&[(0x00, "110 110 110 110")], "are damaged: after 0 of"),
        (&[(0x00, "110 110 110 11101 11101 11101")], "are damaged: after 0 of"),
        (&[(0x02, "11110 1111111111 0")], "are damaged, with a coefficient out of range"),
        (&[(0x00, "0"), (0x00, "0")], "a scan gives bits that an earlier one gave"),
        (&[(0x10, "0")], "a scan gives bits that an earlier one gave, or before it should"),
        (&[begun, (0x10, "110 110 110 11101 11101 11101")], "are damaged: after 0 of"),
        (&[begun, (0x10, "11110 0")], "are damaged: after 0 of"),
    ] {
        let refused = convert(&one_block(&ONES, scans), LIMITS).expect_err("damaged").to_string();
        assert!(refused.contains(what), "{scans:?}: {refused}");
    }
}

#[test]
fn a_baseline_block_is_refused_by_all_who_go_over_it_or_by_none() {
    let (five, number, sixteen) = ("11101", "11110 1000000000", "110");
    let whole = [five, five, number, number, sixteen, sixteen, number, "0"].join(" ");
    let whole = baseline_block(&format!("0 {whole}"));
    assert!(luma_jpeg(&whole, LIMITS).expect("a picture").is_some());
    for codes in [
        [sixteen; 4].as_slice(),
        // Zeros up to the last place, of which no code of them may be the end; and beyond it.
        &[five, five, number, number, number, sixteen, sixteen, sixteen],
        &[sixteen, sixteen, sixteen, five, five, five],
    ] {
        let bits = format!("0 {} 0", codes.join(" "));
        let damaged = baseline_block(&bits);
        let refused = convert(&damaged, LIMITS).expect_err("damaged");
        assert!(refused.to_string().contains("are damaged: after 0 of 1"), "{bits}: {refused}");
        assert_eq!(luma_jpeg(&damaged, LIMITS), Err(refused.clone()), "{bits}");
        for scale in [Scale::Half, Scale::Quarter, Scale::Eighth] {
            let scaled = decode_grey_scaled(&damaged, LIMITS, scale);
            assert_eq!(scaled.err(), Some(refused.clone()), "{bits}, {scale:?}");
        }
    }
}

#[test]
fn steps_that_a_baseline_jpeg_cannot_tell_are_not_taken_over() {
    let whole = [(0x00, "0")];
    assert!(luma_jpeg(&one_block(&ONES, &whole), LIMITS).expect("a picture").is_some());
    // Of 16 bits, the last of them 256.
    let mut wide = vec![0x10];
    wide.extend([0, 1].repeat(63));
    wide.extend([1, 0]);
    assert_eq!(luma_jpeg(&one_block(&wide, &whole), LIMITS), Ok(None));
}

#[test]
fn no_change_of_bytes_makes_it_panic() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let scene = scene(3, 40, 30, Palette::Natural);
    let how = ColourJpeg { quality: 80, sampling: Sampling::Half, progressive: true };
    let mut files = vec![encode_rgb(&scene, how).expect("a JPEG"), golden("codes-interlaced.png")];
    files.extend(
        ["baseline-420.jpg", "restarts-420.jpg", "orientation-6.jpg", "cmyk.jpg"].map(golden),
    );
    let few = Limits { pixels: 20_000, ..Limits::default() };
    for file in &files {
        for _ in 0..400 {
            let mut changed = file.clone();
            for _ in 0..=random(4) {
                let at = random(changed.len());
                changed[at] = random(256) as u8;
            }
            if random(4) == 0 {
                changed.truncate(random(changed.len()));
            }
            // Either answer is right: what matters is that there is one.
            let _ = greyscale(&changed, 95, few);
            let _ = decode_rgb(&changed, few);
            let _ = decode_grey_scaled(&changed, few, Scale::Half);
            let _ = resize(&changed, 80, 60, few);
            let _ = depth(&changed, few);
            let _ = convert(&changed, few);
        }
    }
}
