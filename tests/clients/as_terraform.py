"""What Terraform's AWS provider asks for a bucket and a function, as its source has it: Terraform itself
is on no package registry. Whatever of a bucket's settings is NotImplemented it takes for not set."""

from acting import create, functions, identity, objects, refused, story

SETTINGS = """
    get_bucket_policy get_bucket_acl get_bucket_cors get_bucket_website get_bucket_versioning
    get_bucket_accelerate_configuration get_bucket_request_payment get_bucket_logging
    get_bucket_lifecycle_configuration get_bucket_replication get_bucket_encryption
    get_object_lock_configuration get_bucket_tagging""".split()


@story
def a_bucket_and_a_function_are_made_read_and_destroyed():
    assert identity.get_caller_identity()["Account"] == "000000000000"
    objects.create_bucket(Bucket="as-terraform")
    objects.head_bucket(Bucket="as-terraform")
    for ask in SETTINGS:
        refused("NotImplemented", getattr(objects, ask), Bucket="as-terraform")
    create("as-terraform", Tags={"made": "here"})
    shown = functions.get_function(FunctionName="as-terraform")
    assert shown["Tags"] == {"made": "here"} and "Concurrency" not in shown, shown
    versions = functions.list_versions_by_function(FunctionName="as-terraform")["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST"], versions
    signing = functions.get_function_code_signing_config(FunctionName="as-terraform")
    assert not signing.get("CodeSigningConfigArn"), signing
    functions.delete_function(FunctionName="as-terraform")
    refused("ResourceNotFoundException", functions.get_function_code_signing_config,
            FunctionName="as-terraform")
    objects.delete_bucket(Bucket="as-terraform")
