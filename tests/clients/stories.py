"""Tells the stories, and says which claimed operations no one asked for."""

import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import acting
import shapes
import as_terraform
import by_sam
import by_the_cli
import of_functions
import of_images
import of_invocations
import of_layers
import of_logs
import of_objects
import of_signatures
import started_again

# What the local platform claims; `unsupported` in of_functions is about the rest.
CLAIMED = {
    "lambda": """CreateFunction GetFunction ListFunctions UpdateFunctionCode DeleteFunction Invoke
        UpdateFunctionConfiguration GetFunctionConfiguration ListVersionsByFunction
        PublishLayerVersion GetLayerVersion GetLayerVersionByArn ListLayers ListLayerVersions
        DeleteLayerVersion PutFunctionConcurrency GetFunctionConcurrency
        DeleteFunctionConcurrency GetFunctionCodeSigningConfig TagResource UntagResource ListTags
        GetAccountSettings""",
    "logs": """DescribeLogGroups DescribeLogStreams GetLogEvents FilterLogEvents DeleteLogGroup""",
    "s3": """CreateBucket HeadBucket ListBuckets GetBucketLocation DeleteBucket PutObject GetObject
        HeadObject CopyObject DeleteObject DeleteObjects ListObjects ListObjectsV2
        ListObjectVersions CreateMultipartUpload UploadPart UploadPartCopy ListParts
        ListMultipartUploads
        CompleteMultipartUpload AbortMultipartUpload""",
    "sts": "GetCallerIdentity",
}


def tell(told):
    """Tells stories one after another; gives how many failed."""
    failed = 0
    for story in told:
        started = time.monotonic()
        try:
            story()
            outcome = "ok"
        except Exception:  # Whatever went wrong, the next story is told.
            failed += 1
            outcome = "FAILED"
            traceback.print_exc()
        seconds = time.monotonic() - started
        print(f"{acting.name(story)} ... {outcome} ({seconds:.1f} s)", flush=True)
    return failed


def main():
    which, names = sys.argv[1], sys.argv[2:]
    again = [story for story in acting.stories if story.__module__ == started_again.__name__]
    told = again if which == "again" else [s for s in acting.stories if s not in again]
    told = [story for story in told if not names or acting.name(story) in names]
    if not told:
        sys.exit(f"no such story; there are {', '.join(map(acting.name, acting.stories))}")
    others = [story for story in told if getattr(story, "beside", False)]
    with ThreadPoolExecutor(max(1, len(others))) as beside:
        telling = [beside.submit(tell, [story]) for story in others]
        failed = tell([story for story in told if story not in others])
        failed += sum(outcome.result() for outcome in telling)
    print(f"{len(told)} stories, {failed} failed; {sum(shapes.seen.values())} answers of "
          f"{len(shapes.seen)} operations held against botocore's models", flush=True)
    if which == "told" and not names:
        started_again.leave_something()
        claimed = {f"{service}.{operation}" for service, operations in CLAIMED.items()
                   for operation in operations.split()}
        left = sorted(claimed - set(shapes.seen))
        if left:
            print(f"claimed, and asked for by no story: {', '.join(left)}")
            failed += 1
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
