//! Contracts that cannot be read.

use photofinish_verify::Contract;

use crate::desk::*;

#[test]
fn a_contract_that_cannot_be_read_says_where_and_what_to_write() {
    let whole = std::fs::read_to_string(application().join("contract.toml")).expect("it");
    let folder = std::env::temp_dir().join(format!("photofinish-contract-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let refused = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        let path = folder.join("contract.toml");
        std::fs::write(&path, whole.replacen(from, to, 1)).expect("a file");
        let error = Contract::read(&path).expect_err(to);
        let (line, _) = error.line_and_column().expect("a place");
        assert!(line > 1, "{error}");
        error.to_string()
    };
    let unknown = refused("quality = 95", "qualty = 95");
    assert!(unknown.contains("qualty") && unknown.contains("quality"), "{unknown}");
    let reference = refused("builtin:rotate", "builtin:rotat");
    assert!(reference.contains("builtin:rotat"), "{reference}");
    assert!(refused("comparison = \"image\"", "comparison = \"imge\"").contains("imge"));
    assert!(refused("block_mean", "blockmean").contains("blockmean"));
    assert!(refused("format = 1", "format = 9").contains('9'));
    std::fs::remove_dir_all(&folder).expect("it goes");
}
