//! Limits tried on implementations that are known to be right or wrong.

use crate::desk::Desk;

/// An application of one function on one small picture.
const APPLICATION: &str = r#"
format = 1
name = "tiny"
description = "one function"
image = []

[[function]]
name = "depth"
kind = "CPU-intensive"
extension = "png"
"#;

const CONTRACT: &str = r#"
format = 1

[function.depth]
reference = "builtin:depth"
comparison = "image"
media_type = "image/png"
limits = { pixel = 1.0, levels = 255.0 }

[[fixture]]
name = "all-codes"
function = "depth"
generate = "all-codes"
width = 64
height = 48
"#;

/// A depth function that gives each code this level.
fn depth(header: &str, level: &str) -> String {
    format!(
        "\"\"\"{header}\n\"\"\"
import io
import boto3
from PIL import Image
s3 = boto3.client('s3')
def lambda_handler(event, context):
    body = s3.get_object(Bucket=event['bucket'], Key=event['key'])['Body'].read()
    image = Image.open(io.BytesIO(body))
    codes = memoryview(image.tobytes()).cast('H')
    grey = Image.frombytes('L', image.size, bytes({level} for v in codes))
    out = io.BytesIO()
    grey.save(out, 'PNG')
    s3.put_object(Bucket=event['output_bucket'], Key=event['output_key'], Body=out.getvalue(),
                  ContentType='image/png')
    return {{'bucket': event['output_bucket'], 'key': event['output_key'],
            'content_type': 'image/png', 'width': image.width, 'height': image.height}}\n"
    )
}

fn tiny() -> Desk {
    let desk = Desk::with("");
    desk.write("tiny/application.toml", APPLICATION);
    desk.write("tiny/contract.toml", CONTRACT);
    let right = "In whole numbers.\n\nlayers: pillow";
    desk.write("tiny/mutants/right/depth/whole.py", &depth(right, "(v * 255 + 511) // 1023"));
    let wrong = "Takes the low byte.\n\nkind: byte-of-two\nlayers: pillow";
    desk.write("tiny/mutants/wrong/depth/low_byte.py", &depth(wrong, "v & 255"));
    desk.write(
        "tiny/mutants/wrong/depth/raises.py",
        "\"\"\"Gives up.\n\nkind: gives-up\nlayers: none\n\"\"\"\n\
         def lambda_handler(event, context):\n    raise ValueError('no luck')\n",
    );
    desk
}

#[test]
fn limits_hold_if_every_right_one_is_accepted_and_every_wrong_one_rejected() {
    let desk = tiny();
    let came = desk.run(&["margins", "tiny"]).expect(0);
    let depth = "depth: 1 of 1 right accepted, 2 of 2 wrong rejected, 1 of them by failing";
    assert!(came.stdout.contains(depth), "{}", came.stdout);
    for line in ["pixel", "at most 1", "worst right", "whole on all-codes", "low_byte on all-codes"]
    {
        assert!(came.stdout.contains(line), "{line}: {}", came.stdout);
    }
}

#[test]
fn a_wrong_one_that_is_accepted_and_a_right_one_that_is_rejected_are_a_no_and_named() {
    let desk = tiny();
    let harmless = "Is right after all.\n\nkind: none-at-all\nlayers: pillow";
    desk.write("tiny/mutants/wrong/depth/harmless.py", &depth(harmless, "(v * 1021 + 2048) >> 12"));
    let came = desk.run(&["margins", "tiny", "--only", "harmless", "--quick"]).expect(1);
    let line = "ACCEPTED wrong/depth/harmless on 1 fixture: Is right after all.";
    assert!(came.stdout.contains(line), "{}", came.stdout);

    let clips = "Clips.\n\nlayers: pillow";
    desk.write("tiny/mutants/right/depth/clips.py", &depth(clips, "min(v, 255)"));
    let came = desk.run(&["margins", "tiny", "--seed", "7", "--json"]).expect(1);
    let found: serde_json::Value = serde_json::from_str(&came.stdout).unwrap();
    assert_eq!((&found["format"], &found["is_as_it_must_be"]), (&1.into(), &false.into()));
    assert_eq!(found["draws"].as_array().unwrap().len(), 2);
    let depth = &found["draws"][0]["functions"][0];
    assert_eq!(depth["right"], serde_json::json!({ "files": 2, "accepted": 1 }));
    let wrong = serde_json::json!({ "files": 3, "rejected": 2, "by_failing": 1 });
    assert_eq!(depth["wrong"], wrong);
    assert_eq!(depth["limits"][0]["limit"], "pixel");
    assert_eq!(depth["limits"][0]["nearest_wrong"]["name"], "low_byte");
    let files = depth["files"].as_array().unwrap();
    let clips = files.iter().find(|file| file["file"] == "right/depth/clips").unwrap();
    assert_eq!(clips["is_as_it_must_be"], false);
    assert!(clips["fixtures"][0]["reason"].is_string(), "{clips}");
}

#[test]
fn a_header_that_is_wrong_is_shown_with_its_place_before_anything_runs() {
    let desk = tiny();
    let header = "Says.\n\nkind: clipped\nlayers: opencv";
    desk.write("tiny/mutants/wrong/depth/x.py", &depth(header, "0"));
    let came = desk.run(&["margins", "tiny"]).expect(2);
    assert!(came.stderr.contains("`layers: numpy, opencv`"), "{}", came.stderr);
    desk.write("tiny/mutants/wrong/depth/x.py", &depth("Says.\n\nlayers: pillow", "0"));
    let came = desk.run(&["margins", "tiny"]).expect(2);
    assert!(came.stderr.contains("x.py:1:1: its docstring does not say `kind`"), "{}", came.stderr);

    let came = desk.run(&["margins", "image-pipelin"]).expect(2);
    assert!(came.stderr.contains("bundled: image-pipeline"), "{}", came.stderr);
    let came = desk.run(&["margins", "--function", "rotat"]).expect(2);
    assert!(came.stderr.contains("did you mean `rotate`?"), "{}", came.stderr);
    let came = desk.run(&["margins", "--only", "no-such"]).expect(2);
    assert!(came.stderr.contains("no such implementation"), "{}", came.stderr);
}
