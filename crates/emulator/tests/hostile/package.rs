//! Zips as an attacker packs them: names, modes, sizes and links that no packer writes.
//!
//! An entry is `{"name": …}` and one of `"text": …`, `"zeros": bytes` or `"link": target`. Its
//! `"mode"` is octal and goes into the zip as it is; `"times"` repeats it, with its number for
//! `{}` in the name; `"stated"` is the size that the zip's directory claims, and `"really"` a name
//! of the same length that replaces its own, since no packer writes one twice.

use std::io::{Cursor, Write};

use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// What every attack can import: the corpus' own module.
const ATTEMPTS: &str = include_str!("attempts.py");

/// A function's zip.
pub fn code(python: &str, entries: &[Value]) -> Vec<u8> {
    let mut plain = vec![
        serde_json::json!({"name": "lambda_function.py", "text": python}),
        serde_json::json!({"name": "attempts.py", "text": ATTEMPTS}),
    ];
    plain.extend_from_slice(entries);
    zip(&plain)
}

/// A zip of these entries.
pub fn zip(entries: &[Value]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut said = Vec::new();
    for entry in entries {
        let times = entry["times"].as_u64().unwrap_or(1);
        for number in 0..times {
            let name = entry["name"].as_str().expect("a name").replace("{}", &number.to_string());
            add(&mut writer, &name, entry);
            said.push((name, entry));
        }
    }
    let mut bytes = writer.finish().expect("an archive").into_inner();
    let mut at = 0;
    for (name, entry) in said {
        // Only the directory is looked at: there modes and sizes stand.
        at = header_of(&bytes, &name, at);
        if let Some(mode) = entry["mode"].as_str() {
            let mode = u32::from_str_radix(mode, 8).expect("an octal mode");
            bytes[at + 5] = 3;
            bytes[at + 38..at + 42].copy_from_slice(&(mode << 16).to_le_bytes());
        }
        if let Some(stated) = entry["stated"].as_u64() {
            let stated = u32::try_from(stated).expect("a size");
            bytes[at + 24..at + 28].copy_from_slice(&stated.to_le_bytes());
        }
        at += 46;
    }
    for entry in entries {
        if let (Some(name), Some(really)) = (entry["name"].as_str(), entry["really"].as_str()) {
            replace(&mut bytes, name.as_bytes(), really.as_bytes());
        }
    }
    bytes
}

fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    assert_eq!(old.len(), new.len(), "a name of the same length");
    for at in 0..=bytes.len() - old.len() {
        if bytes[at..].starts_with(old) {
            bytes[at..at + new.len()].copy_from_slice(new);
        }
    }
}

fn add(writer: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, entry: &Value) {
    let options = SimpleFileOptions::default().unix_permissions(0o755);
    if let Some(target) = entry["link"].as_str() {
        writer.add_symlink(name, target, options).expect("a link");
        return;
    }
    writer.start_file(name, options).expect("an entry");
    if let Some(zeros) = entry["zeros"].as_u64() {
        let piece = vec![0; 1 << 20];
        for begin in (0..zeros).step_by(piece.len()) {
            let left = usize::try_from(zeros - begin).unwrap_or(usize::MAX);
            writer.write_all(&piece[..left.min(piece.len())]).expect("zeros");
        }
    }
    writer.write_all(entry["text"].as_str().unwrap_or_default().as_bytes()).expect("its text");
}

/// Where the directory of a zip speaks of an entry, from `after` on.
fn header_of(bytes: &[u8], name: &str, after: usize) -> usize {
    let wanted = |at: &usize| {
        bytes[*at..].starts_with(b"PK\x01\x02")
            && bytes.get(*at + 46..).is_some_and(|rest| rest.starts_with(name.as_bytes()))
    };
    (after..bytes.len()).find(wanted).unwrap_or_else(|| panic!("{name} is not in the zip"))
}
