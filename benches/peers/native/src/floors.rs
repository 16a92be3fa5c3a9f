//! What no implementation can do without: reading the entropy-coded bits, and moving the samples.

use std::hint::black_box;

use photofinish_imaging::{
    Error, Limits, Scale, decode_grey, decode_grey_scaled, encode_grey, encode_png8, to_eight_bits,
};

const TIMES: usize = 15;

/// What is timed.
type Part<'a> = &'a dyn Fn() -> Result<(), Error>;

/// Prints a line for each: its name, and the quartiles of its CPU time in nanoseconds.
pub(crate) fn print(colour: &str, grey: &str, clock: fn() -> u64) -> Result<(), String> {
    let read = |file: &str| std::fs::read(file).map_err(|error| format!("{file}: {error}"));
    let (colour, grey) = (read(colour)?, read(grey)?);
    let told = |error: Error| error.to_string();
    let limits = Limits::default();
    let (plane, _) = decode_grey(&grey, limits).map_err(told)?;
    let codes = plane.map(|level| u16::from(level) * 4);

    // At an eighth of the size hardly anything but the entropy decoding is left.
    let eighth = |bytes: &[u8]| decode_grey_scaled(bytes, limits, Scale::Eighth).map(drop);
    let whole = |bytes: &[u8]| decode_grey(bytes, limits).map(drop);
    let floors: [(&str, Part<'_>); 8] = [
        ("colour JPEG: bits and block means alone", &|| eighth(&colour)),
        ("colour JPEG: every pixel's luma", &|| whole(&colour)),
        ("grey JPEG: bits and block means alone", &|| eighth(&grey)),
        ("grey JPEG: every pixel", &|| whole(&grey)),
        ("writing the grey JPEG", &|| encode_grey(&plane, 95).map(drop)),
        ("writing the grey PNG", &|| encode_png8(&plane).map(drop)),
        ("mapping as many 16-bit samples to 8 bits", &|| {
            black_box(to_eight_bits(black_box(&codes)));
            Ok(())
        }),
        ("copying as many 16-bit samples", &|| {
            black_box(black_box(&codes).clone());
            Ok(())
        }),
    ];
    for (name, run) in floors {
        let mut times = Vec::with_capacity(TIMES);
        run().map_err(told)?;
        for _ in 0..TIMES {
            let start = clock();
            run().map_err(told)?;
            times.push(clock() - start);
        }
        times.sort_unstable();
        println!("{name}\t{}\t{}\t{}", times[3], times[TIMES / 2], times[TIMES - 4]);
    }
    Ok(())
}
