//! A variant that misbehaves is rejected with the reason; everyone else's results stand.

use crate::desk::{Desk, small};

const GOOD_RESIZE: &str = include_str!(
    "../../../assets/applications/image-pipeline/variants/pillow/resize/lambda_function.py"
);

/// What a broken greyscale does, its code, and what the reason must say.
const BROKEN: &[(&str, &str, &str)] = &[
    (
        "crashes",
        "def lambda_handler(event, context):\n    raise ValueError('no luck')\n",
        "no luck",
    ),
    (
        "never-returns",
        "import time\ndef lambda_handler(event, context):\n    time.sleep(3600)\n",
        "timed out",
    ),
    (
        "writes-nothing",
        "def lambda_handler(event, context):
    return {'bucket': event['output_bucket'], 'key': event['output_key'],
            'content_type': 'image/jpeg', 'width': 1, 'height': 1}\n",
        "wrote nothing",
    ),
    (
        "prints-megabytes",
        "import sys\ndef lambda_handler(event, context):
    for _ in range(200):
        print('x' * 100_000)
    return None\n",
        "returned null",
    ),
    (
        "exits",
        "import os\ndef lambda_handler(event, context):\n    os._exit(7)\n",
        "Runtime.ExitError",
    ),
    ("imports-nothing", "import no_such_module\n", "no_such_module"),
    (
        "another-bucket",
        "import boto3
def lambda_handler(event, context):
    boto3.client('s3').list_objects_v2(Bucket='somebody-elses')\n",
        "AccessDenied",
    ),
    (
        "wrong-size",
        "import io, boto3
from PIL import Image
s3 = boto3.client('s3')
def lambda_handler(event, context):
    body = s3.get_object(Bucket=event['bucket'], Key=event['key'])['Body'].read()
    image = Image.open(io.BytesIO(body)).convert('L').resize((64, 48))
    out = io.BytesIO()
    image.save(out, 'JPEG', quality=95)
    s3.put_object(Bucket=event['output_bucket'], Key=event['output_key'], Body=out.getvalue(),
                  ContentType='image/jpeg')
    return {'bucket': event['output_bucket'], 'key': event['output_key'],
            'content_type': 'image/jpeg', 'width': 64, 'height': 48}\n",
        "64",
    ),
];

#[test]
fn each_misbehaviour_is_a_rejection_with_its_reason_and_the_others_results_stand() {
    let mut text = small().replace("passes = 2", "passes = 1").replace("rounds = 2", "rounds = 1");
    for (name, ..) in BROKEN {
        let entry = format!("[[variant]]\nname = \"{name}\"\nsource = \"{name}\"\n\n[[target]]");
        text = text.replace("[[target]]", &entry);
    }
    let desk = Desk::with(&text);
    for (name, code, _) in BROKEN {
        desk.variant(name, &[("greyscale", code), ("resize", GOOD_RESIZE)]);
    }
    let came = desk.run(&["run", "study.toml"]).expect(1);

    let verification = desk.table("study", "verification");
    for (name, _, reason) in BROKEN {
        let rejected = verification
            .iter()
            .find(|row| row["variant"] == *name && row["verdict"] == "rejected")
            .unwrap_or_else(|| panic!("{name} was not rejected\n{}", came.stderr));
        assert_eq!(rejected["function"], "greyscale", "{name}");
        assert!(
            rejected["reason"].to_lowercase().contains(&reason.to_lowercase()),
            "{name}: {}",
            rejected["reason"]
        );
        assert!(came.stdout.contains(name), "{name} is not in the table:\n{}", came.stdout);
    }
    assert!(
        verification
            .iter()
            .filter(|row| row["variant"] == "pillow")
            .all(|row| row["verdict"] == "accepted")
    );
    let raced = desk.table("study", "invocations");
    assert!(raced.iter().any(|row| row["variant"] == "pillow" && row["phase"] == "race"));
    assert!(raced.iter().filter(|row| row["variant"] == "pillow").all(|row| row["status"] == "ok"));
    assert!(!raced.iter().any(|row| row["variant"] == "crashes" && row["phase"] == "race"));
}

#[test]
fn a_finding_is_told_and_rejects_nobody() {
    let desk = Desk::with(&small().replace("source = \"pillow\"", "source = \"own\""));
    desk.bundled_variant("pillow", "own", &["greyscale", "resize"]);
    let path = "own/resize/lambda_function.py";
    let (before, after) = (
        "image.convert(\"F\").resize(SIZE, Image.Resampling.LANCZOS)",
        "image.resize(SIZE, Image.Resampling.LANCZOS).convert(\"F\")",
    );
    let code = desk.read(path);
    assert!(code.contains(before));
    desk.write(path, &code.replace(before, after));
    let came = desk.run(&["run", "study.toml"]).expect(0);
    let finding = "finding  pillow/1: resize: it has only ";
    assert!(came.stdout.contains(finding), "{}", came.stdout);
    assert!(came.stdout.contains("no more than 8 bits hold"), "{}", came.stdout);
    let page = desk.read("results/study/report/index.html");
    assert!(page.contains("Findings, which are no reason to reject"));
}
