//! A folder becomes the same zip whenever and by whomever it is packed.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use photofinish_package::{
    check_direct_upload, check_function, check_function_name, zip_adapted, zip_directory,
};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn packed_twice_in_other_orders_times_and_modes_it_is_the_same_bytes() {
    let one = folder(&[("lambda_function.py", "x = 1\n"), ("data/a.txt", "a"), ("b.txt", "b")]);
    let other = folder(&[("b.txt", "b"), ("data/a.txt", "a"), ("lambda_function.py", "x = 1\n")]);
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    fs::File::open(other.path().join("b.txt")).unwrap().set_modified(long_ago).unwrap();
    fs::set_permissions(other.path().join("b.txt"), fs::Permissions::from_mode(0o640)).unwrap();
    let (one, other) = (zip_directory(one.path()).unwrap(), zip_directory(other.path()).unwrap());
    assert_eq!(one.sha256, other.sha256);
    assert!(one.bytes == other.bytes);
    assert_eq!(one.code_sha256().len(), 44);
    let names: Vec<&str> = one.manifest.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(names, ["b.txt", "data/a.txt", "lambda_function.py"]);
    assert_eq!(one.unzipped_size(), 8);
}

#[test]
fn what_is_in_the_zip_is_what_was_in_the_folder() {
    let folder = folder(&[("run", "#!/bin/sh\n"), (".hidden", "no"), ("__pycache__/m.pyc", "no")]);
    fs::set_permissions(folder.path().join("run"), fs::Permissions::from_mode(0o700)).unwrap();
    let package = zip_directory(folder.path()).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(package.bytes)).unwrap();
    assert_eq!(archive.len(), 1);
    let mut member = archive.by_index(0).unwrap();
    let mut text = String::new();
    member.read_to_string(&mut text).unwrap();
    assert_eq!(text, "#!/bin/sh\n");
    assert_eq!(member.unix_mode().map(|mode| mode & 0o777), Some(0o755));
}

#[test]
fn a_link_that_leads_out_of_the_folder_is_refused_and_one_inside_is_followed() {
    let folder = folder(&[("a.py", "a = 1\n")]);
    symlink("a.py", folder.path().join("b.py")).unwrap();
    assert_eq!(zip_directory(folder.path()).unwrap().manifest.files.len(), 2);
    symlink("/etc/hostname", folder.path().join("c.py")).unwrap();
    let why = zip_directory(folder.path()).unwrap_err().to_string();
    assert!(why.contains("c.py") && why.contains("leads out"), "{why}");
}

#[test]
fn nothing_to_pack_is_said_with_the_folder() {
    let empty = folder(&[(".hidden", "x")]);
    assert!(zip_directory(empty.path()).unwrap_err().to_string().contains("has no files"));
    assert!(zip_directory(Path::new("/nowhere")).unwrap_err().to_string().contains("/nowhere"));
}

#[test]
fn lambdas_limits_are_named_with_their_numbers() {
    let code = zip_directory(folder(&[("a.py", "a = 1\n")]).path()).unwrap();
    check_function(&code, &[&code; 5]).unwrap();
    let why = check_function(&code, &[&code; 6]).unwrap_err().to_string();
    assert!(why.contains("6 layers") && why.contains("at most 5"), "{why}");
    let mut large = code.clone();
    large.manifest.unzipped_size = 250 * 1024 * 1024;
    let why = check_function(&code, &[&large]).unwrap_err().to_string();
    assert!(why.contains("262144006 bytes") && why.contains("at most 262144000"), "{why}");
    large.bytes = vec![0; 50 * 1024 * 1024 + 1];
    let why = check_direct_upload(&large).unwrap_err().to_string();
    assert!(why.contains("52428801 bytes") && why.contains("by way of S3"), "{why}");
    check_function_name(&"a".repeat(64)).unwrap();
    assert!(
        check_function_name(&"a".repeat(65)).unwrap_err().to_string().contains("65 characters")
    );
    assert!(check_function_name("a.b").unwrap_err().to_string().contains("`a.b`"));
}

#[test]
fn what_is_written_beside_takes_its_place_and_what_stands_in_does_not() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("function.py", "own"), ("storage.py", "own"), ("kept.py", "own")] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let written: [(&str, &[u8]); 2] =
        [("lambda_function.py", b"entry"), ("function/storage.py", b"written")];
    let stand_ins: [(&str, &[u8]); 2] =
        [("function/kept.py", b"stand-in"), ("function/__init__.py", b"")];
    let package = zip_adapted(folder.path(), "function", &written, &stand_ins).unwrap();
    let found: Vec<(&str, u64)> =
        package.manifest.files.iter().map(|file| (file.path.as_str(), file.size)).collect();
    assert_eq!(
        found,
        [
            ("function/__init__.py", 0),
            ("function/function.py", 3),
            ("function/kept.py", 3),
            ("function/storage.py", 7),
            ("lambda_function.py", 5),
        ]
    );
}
